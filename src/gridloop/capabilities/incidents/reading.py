"""
What others may read of running emergencies: the centre's screen, and the panel on a case page.

All of it is plain values, in a number of statements that does not grow with what there is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.capabilities.incidents.labels import ANSWERS, verb_label
from gridloop.capabilities.incidents.models import Call, CallState, Incident
from gridloop.capabilities.incidents.policies import answers_open
from gridloop.capabilities.incidents.workflow import MOMENTS, WAY, CallStep
from gridloop.core.audit.models import Entry
from gridloop.core.org.actors import Actor

R = TypeVar("R", bound=Model)
MOST_OPEN = 50
LINES = 60


@dataclass(frozen=True, slots=True)
class Running:
    """One open incident in a list; the counts are of calls that are not replaced or released."""

    id: UUID
    number: str
    title: str
    kind: str
    level: str
    level_label: str
    address: str
    region: str
    lon: float
    lat: float
    opened_at: datetime
    is_drill: bool
    case_id: UUID | None
    called: int
    answered: int
    on_spot: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a call, and when it was said; None where it was not."""

    step: str
    label: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """One called resource; `left_s` is how long an answer is waited for, `answers` what it may say now."""

    id: UUID
    resource_id: int
    name: str
    kind: str
    unit: str
    role: str
    lon: float
    lat: float
    distance_m: int
    state: str
    state_label: str
    is_active: bool
    is_overdue: bool
    left_s: int
    moments: tuple[Moment, ...]
    is_late_answer: bool
    proposed_id: int | None
    proposed: str
    duty_phone: str
    has_contact: bool
    can_be_told: bool
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the checklist."""

    id: int
    text: str
    role: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the incident's log in words; `data` is what the log keeps with it."""

    at: datetime
    who: str
    label: str
    note: str
    verb: str
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskLine:
    """What somebody on the spot needs more of."""

    id: int
    who: str
    text: str
    at: datetime
    is_met: bool


