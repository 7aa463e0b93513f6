"""
Cases in a window of the map, summed up in squares of the screen.

However many cases there are, the answer has at most a screenful of squares: two hundred thousand points and
two hundred cost the browser the same. Reads the index of open cases by point, or the keys of a day or month.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, Q
from django.utils.translation import gettext as _

from gridloop.base.common.boxes import Box
from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.analysis import Cell
from gridloop.faces.centre.counting import Cases
from gridloop.faces.centre.spans import Span
from gridloop.faces.centre.visit import FEW, fit_for_visitors

TILE_PX = 512  # of a map tile at a whole zoom, as MapLibre counts
SQUARE_PX, FINE_PX = 72, 20
ZOOMS = (0.0, 22.0)
MOST_SQUARES = 6000
# Strangers never see the ground more closely than this: squares of about 400 m.
VISITOR_DEGREES = 0.004


@dataclass(frozen=True, slots=True)
class Look:
    """What of the cases a map asks for: the window, how close, when, and whether only what is late."""

    box: Box
    size: float
    span: Span | None = None
    is_late_only: bool = False


def square_size(zoom: float, *, is_fine: bool = False) -> float:
    """Return the side, in degrees, of a square of the screen at a zoom, rounded to a power of two."""
    return float(360 / TILE_PX / 2 ** int(zoom) * (FINE_PX if is_fine else SQUARE_PX))


def read_zoom(text: str) -> float:
    """
    Return the zoom of the map.

    :raises InvalidInput: no number between 0 and 22.
    """
    try:
        zoom = float(text)
    except ValueError:
        zoom = -1.0
    if not ZOOMS[0] <= zoom <= ZOOMS[1]:
        raise InvalidInput(_("地图级别应为 0 到 22 之间的数。"), fields={"zoom": _("格式不对")})
    return zoom


def cells_in(look: Look, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the squares of the window as GeoJSON points at the middle of their cases. One statement."""
    return _collection(_squares(Case.objects.visible_to(actor).real(), look, now), look)


def masked_cells_in(look: Look, actor: Actor, now: datetime) -> dict[str, Any]:
    """
    Return the squares as strangers may see them: coarse, at their own middle, without what is few or late.
    """
    size = max(look.size, VISITOR_DEGREES)
    # Whole squares only: two windows that differ by a strip would tell what lies in the strip.
    shown = Look(_snapped(look.box, size), size)
    rows = _squares(fit_for_visitors(Case.objects.visible_to(actor)), shown, now)
    middles = [
        (x, y, count, 0, (x + 0.5) * size, (y + 0.5) * size)
        for x, y, count, _late, _lon, _lat in rows
        if count >= FEW
    ]
    return _collection(middles, shown)


def _snapped(box: Box, size: float) -> Box:
    west, south, east, north = (side / size for side in box)
    return (
        math.floor(west) * size,
        math.floor(south) * size,
        math.ceil(east) * size,
        math.ceil(north) * size,
    )


def _squares(cases: Cases, look: Look, now: datetime) -> list[tuple[Any, ...]]:
    west, south, east, north = look.box
    wanted = look.span.of(cases) if look.span else cases.overdue(now) if look.is_late_only else cases.open()
    rows = (
        wanted.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
        .order_by()
        .annotate(x=Cell("lon", look.size), y=Cell("lat", look.size))
        .values_list("x", "y")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(due_at__lt=now)),
            middle_lon=Avg("lon"),
            middle_lat=Avg("lat"),
        )
    )
    return list(rows[: MOST_SQUARES + 1])


def _collection(rows: Iterable[tuple[Any, ...]], look: Look) -> dict[str, Any]:
    found = list(rows)
    return {
        "type": "FeatureCollection",
        "truncated": len(found) > MOST_SQUARES,
        "total": sum(row[2] for row in found),
        "size": look.size,
        "features": [_feature(row, look.size) for row in found[:MOST_SQUARES]],
    }


def _feature(row: tuple[Any, ...], size: float) -> dict[str, Any]:
    x, y, count, late, lon, lat = row
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
        "properties": {"x": x, "y": y, "count": count, "late": late, "size": size},
    }
