"""A log to try things on, and a way past the trigger that guards it, as somebody with the database in hand has."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection

from gridloop.base.common.ids import id_at
from gridloop.core.audit.actions import append
from gridloop.core.audit.chain import Head
from gridloop.core.audit.models import Entry

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
STREAMS = [id_at(AT, seed=str(n)) for n in range(3)]


def write(stream: UUID, count: int, *, at: datetime = AT) -> list[Entry]:
    """Append lines to a stream as an action would."""
    return [
        append(
            stream,
            head=Entry.objects.head(stream),
            verb="annotate",
            at=at + timedelta(minutes=n),
            actor_kind="person",
            actor_label="坐席",
            user_id=7,
            source="handling",
            target="handling",
            note=f"第{n}次",
            data={"n": n, "里": [1.5, None, True]},
        )
        for n in range(count)
    ]


def write_log() -> None:
    """Write three streams, their lines mixed."""
    for _round in range(4):
        for stream in STREAMS:
            write(stream, 1)


@contextmanager
def trigger_bypassed() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def tamper(sql: str, *params: object) -> int:
    """Change the log behind its back; return how many rows that touched."""
    with trigger_bypassed(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def alter(change: str, stream: UUID, seq: int, *params: object) -> int:
    return tamper(f"UPDATE audit_entry SET {change} WHERE stream = %s AND seq = %s", *params, stream, seq)  # noqa: S608


def remove(stream: UUID, seq: int) -> int:
    return tamper("DELETE FROM audit_entry WHERE stream = %s AND seq = %s", stream, seq)


def alter_seal(change: str, day: date) -> int:
    return tamper(f"UPDATE audit_seal SET {change} WHERE day = %s", day)  # noqa: S608


def head_of(stream: UUID) -> Head:
    return Entry.objects.head(stream)
