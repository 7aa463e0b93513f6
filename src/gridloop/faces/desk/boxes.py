"""The inbox as data: what waits for whom. A box is shown to those who hold its permission."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.labels import Label
from gridloop.core.cases.models import Case, TimeRequest, WorkOrder
from gridloop.core.cases.workflow import OrderState, State
from gridloop.core.org.actors import Actor

MOST_COUNTED = 100  # beyond this the number says 99+; nobody works off a longer list by its length

Cases = QuerySet[Case]
BY_DUE = ("due_at", "pk")
NEWEST = ("-pk",)


@dataclass(frozen=True, slots=True)
class Box:
    """One pile of work: its cases, and the order in which they want to be done."""

    name: str
    label: Label
    permission: str
    narrow: Callable[[Cases, Actor], Cases]
    order: tuple[str, ...] = BY_DUE


def _in(*states: State) -> Callable[[Cases, Actor], Cases]:
    return lambda cases, _actor: cases.filter(state__in=states)


def _mine(state: OrderState) -> Callable[[Cases, Actor], Cases]:
    def narrow(cases: Cases, actor: Actor) -> Cases:
        orders = WorkOrder.objects.filter(unit=actor.unit_id, state=state, is_case_open=True)
        return cases.filter(pk__in=orders.values("case"), state__in=[State.DISPATCHED, State.HANDLING])

    return narrow


def _asks_for_time(cases: Cases, _actor: Actor) -> Cases:
    return cases.filter(
        Exists(TimeRequest.objects.filter(case=OuterRef("pk"), decided_at=None)),
        state__in=[State.DISPATCHED, State.HANDLING],
    )


BOXES: dict[str, Box] = {
    box.name: box
    for box in (
        Box("to_register", _("待受理"), "case.register", _in(State.REPORTED)),
        Box(
            "to_adjudicate",
            _("待裁定"),
            "case.adjudicate",
            lambda cases, _a: cases.filter(state=State.REGISTERED, is_adjudicating=True),
        ),
        Box(
            "to_dispatch",
            _("待派遣"),
            "case.dispatch",
            lambda cases, _a: cases.filter(state=State.REGISTERED, is_adjudicating=False),
        ),
        Box("to_sign", _("待签收"), "case.sign_for", _mine(OrderState.ISSUED)),
        Box("to_handle", _("待处置"), "case.submit_result", _mine(OrderState.HANDLING)),
        Box("to_approve", _("待审批"), "case.decide_time", _asks_for_time),
        Box(
            "to_verify",
            _("待核查"),
            "case.verify",
            lambda cases, _a: cases.filter(state=State.HANDLED, verified_at=None),
        ),
        Box(
            "to_close",
            _("待结案"),
            "case.close",
            lambda cases, _a: cases.filter(state=State.HANDLED, verified_at__isnull=False),
        ),
        Box(
            "to_call_back",
            _("待回访"),
            "case.call_back",
            lambda cases, _a: cases.filter(needs_call_back=True),
            NEWEST,
        ),
        Box(
            "to_review", _("待复核"), "case.review", lambda cases, _a: cases.filter(needs_review=True), NEWEST
        ),
        Box("escalated", _("已提级"), "case.hand_down", _in(State.ESCALATED), NEWEST),
        Box("suspended", _("已挂起"), "case.decide_time", _in(State.SUSPENDED), NEWEST),
    )
}


def boxes_of(actor: Actor) -> list[Box]:
    """Return the boxes that this person works from."""
    return [box for box in BOXES.values() if actor.can(box.permission)]


def counts(boxes: list[Box], actor: Actor) -> dict[str, int]:
    """Return how many cases wait in each box, counted up to `MOST_COUNTED`, in one statement."""
    if not boxes:
        return {}
    visible = Case.objects.visible_to(actor)
    parts = [
        box.narrow(visible, actor).order_by().annotate(box=Value(box.name)).values_list("box")[:MOST_COUNTED]
        for box in boxes
    ]
    first, *rest = parts
    rows = first.union(*rest, all=True) if rest else first
    return dict(Counter(name for (name,) in rows))


@dataclass(frozen=True, slots=True)
class Due:
    """How a deadline stands, in words and as a class of the list."""

    at: datetime
    tone: str  # late, soon or ok
    minutes: int


def due(at: datetime | None, now: datetime, *, soon_m: int = 240) -> Due | None:
    """Return how the deadline `at` stands at `now`; `minutes` is negative when it is past."""
    if at is None:
        return None
    minutes = int((at - now).total_seconds() // 60)
    return Due(at, "late" if minutes < 0 else "soon" if minutes < soon_m else "ok", minutes)
