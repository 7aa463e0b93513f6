"""The chain in force, kept in memory, and the one that a town begins with."""

from dataclasses import dataclass

from gridloop.base.common.worktime import LimitUnit
from gridloop.capabilities.oversight.models import AlertLevel, ChainStep, Whom
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.revisions import cached

REVISION = "oversight_chain"


@dataclass(frozen=True, slots=True)
class Default:
    """A link of the chain that a town begins with; local default, no law fixes it."""

    level: AlertLevel
    whom: tuple[Whom, ...]
    share: int | None = None
    amount: int | None = None
    unit: str = ""
    urgency: str = ""


DEFAULTS: tuple[Default, ...] = (
    Default(AlertLevel.WARN, (Whom.HANDLER,), share=75),
    Default(AlertLevel.OVERDUE, (Whom.HANDLER, Whom.UNIT_LEAD), amount=0, unit=LimitUnit.WORKING_HOUR),
    Default(AlertLevel.OVERDUE, (Whom.UNIT_LEAD, Whom.CENTRE), amount=4, unit=LimitUnit.WORKING_HOUR),
    Default(AlertLevel.OVERDUE, (Whom.LEADER,), amount=1, unit=LimitUnit.WORKING_DAY),
    Default(AlertLevel.WARN, (Whom.HANDLER, Whom.UNIT_LEAD), share=50, urgency=Urgency.CRITICAL.value),
    Default(
        AlertLevel.OVERDUE,
        (Whom.CENTRE, Whom.LEADER),
        amount=0,
        unit=LimitUnit.MINUTE,
        urgency=Urgency.CRITICAL.value,
    ),
)


def chain() -> list[ChainStep]:
    """Return the active steps, in the order of their keys."""
    return cached(REVISION, _load)


def steps_for(stage: str, urgency: str) -> list[ChainStep]:
    """Return the steps that hold for a deadline of this stage, on a case of this urgency."""
    return [s for s in chain() if s.stage in ("", stage) and s.urgency in ("", urgency)]


def _load() -> list[ChainStep]:
    return list(ChainStep.objects.filter(is_active=True).order_by("pk"))
