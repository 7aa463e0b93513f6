"""A process that is killed in the middle of a batch: what was done is done once, the rest is done after it."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from gridloop.capabilities.dispatch.actions.batches import confirm
from gridloop.capabilities.dispatch.actions.previews import preview
from gridloop.capabilities.dispatch.models import Batch, BatchItem, ItemResult
from gridloop.capabilities.dispatch.tasks import resume_batches
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.cases.workflow import State
from tests.capabilities.dispatch.conftest import with_duty
from tests.config.programs import eventually, started
from tests.core.cases import factories
from tests.core.cases.factories import MINUTE, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
CASES, HALF = 12, 6
JOB = (
    "import django; django.setup(); from gridloop.capabilities.dispatch.tasks import carry_out; carry_out({})"
)


@pytest.fixture
def world(transactional_db: None) -> World:
    return with_duty(make_world())


def address() -> str:
    """Return how another process reaches the database of this test."""
    known = connection.settings_dict
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(**{name: known[key] for name, key in names.items() if known[key]})


@contextmanager
def held(statement: str, *values: object) -> Iterator[psycopg.Connection]:
    """Hold, by a connection of its own, what the statement locks."""
    with psycopg.connect(address()) as other:
        other.execute(statement, values)
        yield other
        other.rollback()


def waiting_for_the_log() -> bool:
    sql = "SELECT count(*) FROM pg_locks WHERE relation = 'audit_entry'::regclass AND NOT granted"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.fetchone()[0])


def dispatched(batch: Batch) -> int:
    return batch.items.filter(result=ItemResult.DISPATCHED).count()


def test_kill_9_in_the_middle_of_a_dispatch_leaves_no_case_half_dispatched_and_none_twice(
    world: World, tmp_path: Path
) -> None:
    now = timezone.now()
    cases = [factories.registered(world, now - (n + 5) * MINUTE) for n in range(CASES)]
    batch = preview([case.pk for case in cases], actor=world.operator, at=now)
    confirm(batch.pk, actor=world.operator, at=now)
    in_hand = BatchItem.objects.get(batch=batch, position=HALF + 1).case_id
    job = [sys.executable, "-c", JOB.format(batch.pk)]
    env = {
        "DATABASE_URL": address(),
        "GRIDLOOP_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "gridloop.config.settings",
    }
    with (
        held("SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE", in_hand) as row,
        started(job, **env) as one,
    ):
        eventually(lambda: dispatched(batch) == HALF)
        with held("LOCK TABLE audit_entry IN SHARE MODE"):
            row.rollback()
            # Its work order is written, the line of its log is not: now.
            eventually(waiting_for_the_log)
            os.kill(one.pid, signal.SIGKILL)
            one.wait()
    assert one.returncode == -signal.SIGKILL

    def goes_on() -> bool:
        resume_batches(0)  # what the worker does every minute
        return not Batch.objects.under_way().exists()

    # The database notices the death of its client only when it wants to answer it.
    eventually(goes_on)
    assert set(batch.items.values_list("result", flat=True)) == {ItemResult.DISPATCHED}
    for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
        lines = list(Entry.objects.stream(case.pk).values_list("verb", flat=True))
        assert (case.state, lines) == (State.DISPATCHED, ["report", "register", "dispatch"])
        assert (case.version, WorkOrder.objects.filter(case=case).count()) == (3, 1)
        assert case.clocks.running().count() == 1
