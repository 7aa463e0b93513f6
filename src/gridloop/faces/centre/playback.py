"""
The cases of one day or month as columns of numbers, for the map to play: a browser takes two hundred thousand
of them in without making an object of any.

Little-endian: `uint32` count, `uint32` minutes of the span, `float64` lon and lat of the origin; then, for
each column, `count` values: `float32` degrees east and north of the origin, `uint16` minute of reporting,
`uint16` minute of closing (65535: not within the span).
"""

import struct
from typing import Any

import numpy as np
from django.db.models import FloatField, Func

from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.spans import Span

MOST_PLAYED = 200_000
NEVER = 65535


class Epoch(Func):
    """A moment as seconds of UNIX time; Django's own Extract would read them off a clock in Shanghai."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)"
    output_field = FloatField()


def columns(span: Span, actor: Actor) -> bytes:
    """Return the columns of what `actor` may see of the span, the earliest first. One statement."""
    rows = (
        span.of(Case.objects.visible_to(actor).real())
        .filter(lon__isnull=False)
        .order_by("pk")
        .annotate(began=Epoch("reported_at"), ended=Epoch("closed_at"))
        .values_list("lon", "lat", "began", "ended")[:MOST_PLAYED]
    )
    found = np.array(list(rows), dtype=np.float64).reshape(-1, 4)
    return _packed(found, span, min(span.minutes, NEVER - 1))


def _packed(found: Any, span: Span, minutes: int) -> bytes:
    lon, lat = found[:, 0], found[:, 1]
    origin = (float(lon.mean()), float(lat.mean())) if len(found) else (0.0, 0.0)
    began = _minute(found[:, 2], span, minutes, late=minutes)
    ended = _minute(found[:, 3], span, minutes, late=NEVER)
    head = struct.pack("<IIdd", len(found), minutes, *origin)
    places = ((lon - origin[0]).astype("<f4"), (lat - origin[1]).astype("<f4"))
    return b"".join([head, *(column.tobytes() for column in (*places, began, ended))])


def _minute(epochs: Any, span: Span, minutes: int, *, late: int) -> Any:
    """Return the minute of the span for each moment; `late` for what lies behind it or never was."""
    since = (epochs - span.begins.timestamp()) / 60
    inside = np.nan_to_num(np.clip(since, 0, None), nan=np.inf)
    return np.where(inside > minutes, late, np.minimum(inside, minutes)).astype("<u2")
