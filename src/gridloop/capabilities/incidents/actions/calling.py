"""Calling resources, replacing those who do not answer, letting them go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.base.common.ids import id_at, new_tracking_code
from gridloop.capabilities.incidents.actions.recording import (
    call_of,
    commanded,
    incident_of,
    locked,
    named,
    record,
)
from gridloop.capabilities.incidents.actions.telling import outward, tell_callees, tell_commander, tell_off
from gridloop.capabilities.incidents.config import settings
from gridloop.capabilities.incidents.finding import Around, Need, nearest, way_m
from gridloop.capabilities.incidents.models import (
    Call,
    Callee,
    Incident,
    Resource,
    ResourceKind,
    ResourceOwner,
)
from gridloop.capabilities.incidents.policies import CallOver
from gridloop.capabilities.incidents.workflow import RELEASE, REPLACE, CallStep
from gridloop.core.org.actors import SYSTEM, Actor

SWEPT_AT_ONCE = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource to call, as what, and by which skills another one could stand in for it."""

    resource_id: int
    role: str = ""
    skills: tuple[str, ...] = ()


@dataclass(slots=True)
class Called:
    """What became of the calls: those made, and names with the reason of those that were not."""

    made: list[Call] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def call(incident_id: UUID, wanted: Iterable[Wanted], *, actor: Actor, at: datetime) -> Called:
    """
    Call resources to an incident; the people who answer for them are told by every channel at once.

    What is called already, or at work elsewhere, is left out and named with the reason; the rest is called.
    Pressing twice calls once.

    :raises NotFound: one of them does not exist or is out of use.
    """
    incident = commanded(incident_id, actor)
    asked = {one.resource_id: one for one in wanted}
    rows = {row.pk: row for row in Resource.objects.active().filter(pk__in=asked)}
    if missing := asked.keys() - rows.keys():
        raise NotFound(_("有 %(n)s 个资源已停用或不存在，请刷新后重选。") % {"n": len(missing)})
    done = Called()
    for pk in sorted(asked):  # always in this order, so that two commanders cannot block each other
        made = _begin(incident, rows[pk], asked[pk], actor=actor, at=at)
        if isinstance(made, Call):
            done.made.append(made)
        else:
            done.left_out.append((rows[pk].name, made))
    _log_calls(incident, done.made, actor=actor, at=at)
    return done


@transaction.atomic
def replace(call_id: UUID, *, actor: Actor, at: datetime, resource_id: int | None = None) -> Call | None:
    """
    End a call that was not answered, or was declined, and call another one: the one that was proposed, or the
    nearest that is free.

    :return: the new call; None where the town has no other one within reach, and then the old call stands.
    :raises CallOver: it was answered or replaced meanwhile.
    """
    incident = commanded(incident_of(call_id), actor)
    return _replace(incident, call_id, resource_id, actor=actor, at=at)


@transaction.atomic
def release(call_id: UUID, *, actor: Actor, at: datetime) -> Call:
    """Let a resource go, whatever it is doing; again does nothing. :raises CallOver: it has ended."""
    incident = commanded(incident_of(call_id), actor)
    row = call_of(incident, call_id)
    if row.state == CallStep.RELEASED:
        return row
    if row.state not in RELEASE.sources:
        raise CallOver(_("这次呼叫已经结束，无需解除。"))
    end(row, CallStep.RELEASED, at)
    record(incident, "call.release", actor=actor, at=at, data=named(row))
    tell_off(row, why=_("任务已解除，无需前往"), at=at)
    return row


def sweep(*, at: datetime) -> int:
    """
    Look after the calls that were not answered in time, each once: propose the next nearest, or call it where
    the town has said so; the commander is told. Return how many.
    """
    due = Call.objects.unanswered(at).order_by("due_at", "pk").values_list("incident_id", flat=True)
    return sum(_swept(pk, at) for pk in dict.fromkeys(due[:SWEPT_AT_ONCE]))


def end(row: Call, step: CallStep, at: datetime) -> None:
    """End a call of a locked incident."""
    row.state, row.ended_at = step.value, at
    row.save(update_fields=["state", "ended_at"])


def _swept(incident_id: UUID, at: datetime) -> int:
    """Sweep one emergency; one that cannot be swept must not leave the others unattended."""
    try:
        return _sweep_incident(incident_id, at)
    except (InterfaceError, OperationalError):
        raise  # the database is away, or somebody was in the way: the next run does it
    except Exception:
        log.exception("incident_not_swept", incident=str(incident_id))
        return 0


@transaction.atomic
def _sweep_incident(incident_id: UUID, at: datetime) -> int:
    incident = locked(incident_id)
    # Asked again under the lock: an answer, or another sweep, may have been quicker.
    rows = list(incident.calls.unanswered(at).select_related("resource").order_by("due_at", "pk"))
    for row in rows:
        _note_silence(incident, row, at)
    return len(rows)


def stand_in(incident: Incident, row: Call, *, at: datetime) -> str:
    """
    Look for who could stand in for a call of a locked incident, and call it where the town has said so.

    :return: what was done, or is proposed, in words for the commander.
    """
    other = _next(incident, row, at)
    row.proposed_id = other.pk if other else None
    row.save(update_fields=["proposed"])
    made = None
    if settings().is_automatic and other:
        try:
            with transaction.atomic():
                made = _replace(incident, row.pk, other.pk, actor=SYSTEM, at=at)
        except CallOver:
            made = None  # called to another emergency in this very moment: it stays a proposal
    return _what_now(made, other)


