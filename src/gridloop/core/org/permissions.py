"""
Who may do what, as data: the permissions, and the roles that hold them.

Code asks an actor for a permission and never for a role's name. `docs/permissions.md` and the table in the
admin are made from this file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label: TypeAlias = str | Promise


class Role(StrEnum):
    """What a person is appointed to do; the last two are not people."""

    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    HANDLER = "handler"
    UNIT_LEAD = "unit_lead"
    OPERATOR = "operator"
    LEADER = "leader"
    SECRETARY = "secretary"
    MEDIATOR = "mediator"
    INSPECTOR = "inspector"
    LIAISON = "liaison"
    AUDITOR = "auditor"
    ADMIN = "admin"
    PROGRAM = "program"
    SYSTEM = "system"


class Scope(StrEnum):
    """Which cases a role may see."""

    REGION = "region"  # those that lie in the post's region
    UNIT = "unit"  # those with a work order of the post's unit
    OWN = "own"  # those that the person reported
    ALL = "all"
    NONE = "none"


SCOPE_LABELS: dict[Scope, Label] = {
    Scope.REGION: _("本区划内"),
    Scope.UNIT: _("本单位经办"),
    Scope.OWN: _("本人上报"),
    Scope.ALL: _("全部"),
    Scope.NONE: _("不看案件"),
}

PERMISSIONS: dict[str, Label] = {
    "case.view": _("查看案件"),
    "case.report": pgettext_lazy("verb", "上报"),
    "case.supplement": _("补充材料"),
    "case.withdraw": _("撤回本人上报"),
    "case.register": _("立案"),
    "case.reject": pgettext_lazy("verb", "不予受理"),
    "case.close_on_spot": _("自办自结"),
    "case.dispatch": _("派遣"),
    "case.sign_for": _("签收"),
    "case.send_back": _("退单"),
    "case.adjudicate": _("裁定主办单位"),
    "case.transfer": _("改派"),
    "case.add_assistant": _("增加协办"),
    "case.request_time": _("申请延期或挂起"),
    "case.decide_time": _("审批延期或挂起"),
    "case.resume": _("恢复计时"),
    "case.submit_result": _("提交处置结果"),
    "case.verify": pgettext_lazy("verb", "核查"),
    "case.close": _("结案"),
    "case.call_back": _("回访"),
    "case.rate": _("评价"),
    "case.review": _("复核不满意件"),
    "case.reopen": _("重办"),
    "case.escalate": _("提级"),
    "case.hand_down": _("交回下级办理"),
    "case.merge": _("并案"),
    "case.split": _("拆分"),
    "case.link": _("关联"),
    "case.copy": _("复制"),
    "case.amend": _("更正案件信息"),
    "case.note": _("批注"),
    "case.attach": _("上传附件"),
    "case.reveal_reporter": _("查看上报人信息"),
    "case.reveal_confidential": _("查看保密上报人信息"),
    "case.export": _("导出案件"),
    "case.import": _("导入案件"),
    "dispatch.manage": _("管理派遣规则与自动派遣"),
    "incident.command": _("应急调度"),
    "incident.manage": _("管理应急资源与预案"),
    "oversight.view": _("查看监督台"),
    "oversight.remind": _("催办"),
    "oversight.supervise": _("督办"),
    "oversight.sample": _("抽查"),
    "oversight.manage": _("管理提醒链与抽查比例"),
    "figures.view": _("查看考核与报表"),
    "figures.ask_exclusion": _("申请剔除"),
    "figures.decide_exclusion": _("审定剔除"),
    "figures.manage": _("管理计分公式与台账"),
    "centre.view": _("查看指挥大屏"),
    "org.manage": _("管理区划与单位"),
    "catalogue.manage": _("管理事项目录"),
    "calendar.manage": _("管理工作日历"),
    "people.manage": _("管理人员与岗位"),
}


@dataclass(frozen=True, slots=True)
class RoleRule:
    """What one role is called, which cases it sees and what it may do."""

    label: Label
    scope: Scope
    permissions: frozenset[str]


def _cases(*verbs: str) -> frozenset[str]:
    return frozenset(f"case.{verb}" for verb in verbs)


# A resident follows a case by its tracking code, not by the staff's case page: there is no case.view here.
_REPORTING = _cases("report", "supplement", "withdraw", "rate", "attach")
_STAFF = _cases("view", "report", "supplement", "note", "attach")
# A work order: verbs that the case's policies further tie to the unit which holds it.
_HANDLING = _STAFF | _cases("sign_for", "send_back", "request_time", "submit_result")
_OPERATING = (
    _STAFF
    | _cases("register", "reject", "dispatch", "transfer", "add_assistant", "resume")
    | _cases("verify", "close", "call_back", "merge", "split", "link", "copy", "amend")
    | _cases("reveal_reporter", "export", "import")
    | {"centre.view", "incident.command", "incident.manage"}
    | {"oversight.view", "oversight.remind", "oversight.sample"}
    | {"figures.view", "figures.ask_exclusion"}
)
# Whoever asks for time does not grant it; whoever dispatches does not adjudicate the refusals.
# Who blew the whistle is known to as few as can be: the leader on duty alone may look.
_LEADING = (
    _OPERATING
    | _cases("adjudicate", "decide_time", "review", "reopen", "escalate", "hand_down", "reveal_confidential")
    | {"dispatch.manage", "oversight.supervise", "oversight.manage"}
    | {"figures.decide_exclusion", "figures.manage"}
)
# Whoever answers for a unit sees how it does, and may say what should not count against it.
_ANSWERING = frozenset({"centre.view", "oversight.view", "figures.view", "figures.ask_exclusion"})

ROLES: dict[Role, RoleRule] = {
    Role.RESIDENT: RoleRule(_("群众"), Scope.OWN, _REPORTING),
    Role.GRID_WORKER: RoleRule(
        _("网格员"),
        Scope.REGION,
        _STAFF | _cases("close_on_spot", "sign_for", "send_back", "request_time", "submit_result", "verify"),
    ),
    Role.HANDLER: RoleRule(_("经办人"), Scope.UNIT, _HANDLING),
    Role.UNIT_LEAD: RoleRule(_("单位负责人"), Scope.UNIT, _HANDLING | _cases("export") | _ANSWERING),
    Role.OPERATOR: RoleRule(_("坐席"), Scope.REGION, _OPERATING),
    Role.LEADER: RoleRule(_("值班领导"), Scope.REGION, _LEADING),
    Role.SECRETARY: RoleRule(
        _("村（社区）书记"), Scope.REGION, _HANDLING | _cases("close_on_spot") | _ANSWERING
    ),
    Role.MEDIATOR: RoleRule(_("调解员"), Scope.UNIT, _HANDLING),
    Role.INSPECTOR: RoleRule(_("消防检查员"), Scope.UNIT, _HANDLING),
    Role.LIAISON: RoleRule(_("企业联络员"), Scope.UNIT, _HANDLING),
    Role.AUDITOR: RoleRule(
        _("审计员"), Scope.REGION, _cases("view", "export") | {"oversight.view", "figures.view"}
    ),
    # An administrator sets the system up and sees no case by that.
    Role.ADMIN: RoleRule(
        _("系统管理员"),
        Scope.NONE,
        frozenset({"org.manage", "catalogue.manage", "calendar.manage", "people.manage", "incident.manage"}),
    ),
    # The most that a key can hold; each key has scopes of its own. Revealing a reporter is for people.
    Role.PROGRAM: RoleRule(
        _("应用程序"),
        Scope.ALL,
        frozenset(p for p in PERMISSIONS if p.startswith("case."))
        - _cases("reveal_reporter", "reveal_confidential"),
    ),
    Role.SYSTEM: RoleRule(
        _("系统"), Scope.ALL, _cases("resume", "dispatch", "note") | {"oversight.supervise"}
    ),
}

APPOINTABLE: tuple[Role, ...] = tuple(r for r in Role if r not in {Role.RESIDENT, Role.PROGRAM, Role.SYSTEM})
MANAGING = frozenset({"org.manage", "catalogue.manage", "calendar.manage", "people.manage"})


def role_choices(roles: Iterable[Role] = APPOINTABLE) -> list[tuple[str, Label]]:
    """Return (value, label) pairs for a form or a model field."""
    return [(role.value, ROLES[role].label) for role in roles]
