"""The only writers of the log. Nothing is ever changed or taken out."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from gridloop.base.common.errors import DomainError
from gridloop.core.audit.chain import GENESIS, Head, entry_hash, storable
from gridloop.core.audit.models import Entry, Seal
from gridloop.core.audit.reader import lines_between
from gridloop.core.audit.seals import SealDigest

LOCK_WAIT = "3s"


class SealRefused(DomainError):
    """The day cannot be sealed: it is not over, or a later one is sealed already."""

    code = "seal-refused"


class LogBusy(DomainError):
    """A long write is under way, and waiting for it would hold up everybody else."""

    code = "log-busy"


def build(
    stream: UUID,
    *,
    head: Head | tuple[int, bytes],
    verb: str,
    at: datetime,
    actor_kind: str,
    actor_label: str,
    user_id: int | None = None,
    post_id: int | None = None,
    unit_id: int | None = None,
    source: str = "",
    target: str = "",
    note: str = "",
    data: dict[str, Any] | None = None,
) -> Entry:
    """
    Return the next line of a stream without storing it; its `seq` and `hash` are the stream's new head.

    Whoever stores many leaves `id` and `recorded_at` to the database: an id drawn beforehand could fall
    into a range that was sealed meanwhile.

    :param head: number and hash of the stream's last line; the hash may be empty where the number is 0.
    :param at: when it happened, aware.
    :raises InvalidInput: a text holds a character that the database cannot keep.
    :raises TypeError, ValueError: `data` holds what JSONB would not give back, see `chain.storable`; or `at`
        is naive.
    """
    number, last_hash = head
    prev = GENESIS if number == 0 else bytes(last_hash)
    if at.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {at}")
    if number < 0 or len(prev) != len(GENESIS):
        raise ValueError(f"not the head of a stream: {number}, {len(prev)} bytes")
    fields: dict[str, Any] = {
        "stream": stream,
        "seq": number + 1,
        "verb": str(verb),
        "at": at,
        "actor_kind": str(actor_kind),
        "user_id": user_id,
        "post_id": post_id,
        "unit_id": unit_id,
        "actor_label": actor_label,
        "source": str(source),
        "target": str(target),
        "note": note,
        "data": storable(data or {}),
    }
    return Entry(**fields, prev=prev, hash=entry_hash(prev, **fields))


def append(stream: UUID, *, head: Head | tuple[int, bytes], **fields: Any) -> Entry:
    """
    Store the next line of a stream, with one INSERT, and return it.

    The caller holds a lock on what the stream is about, and read `head` under it (`Entry.objects.head`). Two
    writers with the same head collide on the line's number: one succeeds, the other gets an IntegrityError.

    :param fields: as `build` takes them.
    """
    entry = build(stream, head=head, **fields)
    entry.save(force_insert=True)
    return entry


def seal_day(day: date, *, now: datetime) -> Seal:
    """
    Seal all lines that no seal holds yet under the name of `day`, a local date that is over.

    Sealing a day again returns the seal that it has. The log is locked for a moment only, until the
    writers under way have ended, so that no line with a lower id can turn up later.

    :raises SealRefused: the day is not over, or a later day is sealed.
    :raises LogBusy: a writer does not end; try again later.
    """
    if known := Seal.objects.filter(day=day).first():
        return known
    if day >= timezone.localdate(now):
        raise SealRefused(_("%(day)s 还没有结束，请到次日再封存。") % {"day": day}, day=day.isoformat())
    last_id = _settle()
    return _seal(day, last_id, now)


def seal_missed(*, now: datetime) -> list[Seal]:
    """
    Seal each day that is over and has no seal, from the day after the newest seal on; return the new seals.

    The first seal of all is yesterday's. Done again, it does nothing.

    :raises LogBusy: a writer does not end; what was sealed until then stays sealed.
    """
    yesterday = timezone.localdate(now) - timedelta(days=1)
    newest = Seal.objects.newest()
    day = newest.day + timedelta(days=1) if newest else yesterday
    made = []
    while day <= yesterday:
        made.append(seal_day(day, now=now))
        day += timedelta(days=1)
    return made


@transaction.atomic
def _settle() -> int:
    """Wait until all lines up to the highest id are either there or never will be; return that id."""
    with connection.cursor() as cursor:
        # Writers queue behind a waiting lock: the wait is short, and a long import makes us give up instead.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        try:
            cursor.execute("LOCK TABLE audit_entry IN SHARE MODE")
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise LogBusy(_("日志正在大量写入，暂时不能封存，请稍后重试。")) from error
            raise
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_entry")
        return int(cursor.fetchone()[0])


@transaction.atomic
def _seal(day: date, last_id: int, now: datetime) -> Seal:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE audit_seal IN SHARE ROW EXCLUSIVE MODE")  # one seal at a time
    before = Seal.objects.newest()
    if before and before.day == day:
        return before
    if before and before.day > day:
        raise SealRefused(
            _("%(later)s 已经封存，不能再补 %(day)s。") % {"later": before.day, "day": day},
            day=day.isoformat(),
        )
    first_id, prev = (before.last_id + 1, bytes(before.digest)) if before else (1, GENESIS)
    last_id = max(last_id, first_id - 1)
    digest = SealDigest(prev, day, first_id)
    for line in lines_between(first_id, last_id):
        digest.add(line)
    return Seal.objects.create(
        day=day,
        first_id=first_id,
        last_id=last_id,
        count=digest.count,
        prev=prev,
        digest=digest.digest(last_id),
        sealed_at=now,
    )