def _note_silence(incident: Incident, row: Call, at: datetime) -> None:
    record(incident, "call.no_answer", actor=SYSTEM, at=at, data=named(row))
    row.overdue_at = at
    row.save(update_fields=["overdue_at"])
    tell_commander(
        incident,
        title=_("%(name)s 超时未应答") % {"name": outward(row)},
        body=stand_in(incident, row, at=at),
        once=f"no-answer:{row.pk}",
        at=at,
    )


def _what_now(made: Call | None, other: Resource | None) -> str:
    if made:
        return _("已自动改呼：%(name)s") % {"name": outward(made)}
    if other:
        return _("建议改呼：%(name)s") % {
            "name": other.name if other.kind != ResourceKind.PERSON else other.unit.name
        }
    return _("附近没有其他可用资源，请增加单位或请求上级支援。")


def _replace(
    incident: Incident, call_id: UUID, resource_id: int | None, *, actor: Actor, at: datetime
) -> Call | None:
    row = call_of(incident, call_id)
    if row.state not in REPLACE.sources:
        raise CallOver(
            _("%(name)s 现在是“%(state)s”，不能再替换。")
            % {"name": row.resource.name, "state": row.get_state_display()}
        )
    other = _chosen(incident, row, resource_id, at)
    if other is None:
        return None
    has_declined = row.state == CallStep.DECLINED
    end(row, CallStep.REPLACED, at)
    made = _begin(
        incident, other, Wanted(other.pk, row.role, tuple(row.skills)), actor=actor, at=at, replaces=row
    )
    if not isinstance(made, Call):
        raise CallOver(made)
    record(
        incident,
        "call.replace",
        actor=actor,
        at=at,
        data={"call": str(row.pk), "resource": row.resource.name, "by": other.name},
    )
    if not has_declined:
        tell_off(row, why=_("已改由他人前往，您无需前往"), at=at)
    return made


def _chosen(incident: Incident, row: Call, resource_id: int | None, at: datetime) -> Resource | None:
    """Return the one that a person chose; else the nearest that is free now."""
    if resource_id is None:
        return _next(incident, row, at)
    found = Resource.objects.active().filter(pk=resource_id).first()
    if found is None:
        raise NotFound(_("这个资源已停用或不存在，请刷新后重选。"))
    return found


def _next(incident: Incident, row: Call, at: datetime) -> Resource | None:
    """Return the nearest of the same kind and skills that was not called here before."""
    tried = frozenset(incident.calls.values_list("resource_id", flat=True))
    around = Around(incident.lon, incident.lat, at, incident.pk, is_drill=incident.is_drill, without=tried)
    need = Need(kind=row.resource.kind, skills=tuple(row.skills))
    found = nearest(need, around)
    return Resource.objects.get(pk=found.id) if found else None


def _begin(
    incident: Incident,
    resource: Resource,
    wanted: Wanted,
    *,
    actor: Actor,
    at: datetime,
    replaces: Call | None = None,
) -> Call | str:
    """Store one call and tell its people; or return why it cannot be made."""
    row = Call(
        # From what is known, so that the log of an invented town is the same from one making to the next.
        id=id_at(at, seed=f"{incident.pk}/{resource.code}/{incident.version}"),
        incident=incident,
        resource=resource,
        role=wanted.role,
        skills=list(wanted.skills),
        distance_m=way_m(resource, incident.lon, incident.lat),
        called_at=at,
        called_by_id=actor.user_id,
        due_at=at + timedelta(minutes=settings().answer_minutes),
        replaces=replaces,
        is_exclusive=resource.is_exclusive,
        is_drill=incident.is_drill,
    )
    if busy := _at_work(resource, incident):
        return busy
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Another commander called it to another emergency in this very moment.
        return _at_work(resource, incident) or _("刚刚被他人调度")
    owners = ResourceOwner.objects.filter(resource=resource).order_by("user_id")
    callees = [Callee(call=row, user_id=owner.user_id, code=_secret()) for owner in owners]
    tell_callees(row, Callee.objects.bulk_create(callees), at=at)
    return row


def _at_work(resource: Resource, incident: Incident) -> str:
    """Return why a resource cannot be called here: it is, or is at another emergency; blank where it can."""
    active = Call.objects.active().filter(resource=resource).select_related("incident")
    calls = list(active.order_by("is_drill", "pk"))
    if any(one.incident_id == incident.pk for one in calls):
        return _("已经呼叫过，正在等待或执行任务")
    others = [one for one in calls if one.is_exclusive and (incident.is_drill or not one.is_drill)]
    return _("正在执行 %(number)s 的任务") % {"number": others[0].incident.number} if others else ""


def _log_calls(incident: Incident, calls: Sequence[Call], *, actor: Actor, at: datetime) -> None:
    for one in calls:
        record(incident, "call.call", actor=actor, at=at, data=named(one) | {"role": one.role})


def _secret() -> str:
    """Return 16 characters that nobody guesses: they open one call for one person."""
    return new_tracking_code() + new_tracking_code()[:4]
