"""What granting an extension or a suspension would mean: each deadline before and after, and whose it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridloop.base.common.worktime import CalendarMissing, LimitUnit, WorkTime
from gridloop.base.shell.templatetags.gridloop_time import span
from gridloop.core.cases.models import Case, Clock, TimeRequest
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.labels import UNIT_LABELS
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time

_DAY_M = 24 * 60


@dataclass(frozen=True, slots=True)
class Effect:
    """One deadline of the case as it is and as it would be; `is_asked` for the one that was asked about."""

    stage: str
    unit: str
    old: datetime
    new: datetime | None
    is_asked: bool
    is_late: bool

    @property
    def moves(self) -> bool:
        return self.new is not None and self.new != self.old


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as the desk shows it. `why_not`: why this person does not decide it."""

    request: TimeRequest
    case: Case
    headline: str
    effects: list[Effect]
    note: str = ""
    why_not: str = ""
    error: str = ""
    typed: str = ""
    affected: list[str] = field(default_factory=list)

    @property
    def verb(self) -> str:
        return f"grant_{self.request.kind}"


def pending(
    actor: Actor, *, kind: str = "", unit: int | None = None, is_late: bool = False, now: datetime
) -> "QuerySet[TimeRequest]":
    """Return the requests that wait for an answer and that the actor may see; the page loads them at once."""
    found = TimeRequest.objects.filter(
        decided_at=None,
        case__in=Case.objects.visible_to(actor),
        case__state__in=[State.DISPATCHED, State.HANDLING],
    ).select_related("case__region", "case__category", "order__unit")
    narrowed = Q()
    if kind:
        narrowed &= Q(kind=kind)
    if unit:
        narrowed &= Q(order__unit=unit)
    if is_late:
        narrowed &= Q(case__due_at__lt=now)
    return found.filter(narrowed)


def shown(
    requests: Sequence[TimeRequest], actor: Actor, now: datetime, errors: dict[UUID, tuple[str, str]]
) -> list[Shown]:
    """
    Return the requests with their effects; two statements for any number.

    :param errors: what stood against the last decision and what was typed, by case.
    """
    clocks: dict[UUID, list[Clock]] = defaultdict(list)
    cases = [request.case_id for request in requests]
    running = Clock.objects.filter(case__in=cases, stopped_at=None, paused_at=None)
    for clock in running.select_related("order__unit").order_by("due_at", "pk"):
        clocks[clock.case_id].append(clock)
    work = work_time()
    return [_shown(r, clocks[r.case_id], actor, now, work, errors.get(r.case_id, ("", ""))) for r in requests]


def _shown(
    request: TimeRequest,
    clocks: list[Clock],
    actor: Actor,
    now: datetime,
    work: WorkTime,
    error: tuple[str, str],
) -> Shown:
    is_extension = request.kind == TimeRequest.Kind.EXTENSION
    make = _extended if is_extension else _suspended
    effects = [make(request, clock, now, work) for clock in clocks]
    own = request.asked_by_id is not None and request.asked_by_id == actor.user_id
    return Shown(
        request=request,
        case=request.case,
        headline=_extension_words(request, clocks, work)
        if is_extension
        else _suspension_words(request, now, work),
        effects=sorted(effects, key=lambda effect: not effect.is_asked),
        note=_earlier(clocks, request),
        why_not=_("不能审批自己的申请。") if own else _gone(request, now),
        error=error[0],
        typed=error[1],
        affected=_affected(request, effects),
    )


def _extended(request: TimeRequest, clock: Clock, now: datetime, work: WorkTime) -> Effect:
    is_asked = clock.order_id == request.order_id and clock.stage == Stage.HANDLE
    new: datetime | None = clock.due_at
    if is_asked:
        new = _safely(lambda: work.extend(clock.due_at, request.amount or 0, LimitUnit(clock.unit)))
    return _effect(clock, new, is_asked=is_asked, now=now)


def _suspended(request: TimeRequest, clock: Clock, now: datetime, work: WorkTime) -> Effect:
    """A clock that stands still from now on and goes on at the moment asked for keeps what is left of it."""
    unit = LimitUnit(clock.unit)
    until = request.until or now
    new = _safely(lambda: work.resume(until, work.remaining(now, clock.due_at, unit), unit))
    return _effect(clock, new, is_asked=clock.order_id == request.order_id, now=now)


def _effect(clock: Clock, new: datetime | None, *, is_asked: bool, now: datetime) -> Effect:
    unit = clock.order.unit.name if clock.order else _("指挥中心")
    return Effect(clock.stage_label, unit, clock.due_at, new, is_asked, clock.due_at < now)


def _safely(make: Any) -> datetime | None:
    """Return the moment, None where the calendar does not reach so far: granting would be refused as well."""
    try:
        found: datetime = make()
    except CalendarMissing:
        return None
    return found


def _extension_words(request: TimeRequest, clocks: list[Clock], work: WorkTime) -> str:
    clock = next((c for c in clocks if c.order_id == request.order_id and c.stage == Stage.HANDLE), None)
    if clock is None:
        return _("延长 %(amount)s") % {"amount": request.amount}
    words = _("延长 %(amount)s %(unit)s") % {
        "amount": request.amount,
        "unit": UNIT_LABELS[LimitUnit(clock.unit)],
    }
    new = _safely(lambda: work.extend(clock.due_at, request.amount or 0, LimitUnit(clock.unit)))
    if new is None:
        return words
    minutes = work.working_minutes(clock.due_at, new)
    more = ngettext("增加 %(hours)s 个工作时", "增加 %(hours)s 个工作时", minutes // 60) % {
        "hours": minutes // 60
    }
    return f"{words}（{more}）" if minutes >= 60 else words


def _suspension_words(request: TimeRequest, now: datetime, work: WorkTime) -> str:
    until = request.until or now
    stands = span(max(0, int((until - now).total_seconds() // 60)))
    try:
        worked = max(0, work.working_minutes(now, until)) // 60
    except CalendarMissing:
        return _("计时暂停 %(time)s") % {"time": stands}
    return _("计时暂停 %(time)s（%(hours)s 个工作时）") % {"time": stands, "hours": worked}


def _earlier(clocks: list[Clock], request: TimeRequest) -> str:
    times = sum(clock.extensions for clock in clocks if clock.order_id == request.order_id)
    return ngettext("此前已延期 %(n)s 次", "此前已延期 %(n)s 次", times) % {"n": times} if times else ""


def _gone(request: TimeRequest, now: datetime) -> str:
    if request.until is not None and request.until <= now:
        return _("申请的恢复时间已过，请退回重新申请。")
    return ""


def _affected(request: TimeRequest, effects: list[Effect]) -> list[str]:
    """Return the other units whose deadline would move along, and who waits besides."""
    units = [effect.unit for effect in effects if not effect.is_asked and effect.moves]
    if request.case.parent_id:
        units.append(_("上级案件（须等本案办结）"))
    if request.case.is_split:
        units.append(_("拆分出的案件"))
    return list(dict.fromkeys(units))
