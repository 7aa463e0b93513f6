"""The open cases in a window of the map, as GeoJSON."""

import math
from datetime import datetime
from typing import Any, TypeAlias

from django.urls import reverse
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases.labels import STATES
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor

MOST_POINTS = 2000
Box: TypeAlias = tuple[float, float, float, float]


def read_box(text: str) -> Box:
    """
    Return west, south, east, north in degrees.

    :raises InvalidInput: not four numbers, out of range, or in the wrong order.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise _bad_box() from error
    is_finite = all(math.isfinite(side) for side in (west, south, east, north))
    if not is_finite or west > east or south > north:
        raise _bad_box()
    return west, south, east, north


def cases_in(box: Box, actor: Actor, now: datetime) -> dict[str, Any]:
    """
    Return the open cases in the box that `actor` may see, at most 2,000, the soonest due first.

    `truncated` says that there are more: the map asks to come closer. One statement.
    """
    west, south, east, north = box
    found = (
        Case.objects.visible_to(actor)
        .open()
        .filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
        .order_by("due_at", "pk")
        .values_list("pk", "number", "title", "state", "lon", "lat", "due_at")
    )
    rows = list(found[: MOST_POINTS + 1])
    return {
        "type": "FeatureCollection",
        "truncated": len(rows) > MOST_POINTS,
        "features": [_feature(row, now) for row in rows[:MOST_POINTS]],
    }


def _feature(row: tuple[Any, ...], now: datetime) -> dict[str, Any]:
    key, number, title, state, lon, lat, due_at = row
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "id": str(key),
            "number": number,
            "title": title,
            "state": str(STATES[State(state)]),
            "late": due_at is not None and due_at < now,
            "url": reverse("desk:case", args=[key]),
        },
    }


def _bad_box() -> InvalidInput:
    return InvalidInput(
        _("地图范围应为 西,南,东,北 四个经纬度，例如 119.9,31.6,120.1,31.8。"), fields={"bbox": _("格式不对")}
    )
