"""
What the state allows and what the person may do. `check_x` raises; `can_x` and `why_not` answer; both read
the same rules: the transition table, and below it one short condition for each verb that has one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, NotAllowed, NotFound
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.errors import InvalidTransition, LimitReached
from gridloop.core.cases.labels import STATES, VERBS
from gridloop.core.cases.models import OrderRole, TimeRequest
from gridloop.core.cases.rules import rules
from gridloop.core.cases.sight import left_at
from gridloop.core.cases.workflow import TRANSITIONS, By, OrderState, State
from gridloop.core.org.actors import Actor, ActorKind
from gridloop.core.org.permissions import Scope


@dataclass(frozen=True, slots=True)
class Ask:
    """One verb that one person wants to make on one case at one moment."""

    file: CaseFile
    actor: Actor
    at: datetime


def is_visible(file: CaseFile, actor: Actor) -> bool:
    """Say of one file what `CaseQuerySet.visible_to` says of many; a test holds the two together."""
    case = file.case
    if actor.holds is not None:
        return case.pk == actor.holds
    if actor.kind == ActorKind.SYSTEM:
        return True
    if not actor.can("case.view"):
        return False
    if actor.user_id is not None and actor.user_id == case.reported_by_id and actor.scope != Scope.NONE:
        return True
    match actor.scope:
        case Scope.ALL:
            return True
        case Scope.REGION:
            return actor.region_is_root or file.region_path.startswith(actor.region_path)
        case Scope.UNIT:
            return any(order.unit.path.startswith(actor.unit_path) for order in file.orders)
    return False


def check_visible(file: CaseFile, actor: Actor) -> None:
    """:raises NotFound: the actor may not know of the case; the answer is the same as where there is none."""
    if not is_visible(file, actor):
        raise NotFound(_("没有找到这个案件。"))


def check_state(name: str, state: State) -> None:
    """:raises InvalidTransition: the verb cannot be made in `state`."""
    if state not in TRANSITIONS[name].sources:
        raise InvalidTransition(
            _("案件当前为“%(state)s”，不能%(verb)s。") % {"state": STATES[state], "verb": VERBS[name]},
            state=state,
        )


def check_permission(name: str, actor: Actor) -> None:
    """:raises NotAllowed: the role lacks the permission, whatever the case."""
    permission = TRANSITIONS[name].permission
    if not actor.can(permission):
        raise NotAllowed(_("您的岗位没有“%(verb)s”权限。") % {"verb": VERBS[name]}, permission=permission)


def check_may(name: str, ask: Ask) -> None:
    """:raises NotAllowed: the role lacks the permission, or it is not this person's part in this case."""
    check_permission(name, ask.actor)
    refusal = _RELATIONS[TRANSITIONS[name].by](ask)
    if refusal:
        raise NotAllowed(refusal)


def check_condition(name: str, ask: Ask) -> None:
    """:raises LimitReached: a rule about number, time or order of steps stands against it."""
    condition = CONDITIONS.get(name)
    refusal = condition(ask) if condition else None
    if refusal:
        raise LimitReached(refusal)


def check(name: str, ask: Ask) -> None:
    """
    Check all that stands before the verb, in the order in which a person would want to be told.

    :raises NotFound: the case is not visible to the actor.
    :raises InvalidTransition: the state has no such move.
    :raises NotAllowed: not this person's to do.
    :raises LimitReached: too late, too often, or something else must come first.
    """
    check_visible(ask.file, ask.actor)
    check_state(name, State(ask.file.case.state))
    check_may(name, ask)
    check_condition(name, ask)


def why_not(name: str, ask: Ask) -> str | None:
    """Return why the verb cannot be made, in words for the person; None where it can."""
    try:
        check(name, ask)
    except DomainError as refusal:
        return refusal.message
    return None


def can(name: str, ask: Ask) -> bool:
    """Return whether the verb can be made."""
    return why_not(name, ask) is None


def is_offered(name: str, ask: Ask) -> bool:
    """Return whether a button for the verb belongs on this person's page at all, be it greyed or not."""
    rule = TRANSITIONS[name]
    return (
        State(ask.file.case.state) in rule.sources
        and ask.actor.can(rule.permission)
        and (rule.by == By.ANOTHER or _RELATIONS[rule.by](ask) is None)
    )


# Who, of those with the permission
# -----------------------------------------------------------------------------


def _anyone(ask: Ask) -> str | None:
    if left_at(ask.file, ask.actor) is not None:
        return _("本单位已退出这个案件，只能查看退出之前的情况。")
    return None


def _reporter(ask: Ask) -> str | None:
    case, actor = ask.file.case, ask.actor
    if actor.holds == case.pk or (actor.user_id is not None and actor.user_id == case.reported_by_id):
        return None
    return _("只有上报人本人可以这样做。")


def _holder(ask: Ask) -> str | None:
    if ask.file.order_of(ask.actor.unit_id) is not None:
        return None
    return _("本单位没有待办的工单。")


def _another(ask: Ask) -> str | None:
    file, actor = ask.file, ask.actor
    orders = [*file.active_orders(), *file.part_orders]
    people = {person for order in orders for person in (order.handled_by_id, order.signed_by_id)}
    if file.lead() is None:
        people.add(file.answered_by)
    if actor.unit_id in {order.unit_id for order in orders} or (actor.user_id and actor.user_id in people):
        return _("处置单位和经办人不能核查自己办理的案件，请由其他单位人员办理。")
    return None


