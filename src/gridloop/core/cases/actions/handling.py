"""The unit's work: more time, a pause, the result."""

from datetime import datetime
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.cases.actions.dispatching import my_order
from gridloop.core.cases.actions.given import check_pause
from gridloop.core.cases.actions.move import Move, verb
from gridloop.core.cases.models import Case, TimeRequest
from gridloop.core.cases.workflow import OrderState
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import SYSTEM

log = structlog.get_logger(__name__)

MOST_EXTENSION = 60  # in the deadline's own unit: what is asked beyond it is a slip of the finger


@verb
def request_extension(move: Move, *, amount: int) -> None:
    """
    申请延期: ask that the handling deadline be moved on by `amount` of its own unit; the note is the reason.
    """
    if not 1 <= amount <= MOST_EXTENSION:
        raise InvalidInput(
            _("延长的时限应在 1 到 %(most)s 之间。") % {"most": MOST_EXTENSION},
            fields={"amount": _("超出范围")},
        )
    _ask(move, TimeRequest.Kind.EXTENSION, amount=amount, until=None)


@verb
def request_suspension(move: Move, *, until: datetime) -> None:
    """
    申请挂起: ask that all clocks of the case stand still until a moment to come; the note is the reason.
    """
    check_pause(until, at=move.at, work=move.file.times.work)
    _ask(move, TimeRequest.Kind.SUSPENSION, amount=None, until=until)


@verb
def grant_extension(move: Move) -> None:
    """同意延期: move the deadline as asked."""
    request = _decided(move, is_granted=True)
    order = next(o for o in move.file.orders if o.pk == request.order_id)
    clock = move.file.clock(Stage.HANDLE, order)
    if clock is None or request.amount is None:
        raise InvalidInput(_("该工单已没有处置时限，无需延期。"))
    move.file.extend(clock, request.amount)
    move.record(amount=request.amount, due_at=clock.due_at)


@verb
def grant_suspension(move: Move) -> None:
    """同意挂起: stop the clocks until the date asked for, when the case goes on by itself."""
    request = _decided(move, is_granted=True)
    if request.until is None or request.until <= move.at:
        raise InvalidInput(_("申请的恢复时间已过，请让承办单位重新申请。"))
    move.change(resume_at=request.until)


@verb
def refuse_time(move: Move) -> None:
    """不同意: refuse the extension or the suspension that was asked for; the note says why."""
    _decided(move, is_granted=False)


@verb
def resume(move: Move) -> None:
    """恢复办理: let the clocks go on where they stopped."""
    move.change(resume_at=None)
    move.follow_orders()


@verb
def submit_result(move: Move) -> None:
    """
    提交结果: the actor's unit has done its share; the note is the result. With the last share the case is
    handled.
    """
    order = my_order(move, OrderState.HANDLING)
    move.file.enter_order(order, OrderState.DONE, move.at, result=move.note, handled_by_id=move.actor.user_id)
    move.record(order=order.pk)
    move.change(outcome=move.note)
    move.follow_orders()


def resume_due(*, at: datetime) -> int:
    """
    Resume, as the system, every case whose suspension has run out at `at`; return how many.

    One that somebody resumes at this very moment, or whose deadline cannot be counted, stops no other.
    """
    due = Case.objects.to_resume(at).order_by("resume_at", "pk").values_list("pk", flat=True)
    return sum(_resumed(case_id, at) for case_id in list(due))


def _resumed(case_id: UUID, at: datetime) -> bool:
    try:
        resume(case_id, actor=SYSTEM, at=at)
    except DomainError as refusal:
        log.warning("case_not_resumed", case=str(case_id), code=refusal.code)
        return False
    return True


def _ask(move: Move, kind: TimeRequest.Kind, *, amount: int | None, until: datetime | None) -> None:
    order = my_order(move, OrderState.HANDLING)
    request = TimeRequest(
        case=move.case,
        order=order,
        kind=kind,
        amount=amount,
        until=until,
        reason=move.note,
        asked_at=move.at,
        asked_by_id=move.actor.user_id,
    )
    move.file.add(request)
    move.file.pending = request
    move.record(request=request.pk, amount=amount, until=until)


def _decided(move: Move, *, is_granted: bool) -> TimeRequest:
    request = move.file.pending
    if request is None:
        raise AssertionError("the policies let a decision pass without a request")
    move.file.set(request, decided_at=move.at, decided_by_id=move.actor.user_id, is_granted=is_granted)
    move.file.pending = None
    move.record(request=request.pk, is_granted=is_granted)
    return request
