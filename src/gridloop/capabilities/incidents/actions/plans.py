"""Writing plans: every change is a new version, the old ones stay."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.base.common.files import Checked, store
from gridloop.capabilities.incidents.config import skill_names
from gridloop.capabilities.incidents.models import IncidentKind, Plan, PlanVersion, Resource, ResourceKind
from gridloop.core.org.actors import Actor
from gridloop.core.org.policies import check_can

MOST_ROLES, MOST_STEPS, MOST_DOCUMENTS = 20, 60, 20


class PlanChanged(DomainError):
    """Somebody else saved the plan meanwhile."""

    code = "plan-changed"


@dataclass(frozen=True, slots=True)
class PlanRole:
    """One role: `count` resources of a kind with all the skills, within `radius_m` (0: as set up)."""

    label: str
    kind: str
    skills: tuple[str, ...] = ()
    count: int = 1
    radius_m: int = 0
    resources: tuple[int, ...] = ()

    def plain(self) -> dict[str, Any]:
        return {
            "label": self.label.strip(),
            "kind": str(self.kind),
            "skills": list(self.skills),
            "count": self.count,
            "radius_m": self.radius_m,
            "resources": list(self.resources),
        }


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step: what, by which role, within how many minutes of the opening (0: no limit)."""

    text: str
    role: str = ""
    due_m: int = 0

    def plain(self) -> dict[str, Any]:
        return {"text": self.text.strip(), "role": self.role.strip(), "due_m": self.due_m}


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What a plan says. `kept` are hashes of documents that stay from the version before."""

    roles: tuple[PlanRole, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    documents: tuple[tuple[str, Checked], ...] = ()
    kept: frozenset[str] = field(default_factory=frozenset)


@transaction.atomic
def add_plan(
    name: str, kind: str, content: PlanContent, *, actor: Actor, at: datetime, remark: str = ""
) -> Plan:
    """Add a plan with its first version. :raises InvalidInput: a value is missing, unknown or taken."""
    check_can(actor, "incident.manage")
    _check_head(name, kind, None)
    plan = Plan.objects.create(name=name.strip(), kind=kind, version=0)
    _next_version(plan, content, actor, at, remark)
    return plan


@transaction.atomic
def amend_plan(
    plan_id: int,
    content: PlanContent,
    *,
    actor: Actor,
    at: datetime,
    expected_version: int,
    name: str,
    kind: str,
    is_active: bool = True,
    remark: str = "",
) -> Plan:
    """
    Write a new version of a plan; incidents that follow an older one keep it. Unchanged content makes none.

    :raises PlanChanged: the plan has another version than the person saw.
    :raises InvalidInput: a value is missing, unknown or taken.
    """
    check_can(actor, "incident.manage")
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(_("没有找到这个预案。"))
    if plan.version != expected_version:
        raise PlanChanged(_("预案刚刚被他人修改（现为第 %(n)s 版），请查看后再保存。") % {"n": plan.version})
    _check_head(name, kind, plan_id)
    plan.name, plan.kind, plan.is_active = name.strip(), kind, is_active
    plan.save(update_fields=["name", "kind", "is_active"])
    _next_version(plan, content, actor, at, remark)
    return plan


def _check_head(name: str, kind: str, plan_id: int | None) -> None:
    wrong = {}
    if not name.strip():
        wrong["name"] = _("必填")
    elif Plan.objects.filter(name=name.strip()).exclude(pk=plan_id or 0).exists():
        wrong["name"] = _("已有同名预案")
    if kind not in IncidentKind.values:
        wrong["kind"] = _("请选择")
    if wrong:
        raise InvalidInput(_("请检查预案的名称和适用事件。"), fields=wrong)


def _next_version(plan: Plan, content: PlanContent, actor: Actor, at: datetime, remark: str) -> None:
    before = plan.versions.order_by("-number").first()
    _check(content)
    documents = [d for d in (before.documents if before else []) if d["sha256"] in content.kept]
    for name, checked in content.documents:
        store(checked)
        documents.append(
            {"sha256": checked.sha256, "content_type": checked.content_type, "name": name[-120:]}
        )
    plain = {
        "roles": [role.plain() for role in content.roles],
        "steps": [step.plain() for step in content.steps],
        "documents": documents[:MOST_DOCUMENTS],
    }
    if before and before.content == plain:
        return
    plan.version += 1
    plan.save(update_fields=["version"])
    PlanVersion.objects.create(
        plan=plan, number=plan.version, content=plain, at=at, by_id=actor.user_id, note=remark.strip()[:200]
    )


def _check(content: PlanContent) -> None:
    if not content.roles and not content.steps:
        raise InvalidInput(_("预案至少要有一个角色或一个步骤。"), fields={"roles": _("必填")})
    if len(content.roles) > MOST_ROLES or len(content.steps) > MOST_STEPS:
        most = {"roles": MOST_ROLES, "steps": MOST_STEPS}
        raise InvalidInput(
            _("一个预案最多 %(roles)s 个角色、%(steps)s 个步骤。") % most, fields={"roles": _("过多")}
        )
    known, named = skill_names(), {pk for role in content.roles for pk in role.resources}
    rows = dict(Resource.objects.filter(pk__in=named).values_list("pk", "kind"))
    for n, role in enumerate(content.roles, 1):
        fits = all(rows.get(pk) == role.kind for pk in role.resources)
        is_fine = role.label.strip() and role.kind in ResourceKind.values and set(role.skills) <= known.keys()
        if not (is_fine and fits and 1 <= role.count <= 99 and 0 <= role.radius_m <= 200_000):
            raise InvalidInput(
                _("第 %(n)s 个角色填写有误：检查名称、类型、技能、数量（1—99），预定资源须与类型一致。")
                % {"n": n},
                fields={"roles": _("第 %(n)s 行") % {"n": n}},
            )
    for n, step in enumerate(content.steps, 1):
        if not step.text.strip() or len(step.text) > 200 or not 0 <= step.due_m <= 10_000:
            raise InvalidInput(
                _("第 %(n)s 个步骤填写有误：写明要做什么（200 字以内），时限为分钟数。") % {"n": n},
                fields={"steps": _("第 %(n)s 行") % {"n": n}},
            )