_RELATIONS: dict[By, Callable[[Ask], str | None]] = {
    By.ANYONE: _anyone,
    By.REPORTER: _reporter,
    By.HOLDER: _holder,
    By.ANOTHER: _another,
}


# What must hold besides
# ----------------------------------------------------------------------------------------


def _not_in_adjudication(ask: Ask) -> str | None:
    return _("已多次退单，须先由值班领导裁定主办单位。") if ask.file.case.is_adjudicating else None


def _in_adjudication(ask: Ask) -> str | None:
    return None if ask.file.case.is_adjudicating else _("尚未达到裁定条件，请直接派遣。")


def _nothing_signed(ask: Ask) -> str | None:
    signed = any(o.state != OrderState.ISSUED for o in ask.file.active_orders())
    return _("已有单位签收，不能撤回，请改派。") if signed else None


def _mine_unsigned(ask: Ask) -> str | None:
    order = ask.file.order_of(ask.actor.unit_id, {OrderState.ISSUED})
    return None if order else _("本单位的工单已签收。")


def _mine_signed(ask: Ask) -> str | None:
    order = ask.file.order_of(ask.actor.unit_id, {OrderState.HANDLING})
    return None if order else _("请先签收工单。")


def _may_still_send_back(ask: Ask) -> str | None:
    order = ask.file.order_of(ask.actor.unit_id, {OrderState.ISSUED})
    if order is None:
        return _("工单已签收，不能退单；确需调整请联系指挥中心改派。")
    if order.is_fixed:
        return _("主办单位已经裁定，不能退单。")
    hours = rules().send_back_hours
    if ask.at > ask.file.times.work.due(order.issued_at, hours, LimitUnit.WORKING_HOUR):
        return _("派遣已超过%(hours)s个工作时，不能退单；确需调整请联系指挥中心改派。") % {"hours": hours}
    return None


def _may_ask_for_time(ask: Ask) -> str | None:
    if ask.file.pending is not None:
        return _("已有一项时限申请待审批。")
    return _mine_signed(ask)


def _may_ask_for_extension(ask: Ask) -> str | None:
    refusal = _may_ask_for_time(ask)
    if refusal:
        return refusal
    clock = next((c for c in ask.file.clocks if c.is_running and c.order_id == _order_id(ask)), None)
    if clock is None:
        return _("本工单没有时限，无需延期。")
    if clock.extensions >= rules().most_extensions:
        return _("已延期%(count)s次，不能再延。") % {"count": clock.extensions}
    return None


def _order_id(ask: Ask) -> object:
    order = ask.file.order_of(ask.actor.unit_id, {OrderState.HANDLING})
    return order.pk if order else None


def _may_ask_for_suspension(ask: Ask) -> str | None:
    order = ask.file.order_of(ask.actor.unit_id, {OrderState.HANDLING})
    if order is not None and order.role != OrderRole.LEAD:
        return _("只有主办单位可以申请挂起。")
    return _may_ask_for_time(ask)


def _asked_for(kind: TimeRequest.Kind | None) -> Callable[[Ask], str | None]:
    def condition(ask: Ask) -> str | None:
        request = ask.file.pending
        if request is None or (kind is not None and request.kind != kind):
            return _("没有待审批的申请。")
        if request.asked_by_id is not None and request.asked_by_id == ask.actor.user_id:
            return _("不能审批自己的申请。")
        return None

    return condition


def _to_verify(ask: Ask) -> str | None:
    return _("已核查通过，请结案。") if ask.file.case.verified_at else _parts_ended(ask)


def _parts_ended(ask: Ask) -> str | None:
    # A part may have been taken up again after the whole was handled.
    return _("还有拆分出的案件没有办结。") if ask.file.unfinished_children else None


def _verified(ask: Ask) -> str | None:
    return _parts_ended(ask) if ask.file.case.verified_at else _("须先由处置单位以外的人员核查通过。")


def _dissatisfied(ask: Ask) -> str | None:
    return None if ask.file.case.needs_review else _("没有待复核的不满意评价。")


def _lately_closed(ask: Ask) -> str | None:
    closed, days = ask.file.case.closed_at, rules().reopen_days
    if closed is not None and ask.at > closed + timedelta(days=days):
        return _("结案已超过%(days)s天，请另行上报。") % {"days": days}
    return None


CONDITIONS: dict[str, Callable[[Ask], str | None]] = {
    "dispatch": _not_in_adjudication,
    "split": _not_in_adjudication,
    "adjudicate": _in_adjudication,
    "recall": _nothing_signed,
    "sign_for": _mine_unsigned,
    "send_back": _may_still_send_back,
    "submit_result": _mine_signed,
    "request_extension": _may_ask_for_extension,
    "request_suspension": _may_ask_for_suspension,
    "grant_extension": _asked_for(TimeRequest.Kind.EXTENSION),
    "grant_suspension": _asked_for(TimeRequest.Kind.SUSPENSION),
    "refuse_time": _asked_for(None),
    "verify_pass": _to_verify,
    "verify_fail": _to_verify,
    "close": _verified,
    "rate": _lately_closed,
    "uphold": _dissatisfied,
    "reopen": _lately_closed,
}
