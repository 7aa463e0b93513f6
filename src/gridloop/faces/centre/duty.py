"""
The duty screen: what waits, what runs out, what is late and whose, what came and went today.

Four statements, each bounded by the open cases or by today's keys, whatever the length of history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.days import midnight
from gridloop.base.common.ids import first_id
from gridloop.capabilities.oversight.present.desk import CENTRE_UNIT
from gridloop.core.cases.choices import unit_name
from gridloop.core.cases.labels import STATES, Label
from gridloop.core.cases.models import Case, Clock
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.labels import STAGE_LABELS
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.counting import Cases, Share, by_community, by_state, groups_beside
from gridloop.faces.centre.places import category_name, region_names, wall_title

QUEUE = (State.REPORTED, State.REGISTERED, State.DISPATCHED)
MOST_QUEUED, MOST_CLOCKS, MOST_UNITS = 40, 30, 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """One case that nobody has taken up: reported, registered or dispatched, not yet signed for."""

    id: UUID
    number: str
    title: str
    state: str
    state_label: Label
    category: str
    place: str
    since: datetime
    due_at: datetime | None
    is_urgent: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Running:
    """One running clock, and whose it is: a unit's, or the centre's own."""

    id: UUID
    number: str
    title: str
    stage: Label
    place: str
    unit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """All that the duty screen shows."""

    at: datetime
    today: date
    open: int
    late: int
    due_today: int
    reported_today: int
    closed_today: int
    states: dict[str, int]
    by_state: list[Share]
    communities: list[Share]
    late_units: list[Share]
    queue: list[Waiting]
    soon: list[Running]
    overdue: list[Running]


def duty(actor: Actor, now: datetime) -> Duty:
    """Return what `actor` may see of the town at `now`."""
    visible = Case.objects.visible_to(actor).real()
    today = timezone.localdate(now)
    tomorrow = midnight(today + timedelta(days=1))
    groups, (reported, closed) = groups_beside(visible, now, tomorrow, _today(visible, midnight(today)))
    states = by_state(groups)
    soon, overdue = _clocks(visible, now)
    return Duty(
        at=now,
        today=today,
        open=sum(g.count for g in groups),
        late=sum(g.late for g in groups),
        due_today=sum(g.due_today for g in groups),
        reported_today=reported,
        closed_today=closed,
        states={str(share.key): share.count for share in states},
        by_state=states,
        communities=by_community(groups),
        late_units=late_units(visible, now),
        queue=_queue(visible, now),
        soon=soon,
        overdue=overdue,
    )


def late_units(visible: Cases, now: datetime) -> list[Share]:
    """Return who has in hand what is late, the most first; 0 is the centre, as on the oversight desk."""
    late = Clock.objects.running().filter(case__in=visible, due_at__lt=now)
    rows = late.order_by().values_list("order__unit_id").annotate(count=Count("pk"))
    return [
        Share(key or CENTRE_UNIT, unit_name(key) if key else _("指挥中心"), count, count)
        for key, count in rows.order_by("-count", "order__unit_id")[:MOST_UNITS]
    ]


def _today(visible: Cases, since: datetime) -> list[Cases]:
    """Return what came and what ended today: two bounded reads; an OR of both would be planned as neither."""
    return [
        visible.filter(pk__gte=first_id(since)),
        visible.filter(closed_at__gte=since, state=State.CLOSED),
    ]


def _queue(visible: Cases, now: datetime) -> list[Waiting]:
    fields = (
        *("pk", "number", "title", "state", "category_id", "region_id"),
        *("state_since", "due_at", "urgency", "is_confidential"),
    )
    rows = _each_first(visible, [Q(state=state) for state in QUEUE], fields, MOST_QUEUED)
    found = [_waiting(row, now) for row in rows]
    # What is urgent first, then what is due soonest: the order in which somebody would take them up.
    return sorted(found, key=lambda w: (not w.is_urgent, w.due_at is None, w.due_at, w.id))[:MOST_QUEUED]


def _waiting(row: tuple[Any, ...], now: datetime) -> Waiting:
    key, number, title, state, category_id, region_id, since, due_at, urgency, is_hidden = row
    return Waiting(
        id=key,
        number=number,
        title=wall_title(title, is_hidden=is_hidden),
        state=state,
        state_label=STATES[State(state)],
        category=category_name(category_id),
        place=region_names().get(region_id, ""),
        since=since,
        due_at=due_at,
        is_urgent=urgency != Urgency.NORMAL,
        is_late=due_at is not None and due_at < now,
    )


def _clocks(visible: Cases, now: datetime) -> tuple[list[Running], list[Running]]:
    """Return the clocks that run out next, and those that ran out first of all. One statement."""
    running = Clock.objects.running().filter(case__in=visible)
    fields = (
        *("case_id", "case__number", "case__title", "case__region_id"),
        *("stage", "order__unit_id", "due_at", "case__is_confidential"),
    )
    bounds = [Q(due_at__gte=now), Q(due_at__lt=now)]
    rows = [_running(row) for row in _each_first(running, bounds, fields, MOST_CLOCKS)]
    rows.sort(key=lambda clock: (clock.due_at, clock.id))
    return [c for c in rows if c.due_at >= now], [c for c in rows if c.due_at < now]


def _running(row: tuple[Any, ...]) -> Running:
    key, number, title, region_id, stage, unit_id, due_at, is_hidden = row
    return Running(
        id=key,
        number=number,
        title=wall_title(title, is_hidden=is_hidden),
        stage=STAGE_LABELS[Stage(stage)],
        place=region_names().get(region_id, ""),
        unit=unit_name(unit_id) if unit_id else _("指挥中心"),
        due_at=due_at,
    )


def _each_first(
    rows: "QuerySet[Any]", bounds: Iterable[Q], fields: tuple[str, ...], most: int
) -> list[tuple[Any, ...]]:
    """Return the first of each part by due date: in one statement, each part read along its own index."""
    first, *rest = [
        rows.filter(bound).order_by("due_at", "pk").values_list(*fields)[:most] for bound in bounds
    ]
    return list(first.union(*rest, all=True))
