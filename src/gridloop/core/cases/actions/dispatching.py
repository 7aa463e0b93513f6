"""To whom a case goes: dispatch, sign for, send back, adjudicate, transfer, add an assistant, recall."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases.actions.given import check_unit_ids, one_of
from gridloop.core.cases.actions.move import Move, verb
from gridloop.core.cases.actions.triage import recall_orders
from gridloop.core.cases.labels import SendBackReason
from gridloop.core.cases.models import OrderRole, WorkOrder
from gridloop.core.cases.rules import rules
from gridloop.core.cases.workflow import OrderState
from gridloop.core.org.models import Unit
from gridloop.core.org.posts import posts_of


@verb
def dispatch(
    move: Move,
    *,
    lead_unit_id: int,
    assist_unit_ids: Iterable[int] = (),
    demand: str = "",
    assignee_id: int | None = None,
) -> None:
    """
    派遣: give the case to a lead and to assisting units, each by a work order of its own.

    `assignee` is the person of the lead unit who is to handle it, where the unit takes work by name.

    :raises InvalidInput: a unit does not exist or is closed down, or stands twice; the person holds no post
        in the lead unit, or the unit takes no work by name.
    """
    _give_out(move, lead_unit_id, list(assist_unit_ids), demand, assignee_id, is_fixed=False)


@verb
def adjudicate(
    move: Move,
    *,
    lead_unit_id: int,
    assist_unit_ids: Iterable[int] = (),
    demand: str = "",
    assignee_id: int | None = None,
) -> None:
    """裁定主办: fix, after repeated send-backs, the lead who cannot send the case back."""
    move.change(is_adjudicating=False)
    _give_out(move, lead_unit_id, list(assist_unit_ids), demand, assignee_id, is_fixed=True)


@verb
def recall(move: Move) -> None:
    """撤回派遣: take back a dispatch that no unit has signed for yet."""
    recall_orders(move)


@verb
def sign_for(move: Move) -> None:
    """签收: the actor's unit takes its work order."""
    order = my_order(move, OrderState.ISSUED)
    move.file.enter_order(
        order, OrderState.HANDLING, move.at, signed_at=move.at, signed_by_id=move.actor.user_id
    )
    move.record(order=order.pk)


@verb
def send_back(move: Move, *, reason: SendBackReason) -> None:
    """
    退单: the actor's unit says that the order is not its to handle, on a ground that the duty list gives.

    A lead order counts; with the last one that the town allows the case goes to adjudication instead of a
    further dispatch.
    """
    order = my_order(move, OrderState.ISSUED)
    move.file.enter_order(
        order,
        OrderState.SENT_BACK,
        move.at,
        send_back_reason=one_of(SendBackReason, reason, "reason"),
        handled_by_id=move.actor.user_id,
    )
    move.record(order=order.pk, reason=reason)
    if order.role == OrderRole.LEAD:
        count = move.case.send_backs + 1
        move.change(send_backs=count, is_adjudicating=count >= rules().most_send_backs)
    move.follow_orders()


@verb
def transfer(move: Move, *, from_unit_id: int, to_unit_id: int, assignee_id: int | None = None) -> None:
    """
    改派: move one unit's share to another unit, which signs for it anew; an adjudicated lead stays the lead.

    Whoever had it by name had it in the old unit; `assignee` is a person of the new one.
    """
    order = move.file.order_of(from_unit_id)
    if order is None:
        raise InvalidInput(_("所选单位没有未办结的工单。"), fields={"from_unit_id": _("请选择在办单位")})
    move.file.enter_order(order, OrderState.TRANSFERRED, move.at)
    _check_units(move, to_unit_id=[to_unit_id])
    _issue(move, to_unit_id, OrderRole(order.role), order.demand, assignee_id, is_fixed=order.is_fixed)
    move.record(order=order.pk, from_unit=from_unit_id, to_unit=to_unit_id)
    _record_name(move, assignee_id)
    move.follow_orders()


