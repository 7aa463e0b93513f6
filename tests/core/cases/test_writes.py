"""Rows that go out together are stored as Django's own `save` and `bulk_create` store them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gridloop.base.common.writes import Writes
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case, CaseWords, Clock, Reporter
from tests.core.cases import factories
from tests.core.cases.factories import AT, World

pytestmark = pytest.mark.django_db


def values(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.fixture
def case(world: World) -> Case:
    return factories.handling(world)


def clock(case: Case, **given: object) -> Clock:
    made = {"stage": "verify", "amount": 1, "unit": "working_day", "started_at": AT, "due_at": AT}
    return Clock(case=case, **made | given)


def test_changed_and_new_rows_go_out_in_one_statement_and_are_as_they_were_given(case: Case) -> None:
    old = Clock.objects.filter(case=case).first()
    case.title, case.outcome, case.due_at = "100% '清运'; --", "", None
    old.stopped_at = AT + timedelta(hours=1)
    new = [clock(case, stage=stage, due_at=AT + timedelta(days=2)) for stage in ("verify", "accept")]
    writes = Writes()
    writes.change(case, {"title", "outcome", "due_at"})
    writes.change(old, {"stopped_at"})
    writes.add(new)
    with CaptureQueriesContext(connection) as seen:
        writes.make()
    assert len(seen) == 1
    for row in (old, *new):
        assert values(type(row).objects.get(pk=row.pk)) == values(row)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.title, stored.outcome, stored.due_at) == ("100% '清运'; --", "", None)
    assert not any(row._state.adding for row in new)


def test_every_kind_of_column_is_written(case: Case) -> None:
    """Encrypted text, words to search by, JSON, bytes, and what the database fills in itself."""
    Reporter.objects.filter(case=case).delete()
    words = CaseWords.objects.get(case=case)
    words.delete()
    last = Entry.objects.filter(stream=case.pk).order_by("seq").last()
    line = Entry(
        stream=case.pk, seq=last.seq + 1, verb="note", at=AT, actor_kind="system",
        data={"改": ["一", None]}, prev=last.hash, hash=last.hash,
    )  # fmt: skip
    writes = Writes()
    writes.add([Reporter(case=case, name="王先生", phone="13800000000")])
    writes.add([CaseWords(case=case, words="'清运' '垃圾'")])
    writes.add([line])
    writes.make()
    assert Reporter.objects.get(case=case).phone == "13800000000"
    assert CaseWords.objects.filter(case=case, words__holds="'垃圾' & '清运'").exists()
    stored = Entry.objects.get(stream=case.pk, seq=line.seq)
    assert (stored.data, bytes(stored.hash)) == (line.data, bytes(last.hash))
    assert stored.recorded_at is not None


def test_one_row_that_is_refused_takes_all_with_it(case: Case) -> None:
    before = Clock.objects.count()
    case.title = "不会保存"
    writes = Writes()
    writes.change(case, {"title"})
    writes.add([clock(case), clock(case, id=Clock.objects.filter(case=case).first().pk)])
    with pytest.raises(IntegrityError), transaction.atomic():
        writes.make()
    assert Clock.objects.count() == before
    assert Case.objects.get(pk=case.pk).title != "不会保存"


def test_nothing_to_write_asks_nothing() -> None:
    writes = Writes()
    writes.add([])
    with CaptureQueriesContext(connection) as seen:
        writes.make()
    assert len(seen) == 0