@dataclass(frozen=True, slots=True)
class FileLine:
    """A photo or document."""

    id: UUID
    name: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that one screen shows of one incident."""

    incident: Incident
    now: datetime
    calls: tuple[CallLine, ...]
    steps: tuple[StepLine, ...]
    log: tuple[LogLine, ...]
    asks: tuple[AskLine, ...]
    files: tuple[FileLine, ...]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """How many calls have come as far as each step: (step, label, number), each call counted once."""
        now = [call.state for call in self.calls]
        return [(step.value, str(CallState(step.value).label), now.count(step.value)) for step in WAY]

    @property
    def is_waiting(self) -> bool:
        return any(call.is_overdue for call in self.calls)


def open_incidents(actor: Actor) -> list[Running]:
    """Return the open incidents that the actor commands, real ones first, then by level. Two statements."""
    found = Incident.objects.visible_to(actor).open().select_related("region")
    rows = list(found.order_by("is_drill", "level", "-opened_at", "pk")[:MOST_OPEN])
    states: dict[UUID, list[str]] = {row.pk: [] for row in rows}
    for incident_id, state in Call.objects.filter(incident__in=list(states)).values_list(
        "incident_id", "state"
    ):
        states[incident_id].append(state)
    return [_running(row, states[row.pk]) for row in rows]


def board(incident_id: UUID, actor: Actor, now: datetime, *, lines: int = LINES) -> Board:
    """
    Return all of one incident, in six statements at most.

    :param lines: how many of the newest lines of the log.
    :raises NotFound: there is none, or it lies outside what the actor commands.
    """
    related = ("region", "case", "plan__plan", "opened_by", "closed_by")
    incident = Incident.objects.visible_to(actor).select_related(*related).filter(pk=incident_id).first()
    if incident is None:
        raise NotFound(_("没有找到这起事件，或者它不在您的指挥范围内。"))
    return board_of(incident, now, lines=lines)


def screen(actor: Actor, now: datetime, *, wanted: UUID | None = None) -> tuple[list[Incident], Board | None]:
    """
    Return the open incidents, and what a wall shows of the wanted one, or of the first where none is wanted.

    What is asked for more and what was attached is left to the incident's own page. Four statements.
    """
    found = Incident.objects.visible_to(actor).open().select_related("region", "case", "plan__plan")
    rows = list(found.order_by("is_drill", "level", "-opened_at", "pk")[:MOST_OPEN])
    chosen = next((row for row in rows if row.pk == wanted), rows[0] if rows else None)
    return rows, board_of(chosen, now, is_brief=True) if chosen else None


def board_of(incident: Incident, now: datetime, *, lines: int = LINES, is_brief: bool = False) -> Board:
    """
    Return the board of an incident that somebody was found entitled to. Five statements.

    :param is_brief: without what is asked for and what was attached, by two statements less.
    """
    calls = (
        incident.calls.select_related("resource__unit", "proposed").with_owners().order_by("called_at", "pk")
    )
    return Board(
        incident=incident,
        now=now,
        calls=tuple(_call(call, now) for call in calls),
        steps=tuple(_step(row, now) for row in incident.steps.select_related("done_by").order_by("position")),
        log=log_of(incident, lines),
        asks=tuple(
            AskLine(ask.pk, ask.call.resource.name, ask.text, ask.at, ask.met_at is not None)
            for ask in _unless(
                is_brief, incident.asks.select_related("call__resource").order_by("-at", "-pk")
            )
        ),
        files=tuple(
            FileLine(row.pk, row.name, row.content_type.startswith("image/"))
            for row in _unless(is_brief, incident.files.order_by("at", "pk"))
        ),
    )


def log_of(incident: Incident, lines: int) -> tuple[LogLine, ...]:
    """Return the newest lines of the log, the newest first. One statement."""
    entries = Entry.objects.filter(stream=incident.pk).order_by("-seq")[:lines]
    return tuple(
        LogLine(e.at, e.actor_label, verb_label(e.verb), e.note, e.verb, dict(e.data)) for e in entries
    )


def _unless(is_left_out: bool, rows: QuerySet[R]) -> QuerySet[R]:  # noqa: FBT001
    return rows.none() if is_left_out else rows


def _running(row: Incident, states: Iterable[str]) -> Running:
    live = [s for s in states if s not in (CallStep.REPLACED, CallStep.RELEASED, CallStep.DECLINED)]
    return Running(
        id=row.pk,
        number=row.number,
        title=row.title,
        kind=row.kind,
        level=row.level,
        level_label=str(row.get_level_display()),
        address=row.address,
        region=row.region.name,
        lon=row.lon,
        lat=row.lat,
        opened_at=row.opened_at,
        is_drill=row.is_drill,
        case_id=row.case_id,
        called=len(live),
        answered=sum(s != CallStep.CALLED for s in live),
        on_spot=sum(s in (CallStep.ON_SPOT, CallStep.DONE) for s in live),
    )


def _call(call: Call, now: datetime) -> CallLine:
    resource = call.resource
    waits = call.state == CallStep.CALLED
    is_open_end = waits or call.state == CallStep.DECLINED
    return CallLine(
        id=call.pk,
        resource_id=resource.pk,
        name=resource.name,
        kind=resource.kind,
        unit=resource.unit.name,
        role=call.role,
        lon=resource.lon,
        lat=resource.lat,
        distance_m=call.distance_m,
        state=call.state,
        state_label=str(call.get_state_display()),
        is_active=call.is_active,
        is_overdue=waits and call.due_at <= now,
        left_s=max(0, int((call.due_at - now).total_seconds())) if waits else 0,
        moments=tuple(
            Moment(step.value, str(CallState(step.value).label), getattr(call, name))
            for step, name in MOMENTS.items()
        ),
        is_late_answer=call.late_at is not None and call.state == CallStep.REPLACED,
        proposed_id=call.proposed_id if is_open_end else None,
        proposed=call.proposed.name if call.proposed and is_open_end else "",
        duty_phone=resource.unit.duty_phone,
        has_contact=bool(resource.contact),
        can_be_told=bool(call.owner_count),  # type: ignore[attr-defined]  # annotated by `with_owners`
        answers=tuple((name, str(ANSWERS[name])) for name in answers_open(call)),
    )


def _step(row: object, now: datetime) -> StepLine:
    done_at, due_at, by = row.done_at, row.due_at, row.done_by  # type: ignore[attr-defined]
    return StepLine(
        id=row.pk,  # type: ignore[attr-defined]
        text=row.text,  # type: ignore[attr-defined]
        role=row.role,  # type: ignore[attr-defined]
        due_at=due_at,
        done_at=done_at,
        done_by=by.get_full_name() if by else "",
        is_late=due_at is not None and (done_at or now) > due_at,
    )
