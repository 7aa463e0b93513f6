"""What the state allows and what the person may do, as `check_x` that raise beside `can_x` that answer."""

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.capabilities.incidents.models import Call, Callee, Incident
from gridloop.capabilities.incidents.workflow import ANSWERS, Move, is_said
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import path_of
from gridloop.core.org.policies import check_can


class IncidentOver(DomainError):
    """The incident is closed."""

    code = "incident-over"


class CallOver(DomainError):
    """The call was ended, or has not come far enough for this."""

    code = "call-over"


class CaseUnfit(DomainError):
    """A drill belongs to a drill case, an emergency to a real one."""

    code = "case-unfit"


def can_command(actor: Actor, incident: Incident) -> bool:
    is_own = actor.region_is_root or path_of(incident.region_id).startswith(actor.region_path)
    return actor.can("incident.command") and is_own


def check_command(actor: Actor, incident: Incident) -> None:
    """
    Refuse whoever does not command this incident.

    :raises NotAllowed: the post does not command at all.
    :raises NotFound: the incident lies outside the post's region.
    """
    check_can(actor, "incident.command")
    if not can_command(actor, incident):
        raise NotFound(_("没有找到这起事件，或者它不在您的指挥范围内。"))


def check_open(incident: Incident) -> None:
    """:raises IncidentOver: the incident is closed."""
    if not incident.is_open:
        raise IncidentOver(_("这起事件已经结束，不能再调度。需要继续处置的，请重新启动应急调度。"))


def check_own_call(call: Call, user_id: int | None) -> None:
    """:raises NotFound: the call is somebody else's; that it exists is not said either."""
    if user_id is None or not Callee.objects.filter(call=call, user=user_id).exists():
        raise NotFound(_("没有找到这次呼叫，或者它不是呼叫您的。"))


def check_answer(call: Call, move: Move) -> bool:
    """
    Say whether the answer changes anything; a second press of the same button does not.

    :raises CallOver: the call has ended otherwise, or has not come far enough.
    """
    if is_said(move, call.state):  # type: ignore[arg-type]  # its own values
        return False
    if call.state not in move.sources:
        raise CallOver(_("这次呼叫现在是“%(state)s”，不能再这样应答。") % {"state": call.get_state_display()})
    return True


def answers_open(call: Call) -> list[str]:
    """Return the answers that make sense now, in the order in which they follow each other."""
    return [name for name, move in ANSWERS.items() if call.state in move.sources]


def check_case(case: Case, *, is_drill: bool) -> None:
    """:raises CaseUnfit: a drill on a real case, an emergency on a drill case, or a case that has ended."""
    if case.is_drill != is_drill:
        text = _("演练只能用演练案件或地图上的一点。") if is_drill else _("这是演练案件，请勾选“演练”。")
        raise CaseUnfit(text, fields={"is_drill": text})
    if not case.is_open:
        raise CaseUnfit(_("案件已经结束，不能再启动应急调度；仍有险情的，请在地图上选点启动。"))