@verb
def add_assistant(move: Move, *, unit_id: int, demand: str = "") -> None:
    """增加协办: bring one more unit in beside the lead."""
    _check_units(move, unit_id=[unit_id])
    _issue(move, unit_id, OrderRole.ASSIST, demand, is_fixed=False)
    move.record(unit=unit_id)
    move.follow_orders()


def _give_out(
    move: Move, lead: int, assistants: list[int], demand: str, assignee_id: int | None, *, is_fixed: bool
) -> None:
    _check_units(move, lead_unit_id=[lead], assist_unit_ids=assistants)
    _issue(move, lead, OrderRole.LEAD, demand, assignee_id, is_fixed=is_fixed)
    for unit_id in assistants:
        _issue(move, unit_id, OrderRole.ASSIST, demand, is_fixed=False)
    move.record(lead=lead, assistants=assistants)
    _record_name(move, assignee_id)
    move.follow_orders()


def _issue(
    move: Move,
    unit_id: int,
    role: OrderRole,
    demand: str,
    assignee_id: int | None = None,
    *,
    is_fixed: bool,
) -> None:
    _check_assignee(move, unit_id, assignee_id)
    move.file.issue(
        WorkOrder(
            case=move.case,
            unit_id=unit_id,
            role=role,
            assignee_id=assignee_id,
            state=OrderState.ISSUED,
            is_fixed=is_fixed,
            demand=demand.strip(),
            issued_at=move.at,
        )
    )


def _check_units(move: Move, **given: list[int]) -> None:
    """Refuse units that cannot take an order; `given` has them by the field in which they were chosen."""
    unit_ids = [i for field, ids in given.items() for i in check_unit_ids(ids, field)]
    held = {order.unit_id for order in move.file.active_orders()}
    open_units = _open_units(move, unit_ids)
    if len(set(unit_ids)) != len(unit_ids):
        raise InvalidInput(_("同一单位不能既主办又协办。"), fields={"assist_unit_ids": _("与主办单位重复")})
    for field, ids in given.items():
        if held & set(ids):
            raise InvalidInput(_("所选单位已有本案件的工单。"), fields={field: _("请选择其他单位")})
        if set(ids) - open_units:
            raise InvalidInput(_("所选单位不存在或已停用。"), fields={field: _("请重新选择单位")})


def _check_assignee(move: Move, unit_id: int, assignee_id: object) -> None:
    """Refuse a person who is not of the unit that day, or a unit that hands its work out itself."""
    if assignee_id is None:
        return
    on = move.file.times.work.date_of(move.at)
    posts = posts_of(assignee_id, on) if isinstance(assignee_id, int) else []
    held = [post for post in posts if post.unit_id == unit_id]
    if not held:
        raise InvalidInput(
            _("所选人员不在这个单位任职，请重新选择。"), fields={"assignee_id": _("不是该单位人员")}
        )
    if not held[0].unit.takes_named:
        raise InvalidInput(
            _("“%(unit)s”由单位自行分派，不能直接派到人。") % {"unit": held[0].unit.name},
            fields={"assignee_id": _("该单位不接受派到人")},
        )


def _record_name(move: Move, assignee_id: int | None) -> None:
    if assignee_id is not None:
        move.record(assignee=assignee_id)


def _open_units(move: Move, unit_ids: list[int]) -> frozenset[int]:
    if move.file.times.units is not None:
        return move.file.times.units
    return frozenset(Unit.objects.filter(pk__in=unit_ids, is_active=True).values_list("pk", flat=True))


def my_order(move: Move, state: OrderState) -> WorkOrder:
    """Return the order of the actor's unit in `state`; the policies have made sure that there is one."""
    order = move.file.order_of(move.actor.unit_id, {state})
    if order is None:
        raise AssertionError(f"{move.rule.name} without an order that is {state}")
    return order
