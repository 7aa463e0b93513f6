"""From how many times on a case is a problem case, and when it became one: by what is written of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gridloop.capabilities.oversight.models import ProblemKind, ProblemRule
from gridloop.core.cases.models import WorkOrder
from gridloop.core.cases.workflow import OrderState
from gridloop.core.org.revisions import cached

REVISION = "oversight_problems"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From how many times on, 0 for never; and whether a slip is issued by the rule."""

    times: int
    is_supervised: bool = True


# Local default: no law fixes it. Three of the latter two stand in what towns publish as 问题工单.
DEFAULTS: dict[ProblemKind, Threshold] = {
    ProblemKind.REPEAT: Threshold(2),
    ProblemKind.REWORK: Threshold(3),
    ProblemKind.TRANSFER: Threshold(3),
}


def thresholds() -> dict[ProblemKind, Threshold]:
    """Return the rule of each kind that is in force."""
    return cached(REVISION, _load)


def repeats(orders: Iterable[WorkOrder]) -> list[datetime]:
    """Return when the case was sent again to a unit that had been sent it before, in order of time."""
    seen: Counter[int] = Counter()
    again = []
    for order in sorted(orders, key=lambda o: (o.issued_at, o.pk)):
        if seen[order.unit_id]:
            again.append(order.issued_at)
        seen[order.unit_id] += 1
    return again


def transfers(orders: Iterable[WorkOrder]) -> list[datetime]:
    """Return when a unit's share was given to another one, in order of time."""
    return sorted(o.ended_at for o in orders if o.state == OrderState.TRANSFERRED and o.ended_at)


def nth(moments: Sequence[datetime], times: int) -> datetime | None:
    """Return the moment at which it happened for the `times`-th time; None before that, or for 0."""
    return moments[times - 1] if 0 < times <= len(moments) else None


def _load() -> dict[ProblemKind, Threshold]:
    kept = {
        ProblemKind(row.kind): Threshold(row.threshold, row.is_supervised)
        for row in ProblemRule.objects.all()
    }
    return DEFAULTS | kept
