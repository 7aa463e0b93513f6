"""The inbox as data: what waits for whom. A box is shown to those who hold its permission."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.labels import Label
from gridloop.core.cases.models import Case, TimeRequest, WorkOrder
from gridloop.core.cases.workflow import ACTIVE_ORDERS, OPEN, OrderState, State
from gridloop.core.org.actors import Actor

MOST_COUNTED = 100  # beyond this the number says 99+; nobody works off a longer list by its length

Cases = QuerySet[Case]
BY_DUE = ("due_at", "pk")
NEWEST = ("-pk",)


@dataclass(frozen=True, slots=True)
class Box:
    """
    One pile of work: its cases, and the order in which they want to be done.

    Drills lie in a pile of their own, which is there while one runs, and in no other.
    """

    name: str
    label: Label
    icon: str
    permission: str
    narrow: Callable[[Cases, Actor], Cases]
    order: tuple[str, ...] = BY_DUE
    is_drill: bool = False

    def waiting(self, actor: Actor) -> Cases:
        """Return the cases of the pile that the actor sees."""
        cases = Case.objects.visible_to(actor).filter(is_drill=self.is_drill)
        return self.narrow(cases, actor)


def _in(*states: State) -> Callable[[Cases, Actor], Cases]:
    return lambda cases, _actor: cases.filter(state__in=states)


def _registered(*, is_adjudicating: bool) -> Callable[[Cases, Actor], Cases]:
    return lambda cases, _actor: cases.filter(state=State.REGISTERED, is_adjudicating=is_adjudicating)


def _flagged(flag: str) -> Callable[[Cases, Actor], Cases]:
    return lambda cases, _actor: cases.filter(**{flag: True})


def _handled(*, is_verified: bool) -> Callable[[Cases, Actor], Cases]:
    def narrow(cases: Cases, actor: Actor) -> Cases:
        waiting = cases.filter(state=State.HANDLED, verified_at__isnull=not is_verified)
        return waiting if is_verified else waiting.exclude(_handled_by(actor))

    return narrow


def _handled_by(actor: Actor) -> Exists:
    # Who handled a case does not verify it, so it does not wait for them.
    mine = Q(unit=actor.unit_id) | Q(handled_by=actor.user_id) | Q(signed_by=actor.user_id)
    return Exists(WorkOrder.objects.filter(mine, case=OuterRef("pk"), state__in=sorted(ACTIVE_ORDERS)))


def _mine(state: OrderState) -> Callable[[Cases, Actor], Cases]:
    def narrow(cases: Cases, actor: Actor) -> Cases:
        orders = WorkOrder.objects.waiting_for(actor.unit_id).filter(state=state)
        return cases.filter(pk__in=orders.values("case"), state__in=[State.DISPATCHED, State.HANDLING])

    return narrow


def _given_to_me(cases: Cases, actor: Actor) -> Cases:
    orders = WorkOrder.objects.given_to(actor)
    return cases.filter(pk__in=orders.values("case"), state__in=[State.DISPATCHED, State.HANDLING])


def _asks_for_time(cases: Cases, actor: Actor) -> Cases:
    waiting = TimeRequest.objects.filter(case=OuterRef("pk"), decided_at=None).exclude(asked_by=actor.user_id)
    return cases.filter(
        Exists(waiting),
        state__in=[State.DISPATCHED, State.HANDLING],
    )


BOXES: dict[str, Box] = {
    box.name: box
    for box in (
        Box("to_me", _("指定给我"), "user-check", "case.sign_for", _given_to_me),
        Box("to_register", _("待受理"), "inbox", "case.register", _in(State.REPORTED)),
        Box("to_adjudicate", _("待裁定"), "gavel", "case.adjudicate", _registered(is_adjudicating=True)),
        Box("to_dispatch", _("待派遣"), "send", "case.dispatch", _registered(is_adjudicating=False)),
        Box("to_sign", _("待签收"), "ballpen", "case.sign_for", _mine(OrderState.ISSUED)),
        Box("to_handle", _("待处置"), "tools", "case.submit_result", _mine(OrderState.HANDLING)),
        Box("to_approve", _("待审批"), "hourglass", "case.decide_time", _asks_for_time),
        Box("to_verify", _("待核查"), "checkbox", "case.verify", _handled(is_verified=False)),
        Box("to_close", _("待结案"), "archive", "case.close", _handled(is_verified=True)),
        Box("to_call_back", _("待回访"), "phone-call", "case.call_back", _flagged("needs_call_back"), NEWEST),
        Box("to_review", _("待复核"), "mood-sad", "case.review", _flagged("needs_review"), NEWEST),
        Box("escalated", _("已提级"), "arrow-forward-up", "case.hand_down", _in(State.ESCALATED), NEWEST),
        Box("suspended", _("已挂起"), "player-pause", "case.decide_time", _in(State.SUSPENDED), NEWEST),
        Box("drills", _("演练"), "test-pipe", "case.view", _in(*sorted(OPEN)), is_drill=True),
    )
}


def boxes_of(actor: Actor) -> list[Box]:
    """Return the boxes that this person works from."""
    return [box for box in BOXES.values() if actor.can(box.permission)]


def counts(boxes: list[Box], actor: Actor) -> dict[str, int]:
    """Return how many cases wait in each box, counted up to `MOST_COUNTED`, in one statement."""
    if not boxes:
        return {}
    parts = [
        box.waiting(actor).order_by().annotate(box=Value(box.name)).values_list("box")[:MOST_COUNTED]
        for box in boxes
    ]
    first, *rest = parts
    rows = first.union(*rest, all=True) if rest else first
    return dict(Counter(name for (name,) in rows))
