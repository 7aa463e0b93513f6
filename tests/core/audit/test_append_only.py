"""The database itself refuses to change or to forget."""

import pytest
from django.db import DatabaseError, connection, transaction

from gridloop.base.common.errors import InvalidInput
from gridloop.core.audit.actions import append, build, seal_day
from gridloop.core.audit.chain import GENESIS, storable
from gridloop.core.audit.models import Entry, Seal
from tests.core.audit.factories import AT, DAY, STREAMS, tamper, write, write_log

pytestmark = pytest.mark.django_db

CHANGES = ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"]


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize(("table", "column"), [("audit_entry", "note"), ("audit_seal", "count")])
def test_no_statement_changes_a_line_or_a_seal(statement: str, table: str, column: str) -> None:
    write_log()
    seal_day(AT.date(), now=AT + DAY)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column, column))
    assert (Entry.objects.count(), Seal.objects.count()) == (12, 1)


def test_even_a_statement_that_would_touch_nothing_is_refused() -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.filter(pk=-1).update(note="")


def test_who_bypasses_the_trigger_can_change_it_so_the_chain_must_tell() -> None:
    (line,) = write(STREAMS[0], 1)
    assert tamper("UPDATE audit_entry SET note = 'x' WHERE id = %s", line.pk) == 1


def test_lines_are_tied_to_the_one_before_from_the_genesis_on() -> None:
    first, second = write(STREAMS[0], 2)
    assert (bytes(first.prev), bytes(second.prev)) == (GENESIS, bytes(first.hash))
    assert Entry.objects.head(STREAMS[0]) == (2, bytes(second.hash))
    assert Entry.objects.head(STREAMS[1]) == (0, GENESIS)


def test_two_writers_with_the_same_head_collide() -> None:
    write(STREAMS[0], 1)
    stale = {"head": (0, b""), "verb": "x", "at": AT, "actor_kind": "person", "actor_label": "甲"}
    with pytest.raises(DatabaseError, match="entry_numbered_once"), transaction.atomic():
        append(STREAMS[0], **stale)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, float("inf"), float("nan"), 1e16])
def test_a_number_that_jsonb_would_change_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="exactly"):
        storable({"n": value})


@pytest.mark.parametrize("value", [b"x", AT, {1: 2}, {"x": {3}}])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        storable(value)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800"])
def test_text_that_the_database_cannot_keep_is_refused_kindly(text: str) -> None:
    line = {"head": (0, b""), "verb": "x", "at": AT, "actor_kind": "person", "actor_label": "甲"}
    for fields in ({"note": text}, {"data": {"t": [text]}}):
        with pytest.raises(InvalidInput, match="控制字符"):
            build(STREAMS[0], **line, **fields)


def test_a_backslash_that_somebody_typed_is_no_control_character() -> None:
    line = {"head": (0, b""), "verb": "x", "at": AT, "actor_kind": "person", "actor_label": "甲"}
    assert append(STREAMS[0], **line, note=r"\u0000").note == r"\u0000"


def test_a_naive_moment_is_refused() -> None:
    line = {"head": (0, b""), "verb": "x", "actor_kind": "person", "actor_label": "甲"}
    with pytest.raises(ValueError, match="time zone"):
        build(STREAMS[0], at=AT.replace(tzinfo=None), **line)
