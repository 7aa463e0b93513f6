"""Opening an incident, with its plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.base.common.ids import new_id
from gridloop.capabilities.incidents.actions.recording import commanded, record
from gridloop.capabilities.incidents.models import (
    Incident,
    IncidentKind,
    IncidentLevel,
    IncidentStep,
    PlanVersion,
)
from gridloop.capabilities.incidents.policies import check_case, check_command
from gridloop.core.cases.actions import annotate
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import jurisdiction, locate
from gridloop.core.org.models import Region
from gridloop.core.org.policies import check_can
from gridloop.core.org.revisions import bump

TITLE_LENGTH, BRIEF_LENGTH, ADDRESS_LENGTH = 80, 1000, 200
NUMBERS = "incident_numbers"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when an incident opens: WGS-84 point, and the words that the called people will read."""

    kind: str
    title: str
    lon: float
    lat: float
    level: str = IncidentLevel.MINOR
    brief: str = ""
    address: str = ""
    case_id: UUID | None = None
    is_drill: bool = False
    plan_id: int | None = None


@transaction.atomic
def open_incident(opening: Opening, *, actor: Actor, at: datetime, key: UUID | None = None) -> Incident:
    """
    Open an incident and return it; with a plan, its steps are laid out and its call list is ready.

    :param key: made by the form: the same form sent twice is one incident. A case has one open incident: a
        second commander is shown the one that runs.
    :raises NotAllowed: the post does not command; NotFound: the case, or the place, lies outside it.
    :raises CaseUnfit: a drill on a real case or the other way round, or the case has ended.
    :raises InvalidInput: a value is missing or out of range.
    """
    check_can(actor, "incident.command")
    _check(opening)
    case = _case(opening, actor)
    if running := _running(key, case):
        return running
    incident = _new(opening, case, actor, at, key or new_id())
    check_command(actor, incident)
    try:
        with transaction.atomic():
            incident.save(force_insert=True)
    except IntegrityError:
        # The same case, or the same form, was opened in this very moment.
        if running := _running(key, case):
            return running
        raise
    record(incident, "incident.open", actor=actor, at=at, note=opening.brief, data=_facts(incident))
    if opening.plan_id:
        _follow(incident, opening.plan_id, actor, at)
    if case:
        note = _("启动应急调度 %(number)s（%(title)s）") % {
            "number": incident.number,
            "title": incident.title,
        }
        annotate(case.pk, actor=actor, at=at, note=note)
    return incident


@transaction.atomic
def follow_plan(incident_id: UUID, plan_id: int, *, actor: Actor, at: datetime) -> Incident:
    """
    Put a plan into force for an open incident: its steps come below those that are there.

    The same version again changes nothing. :raises NotFound: there is no such plan in use.
    """
    incident = commanded(incident_id, actor)
    _follow(incident, plan_id, actor, at)
    return incident


@transaction.atomic
def set_level(incident_id: UUID, level: str, *, actor: Actor, at: datetime) -> Incident:
    """Raise or lower the level. :raises InvalidInput: there is no such level."""
    incident = commanded(incident_id, actor)
    if level not in IncidentLevel.values:
        raise InvalidInput(_("没有这个级别。"), fields={"level": _("请选择")})
    if level != incident.level:
        before = incident.get_level_display()
        incident.level = level
        incident.save(update_fields=["level"])
        words = _("%(before)s → %(after)s") % {"before": before, "after": incident.get_level_display()}
        record(incident, "incident.level", actor=actor, at=at, note=words)
    return incident


def _check(opening: Opening) -> None:
    wrong = {}
    if not opening.title.strip():
        wrong["title"] = _("必填")
    if opening.kind not in IncidentKind.values:
        wrong["kind"] = _("请选择")
    if opening.level not in IncidentLevel.values:
        wrong["level"] = _("请选择")
    if not (-180 <= opening.lon <= 180 and -90 <= opening.lat <= 90):
        wrong["lon"] = _("请在地图上点选位置")
    most = {"title": TITLE_LENGTH, "brief": BRIEF_LENGTH, "address": ADDRESS_LENGTH}
    wrong |= {
        name: _("最多 %(most)s 个字") % {"most": length}
        for name, length in most.items()
        if len(getattr(opening, name)) > length
    }
    if wrong:
        raise InvalidInput(_("请检查标出的项目后再启动。"), fields=wrong)


def _case(opening: Opening, actor: Actor) -> Case | None:
    """Return the case, locked: two commanders who open on it go one after the other."""
    if opening.case_id is None:
        return None
    visible = Case.objects.visible_to(actor).filter(pk=opening.case_id)
    case = visible.select_for_update(of=("self",)).first()
    if case is None:
        raise NotFound(_("没有找到这个案件，或者您无权查看。"))
    check_case(case, is_drill=opening.is_drill)
    return case


def _running(key: UUID | None, case: Case | None) -> Incident | None:
    if key and (found := Incident.objects.filter(pk=key).first()):
        return found
    return Incident.objects.open().filter(case=case).first() if case else None


def _new(opening: Opening, case: Case | None, actor: Actor, at: datetime, key: UUID) -> Incident:
    return Incident(
        id=key,
        number=_next_number(at, is_drill=opening.is_drill),
        kind=opening.kind,
        level=opening.level,
        title=opening.title.strip(),
        brief=opening.brief.strip(),
        address=opening.address.strip(),
        lon=opening.lon,
        lat=opening.lat,
        region=_region(opening),
        case=case,
        is_drill=opening.is_drill,
        opened_at=at,
        opened_by_id=actor.user_id,
    )


def _region(opening: Opening) -> Region:
    found = locate(opening.lon, opening.lat).region_id
    return Region.objects.get(pk=found) if found else jurisdiction()


def _next_number(at: datetime, *, is_drill: bool) -> str:
    """Return YJ2026-0001, or YL… for a drill, so that drills leave no gap among the real ones."""
    bump(NUMBERS)  # held until the end of the transaction: two at once get two numbers
    prefix = f"{'YL' if is_drill else 'YJ'}{timezone.localtime(at).year}-"
    last = (
        Incident.objects.filter(number__startswith=prefix)
        .order_by("-number")
        .values_list("number", flat=True)
    )
    return f"{prefix}{int(last[0].removeprefix(prefix)) + 1 if last[:1] else 1:04d}"


def _facts(incident: Incident) -> dict[str, object]:
    return {
        "number": incident.number,
        "kind": incident.kind,
        "level": incident.level,
        "lon": incident.lon,
        "lat": incident.lat,
        "is_drill": incident.is_drill,
        "case": str(incident.case_id or ""),
    }


def _follow(incident: Incident, plan_id: int, actor: Actor, at: datetime) -> None:
    versions = PlanVersion.objects.filter(plan=plan_id, plan__is_active=True).select_related("plan")
    version = versions.order_by("-number").first()
    if version is None:
        raise NotFound(_("没有找到这个预案，或者它已停用。"))
    if incident.plan_id == version.pk:
        return
    first = incident.steps.count()
    incident.plan = version
    incident.save(update_fields=["plan"])
    IncidentStep.objects.bulk_create(
        IncidentStep(
            incident=incident,
            position=first + n,
            text=step["text"],
            role=step.get("role", ""),
            due_at=at + timedelta(minutes=step["due_m"]) if step.get("due_m") else None,
        )
        for n, step in enumerate(version.steps)
    )
    data = {"plan": version.plan.name, "version": version.number}
    record(incident, "incident.plan", actor=actor, at=at, note=version.plan.name, data=data)
