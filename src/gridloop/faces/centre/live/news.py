"""What happened since somebody last looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import orjson
from django.db import connection

from gridloop.faces.centre.actions import KEPT
from gridloop.faces.centre.live.viewer import Happening, Viewer
from gridloop.faces.centre.models import LiveEvent

NOTHING = b"[]"
MOST = 500  # more than that is quicker loaded anew
_FIELDS = (
    "pk", "transaction", "at", "case_id", "verb", "state", "region_path", "units",
    "case__number", "case__title", "case__region_id", "case__lon", "case__lat",
    "case__is_confidential", "case__reported_by_id",
)  # fmt: skip
_SNAPSHOT = """
    SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint
    FROM pg_current_snapshot() AS now
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """
    How far a reader has come: nothing is missing that was written by a transaction below this one.

    What comes after may in part be known already: readers go by the events' keys. `seconds` is when it was
    given out, as a UNIX time, since rows are forgotten after a day.
    """

    transaction: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.transaction}-{self.seconds}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the cursor that `str` made, or None where this is none."""
        left, _dash, right = text.partition("-")
        is_one = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (left, right))
        return cls(int(left), int(right)) if is_one else None

    def is_known(self, now: datetime, newest: int) -> bool:
        """Say whether what came after it is still there: not a day old, and not of another database."""
        return self.transaction <= newest and now.timestamp() - self.seconds < KEPT.total_seconds()


@dataclass(frozen=True, slots=True)
class News:
    """
    What came after a cursor; None where it must be loaded anew.

    `cursor` is where the next one begins; no transaction had begun yet from `newest` on.
    """

    events: list[Happening] | None
    cursor: Cursor
    newest: int


def here(now: datetime) -> Cursor:
    """Return the cursor of somebody who has just loaded everything. One statement."""
    return Cursor(_snapshot()[0], int(now.timestamp()))


def since(cursor: Cursor, now: datetime) -> News:
    """Return what a reader who stands at `cursor` may have missed. Two statements."""
    # Before the rows: what ends in between is read now, and once more the next time.
    oldest, newest = _snapshot()
    come = Cursor(oldest, int(now.timestamp()))
    events = read(cursor.transaction) if cursor.is_known(now, newest) else None
    return News(None if events is None or len(events) > MOST else events, come, newest)


def read(transaction: int) -> list[Happening]:
    """Return the events of this transaction and later ones, at most one more than MOST, the oldest first."""
    rows = LiveEvent.objects.since(transaction).order_by("pk").values_list(*_FIELDS)
    return [_happening(*row) for row in rows[: MOST + 1]]


def latest(viewer: Viewer, count: int) -> bytes:
    """Return the JSON list of the last events that the viewer may be told of, the oldest first."""
    rows = LiveEvent.objects.order_by("-pk").values_list(*_FIELDS)[:MOST]
    events = [event for event in (_happening(*row) for row in rows) if viewer.sees(event)]
    return shown_to(viewer, reversed(events[:count]))


def shown_to(viewer: Viewer, events: Iterable[Happening]) -> bytes:
    """Return the JSON list of those that the viewer may be told of."""
    return b"[%s]" % b",".join(event.shown for event in events if viewer.sees(event))


def _snapshot() -> tuple[int, int]:
    """Return the first transaction that has not ended, and the first that has not begun."""
    with connection.cursor() as cursor:
        cursor.execute(_SNAPSHOT)
        oldest, newest = cursor.fetchone()
    return oldest, newest


def _happening(*row: Any) -> Happening:
    key, transaction, at, case, verb, state, path, units, number, title, region, lon, lat, hidden, who = row
    shown = {
        "id": key,
        "verb": verb,
        "case": case,
        "number": number,
        # Whoever asked not to be named is not found by their words or their doorstep on a wall.
        "title": "" if hidden else title,
        "state": state,
        "region": region,
        "lon": None if hidden else lon,
        "lat": None if hidden else lat,
        "at": at,
    }
    return Happening(key, transaction, orjson.dumps(shown), path, frozenset(units), who)
