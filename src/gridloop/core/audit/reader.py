"""The log as a stream of plain rows: one snapshot, a bounded amount of memory, however long it is."""

from collections.abc import Iterator
from datetime import datetime
from typing import LiteralString, NamedTuple, cast

import orjson
from django.db import connection
from psycopg import Cursor
from psycopg.sql import SQL

from gridloop.core.audit.chain import entry_hash


class Line(NamedTuple):
    """One row of the log as it is stored; `stream` and `data` as text."""

    id: int
    stream: str
    seq: int
    verb: str
    at: datetime
    actor_kind: str
    user_id: int | None
    post_id: int | None
    unit_id: int | None
    actor_label: str
    source: str
    target: str
    note: str
    data: str
    prev: bytes
    hash: bytes
    recorded_at: datetime

    def rehash(self, seq: int | None = None) -> bytes:
        """Return the hash that follows from what the line holds, or would if it were numbered `seq`."""
        return entry_hash(
            self.prev,
            stream=self.stream,
            seq=self.seq if seq is None else seq,
            verb=self.verb,
            at=self.at,
            actor_kind=self.actor_kind,
            user_id=self.user_id,
            post_id=self.post_id,
            unit_id=self.unit_id,
            actor_label=self.actor_label,
            source=self.source,
            target=self.target,
            note=self.note,
            data={} if self.data == "{}" else orjson.loads(self.data),
        )


_TYPES = [
    *(
        "int8",
        "text",
        "int4",
        "varchar",
        "timestamptz",
        "varchar",
        "int8",
        "int8",
        "int8",
        "varchar",
        "varchar",
    ),
    *("varchar", "text", "text", "bytea", "bytea", "timestamptz"),
]
_COPY = """
    COPY (
        SELECT id, stream::text, seq, verb, at, actor_kind, user_id, post_id, unit_id, actor_label, source,
               target, note, data::text, prev, hash, recorded_at
        FROM audit_entry {rows}
    ) TO STDOUT (FORMAT BINARY)
"""


def all_lines() -> Iterator[Line]:
    """Yield every line in the order in which they were written. The connection is busy until the end."""
    return _copied("ORDER BY id")


def lines_between(first_id: int, last_id: int) -> Iterator[Line]:
    """Yield the lines of a range of ids, both ends included, in the order in which they were written."""
    return _copied("WHERE id BETWEEN %s AND %s ORDER BY id", first_id, last_id)


def lines_of(stream: str) -> list[Line]:
    """Return the lines of one stream by number."""
    return [*_copied("WHERE stream = %s ORDER BY seq, id", stream)]


def _copied(rows: LiteralString, *params: object) -> Iterator[Line]:
    # COPY streams one statement's snapshot without a cursor, so nothing is stored on the server meanwhile.
    query = SQL(_COPY).format(rows=SQL(rows))
    with connection.cursor() as cursor, cast("Cursor", cursor).copy(query, params) as copy:
        copy.set_types(_TYPES)
        yield from map(Line._make, copy.rows())
