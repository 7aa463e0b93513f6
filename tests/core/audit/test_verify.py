"""Whatever is done to the log behind its back is found, and the first broken link is named."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gridloop.core.audit.actions import SealRefused, build, seal_day, seal_missed
from gridloop.core.audit.models import Entry, Seal
from gridloop.core.audit.verify import Fault, Proof, verify
from tests.core.audit.factories import (
    AT,
    DAY,
    STREAMS,
    alter,
    alter_seal,
    head_of,
    remove,
    tamper,
    trigger_bypassed,
    write,
    write_log,
)

pytestmark = pytest.mark.django_db

STREAM = STREAMS[1]


@pytest.fixture(autouse=True)
def _log(db: None) -> None:
    write_log()
    seal_day(AT.date(), now=AT + DAY)
    write_log()
    seal_day(AT.date() + timedelta(days=1), now=AT + 2 * DAY)
    write_log()


def found(proof: Proof) -> list[tuple[Fault, str, int]]:
    return [(b.fault, b.stream, b.seq) for b in proof.broken]


def first_link() -> tuple[Fault, str, int]:
    """Return the first break that names a line."""
    return next(link for link in found(verify()) if link[1])


def test_a_log_that_nobody_touched_is_whole() -> None:
    proof = verify()
    assert proof.is_whole
    assert (proof.lines, proof.streams, proof.seals, proof.unsealed) == (36, 3, 2, 12)


def test_the_reader_is_told_how_far_it_is() -> None:
    told: list[int] = []
    verify(told.append)
    assert told[-1] == 36


@pytest.mark.parametrize(
    "change",
    [
        "note = note || '。'",
        "actor_label = '别人'",
        "user_id = 8",
        "user_id = NULL",
        "at = at + interval '1 microsecond'",
        "verb = 'close'",
        "source = ''",
        "target = 'closed'",
        "data = jsonb_set(data, '{n}', '9')",
        "data = data - 'n'",
        "prev = sha256('x')",
        "hash = sha256('x')",
        "actor_kind = 'system'",
    ],
)
@pytest.mark.parametrize("seq", [1, 5, 12])
def test_a_changed_line_is_named(change: str, seq: int) -> None:
    assert alter(change, STREAM, seq) == 1
    assert first_link() == (Fault.CHANGED, str(STREAM), seq)


def test_a_changed_line_whose_hash_was_made_anew_is_named() -> None:
    line = Entry.objects.get(stream=STREAM, seq=5)
    forged = build(
        STREAM,
        head=(4, bytes(line.prev)),
        verb=line.verb,
        at=line.at,
        actor_kind=line.actor_kind,
        actor_label=line.actor_label,
        note="伪造",
    )
    change = "note = %s, data = '{}', user_id = NULL, source = '', target = '', hash = %s"
    assert alter(change, STREAM, 5, "伪造", forged.hash) == 1
    assert first_link() == (Fault.CHANGED, str(STREAM), 5)


@pytest.mark.parametrize("seq", [1, 5, 11])
def test_a_removed_line_is_named(seq: int) -> None:
    remove(STREAM, seq)
    assert first_link() == (Fault.REMOVED, str(STREAM), seq)


def test_a_removed_line_whose_gap_was_closed_is_named() -> None:
    remove(STREAM, 5)
    for seq in range(6, 13):
        alter("seq = seq - 1", STREAM, seq)
    assert first_link() == (Fault.REMOVED, str(STREAM), 5)


def insert(seq: int, *, has_true_hash: bool) -> None:
    for number in range(12, seq - 1, -1):
        alter("seq = seq + 1", STREAM, number)
    before = Entry.objects.get(stream=STREAM, seq=seq - 1)
    line = build(
        STREAM,
        head=(seq - 1, bytes(before.hash)),
        verb="annotate",
        at=AT,
        actor_kind="person",
        actor_label="坐席",
        note="从来没有发生",
    )
    if not has_true_hash:
        line.hash = bytes(32)
    with trigger_bypassed():
        line.save(force_insert=True)


@pytest.mark.parametrize("has_true_hash", [True, False])
def test_an_inserted_line_is_named(has_true_hash: bool) -> None:
    insert(5, has_true_hash=has_true_hash)
    assert first_link() == (Fault.INSERTED, str(STREAM), 5)


def test_two_lines_that_changed_places_are_named() -> None:
    for old, new in ((5, 99), (6, 5), (99, 6)):
        alter(f"seq = {new}", STREAM, old)
    assert first_link() == (Fault.REORDERED, str(STREAM), 5)


def test_lines_whose_keys_changed_places_are_found() -> None:
    low, high = (
        Entry.objects.filter(stream=STREAM, seq__in=(5, 6)).order_by("seq").values_list("pk", flat=True)
    )
    for old, new in ((low, 10**9), (high, low), (10**9, high)):
        tamper("UPDATE audit_entry SET id = %s WHERE id = %s", new, old)
    assert first_link() == (Fault.REORDERED, str(STREAM), 1)


def test_the_removal_of_the_last_line_of_a_stream_is_found_by_the_seal() -> None:
    tamper("DELETE FROM audit_entry WHERE stream = %s AND seq > 7", STREAM)
    (broken,) = verify().broken
    assert (broken.fault, broken.day) == (Fault.REMOVED, AT.date() + timedelta(days=1))
    assert "少了 1 条" in broken.message


def test_the_removal_of_a_whole_stream_is_found_by_the_seal() -> None:
    tamper("DELETE FROM audit_entry WHERE stream = %s", STREAM)
    (broken,) = verify().broken
    assert (broken.fault, broken.day) == (Fault.REMOVED, AT.date())


def test_a_stream_that_was_slipped_into_a_sealed_day_is_found() -> None:
    tamper("DELETE FROM audit_entry WHERE stream = %s", STREAMS[2])
    gap = Entry.objects.filter(stream=STREAMS[0], seq=1).values_list("pk", flat=True)[0] + 2
    line = build(STREAMS[2], head=(0, b""), verb="x", at=AT, actor_kind="person", actor_label="甲")
    line.pk = gap
    with trigger_bypassed():
        line.save(force_insert=True)
    (broken,) = verify().broken
    assert (broken.fault, broken.day) == (Fault.REMOVED, AT.date())


def test_the_time_at_which_the_database_took_a_line_in_is_sealed_too() -> None:
    alter("recorded_at = recorded_at - interval '1 day'", STREAM, 2)
    assert [(b.fault, b.day) for b in verify().broken] == [(Fault.SEAL, AT.date())]


@pytest.mark.parametrize(
    "change",
    ["digest = sha256('x')", "prev = sha256('x')", "count = count - 1", "last_id = last_id - 1, count = 0"],
)
@pytest.mark.parametrize("nth", [0, 1])
def test_an_altered_seal_is_found(change: str, nth: int) -> None:
    day = AT.date() + timedelta(days=nth)
    assert alter_seal(change, day) == 1
    proof = verify()
    assert [b.day for b in proof.broken] == [day]


def test_a_seal_that_was_taken_out_from_between_is_found() -> None:
    seal_day(AT.date() + timedelta(days=2), now=AT + 3 * DAY)
    tamper("DELETE FROM audit_seal WHERE day = %s", AT.date() + timedelta(days=1))
    (broken,) = verify().broken
    assert (broken.fault, broken.day) == (Fault.SEAL, AT.date() + timedelta(days=2))


def test_what_a_writer_adds_later_is_no_fault() -> None:
    write(STREAM, 3)
    write(STREAMS[0], 1)
    assert verify().is_whole
    assert head_of(STREAM).seq == 15


class TestSealing:
    def test_a_day_is_sealed_once(self) -> None:
        again = seal_day(AT.date(), now=AT + 5 * DAY)
        assert again == Seal.objects.in_order()[0]
        assert Seal.objects.count() == 2

    def test_a_day_that_is_not_over_is_not_sealed(self) -> None:
        later = AT + 10 * DAY
        with pytest.raises(SealRefused, match="还没有结束"):
            seal_day(timezone.localdate(later), now=later)

    def test_a_day_before_a_sealed_one_is_not_sealed(self) -> None:
        with pytest.raises(SealRefused, match="已经封存"):
            seal_day(AT.date() - timedelta(days=1), now=AT + 10 * DAY)

    def test_missed_days_are_made_up_and_a_second_run_does_nothing(self) -> None:
        now = AT + 5 * DAY
        made = seal_missed(now=now)
        assert [seal.day for seal in made] == [AT.date() + timedelta(days=n) for n in (2, 3, 4)]
        assert [seal.count for seal in made] == [12, 0, 0]
        assert seal_missed(now=now) == []
        assert verify().is_whole

    def test_the_first_seal_of_all_is_yesterdays(self) -> None:
        with trigger_bypassed(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_seal")
        assert [seal.day for seal in seal_missed(now=AT + DAY)] == [AT.date()]
