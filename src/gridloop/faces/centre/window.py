"""The open cases in a window of the map, as GeoJSON."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from gridloop.base.common.boxes import Box
from gridloop.core.cases.labels import STATES
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.places import wall_title
from gridloop.faces.centre.spans import Span

MOST_POINTS = 2000


def cases_in(box: Box, actor: Actor, now: datetime, *, span: Span | None = None) -> dict[str, Any]:
    """
    Return the open cases in the box that `actor` may see, or all that were reported in `span`; at most 2,000,
    the soonest due first.

    `truncated` says that there are more: the map asks to come closer. One statement.
    """
    west, south, east, north = box
    visible = Case.objects.visible_to(actor).real()
    found = (
        (span.of(visible) if span else visible.open())
        .filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
        .order_by("due_at", "pk")
        .values_list("pk", "number", "title", "state", "lon", "lat", "due_at", "is_confidential")
    )
    rows = list(found[: MOST_POINTS + 1])
    return {
        "type": "FeatureCollection",
        "truncated": len(rows) > MOST_POINTS,
        "features": [_feature(row, now) for row in rows[:MOST_POINTS]],
    }


def _feature(row: tuple[Any, ...], now: datetime) -> dict[str, Any]:
    key, number, title, state, lon, lat, due_at, is_hidden = row
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "id": str(key),
            "number": number,
            "title": wall_title(title, is_hidden=is_hidden),
            "state": str(STATES[State(state)]),
            "late": due_at is not None and due_at < now,
            "url": reverse("desk:case", args=[key]),
        },
    }
