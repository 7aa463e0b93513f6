"""The queue of cases that wait for dispatch: page by page, each with what is proposed for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from gridloop.base.shell.pages import keyset
from gridloop.capabilities.dispatch.forms.queue import QueueFilter
from gridloop.capabilities.dispatch.limits import MOST_CASES
from gridloop.capabilities.dispatch.options import Proposals
from gridloop.capabilities.dispatch.planning import shown
from gridloop.capabilities.dispatch.proposals import propose
from gridloop.core.cases.choices import unit_names
from gridloop.core.cases.due import Due, due
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time

PAGE_SIZE = 50
PORTION = 200  # cases looked at together where the filter is by what is proposed
MOST_PORTIONS = 5
BY_DUE = ("due_at", "pk")


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the queue, with its proposals as `planning.shown` has them."""

    case: Case
    due: Due | None
    options: list[dict[str, Any]]
    is_certain: bool
    ask: str
    boundary: str
    age_m: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue; `is_cut`: so much was looked through that the next page goes on from there."""

    rows: list[Row] = field(default_factory=list)
    next_cursor: str = ""
    previous_cursor: str = ""
    is_cut: bool = False


def waiting(actor: Actor, *, is_adjudicating: bool = False) -> QuerySet[Case]:
    """
    Return the registered cases that the actor may see and that wait for dispatch, or for adjudication.

    Not those of drills: they are dispatched one by one, on their own page.
    """
    cases = Case.objects.visible_to(actor).real()
    return cases.filter(state=State.REGISTERED, is_adjudicating=is_adjudicating)


def piles(actor: Actor) -> tuple[int, int]:
    """Return how many cases wait for dispatch and how many for adjudication, in one statement."""
    found = Case.objects.visible_to(actor).real().filter(state=State.REGISTERED)
    numbers = found.aggregate(
        waiting=Count("pk", filter=Q(is_adjudicating=False)),
        apart=Count("pk", filter=Q(is_adjudicating=True)),
    )
    return numbers["waiting"], numbers["apart"]


def page(cases: QuerySet[Case], form: QueueFilter, cursor: str, now: datetime) -> QueuePage:
    """Return a page of the narrowed queue, the soonest due first."""
    loaded = cases.select_related("category", "region")
    if not form.asks_proposals:
        found = keyset(loaded, cursor=cursor, size=PAGE_SIZE, key=BY_DUE)
        return QueuePage(rows(found.rows, now), found.next_cursor, found.previous_cursor)
    kept: list[Row] = []
    for _portion in range(MOST_PORTIONS):
        found = keyset(loaded, cursor=cursor, size=PORTION, key=BY_DUE)
        kept += rows(found.rows, now, form)
        cursor = found.next_cursor
        if not cursor or len(kept) >= PAGE_SIZE:
            break
    return QueuePage(kept, cursor, is_cut=bool(cursor) and len(kept) < PAGE_SIZE)


def ids(cases: QuerySet[Case], form: QueueFilter, now: datetime) -> list[UUID]:
    """
    Return the keys of all cases that pass, the soonest due first; one more than a batch may have at the
    most.
    """
    found = cases.order_by(*BY_DUE)
    if not form.asks_proposals:
        return list(found.values_list("pk", flat=True)[: MOST_CASES + 1])
    return list(_passing(cases, form, now))[: MOST_CASES + 1]


def rows(cases: list[Case], now: datetime, form: QueueFilter | None = None) -> list[Row]:
    """Return the rows of these cases, of those alone that pass the filter where one is given."""
    proposed, work = propose(cases, at=now), work_time()
    return [
        _row(case, proposed[case.pk], due(case.due_at, now, work), now)
        for case in cases
        if form is None or form.passes(proposed[case.pk])
    ]


def points(cases: QuerySet[Case], now: datetime) -> dict[str, Any]:
    """Return the queue's cases that have a point, as GeoJSON, no more than a batch may have."""
    placed = cases.filter(lon__isnull=False).order_by(*BY_DUE)
    found = placed.values_list("pk", "number", "title", "lon", "lat", "due_at")[:MOST_CASES]
    return {"type": "FeatureCollection", "features": [_feature(row, now) for row in found]}


def _passing(cases: QuerySet[Case], form: QueueFilter, now: datetime) -> Iterator[UUID]:
    cursor, loaded = "", cases.select_related("category", "region")
    for _portion in range(2 * MOST_CASES // PORTION):
        found = keyset(loaded, cursor=cursor, size=PORTION, key=BY_DUE)
        proposed = propose(found.rows, at=now)
        yield from (case.pk for case in found.rows if form.passes(proposed[case.pk]))
        cursor = found.next_cursor
        if not cursor:
            return


def _row(case: Case, proposals: Proposals, left: Due | None, now: datetime) -> Row:
    options = [
        shown(option)
        | {"assist_names": unit_names(option.assist_unit_ids), "percent": round(option.score * 100)}
        for option in proposals.options
    ]
    boundary = proposals.boundary.words if proposals.boundary else ""
    age_m = max(0, int((now - case.reported_at).total_seconds() // 60))
    return Row(case, left, options, proposals.is_certain, proposals.ask, boundary, age_m)


def _feature(row: tuple[Any, ...], now: datetime) -> dict[str, Any]:
    key, number, title, lon, lat, due_at = row
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "id": str(key),
            "number": number,
            "title": title,
            "late": due_at is not None and due_at < now,
            "url": reverse("desk:case", args=[key]),
        },
    }
