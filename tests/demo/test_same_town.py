"""The same seed makes the same town, and a second run leaves what is there."""

import hashlib
from datetime import UTC, datetime
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection

from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import TABLES
from gridloop.core.cases.models import Case, Clock, Feedback, Reporter
from gridloop.core.org.actions import add_region
from gridloop.core.org.models import Boundary, Post, Region, Unit, User
from gridloop.core.org.revisions import forget_all
from gridloop.demo import ground
from gridloop.demo.actions import NotEmpty
from tests.demo.conftest import SEED, make_town

COUNT = 150
# What no seed decides: how a password or a person is encrypted, when the database took a line in, and the
# keys of clocks that start when the end of the last part makes a split case handled, or of what is said in a
# call-back of a stored case.
BY_CHANCE = {
    User: {"password", "date_joined"},
    Reporter: {"name", "phone", "id_number"},
    Entry: {"recorded_at"},
    Clock: {"id"},
    Feedback: {"id"},
}


def digest_of_all_tables() -> dict[str, str]:
    models = (Region, Boundary, Unit, User, Post, *TABLES, Entry)
    return {model.__name__: digest(model) for model in models}


def digest(model: type) -> str:
    names = [f.attname for f in model._meta.concrete_fields if f.attname not in BY_CHANCE.get(model, ())]
    rows = sorted(repr([_plain(value) for value in row]) for row in model.objects.values_list(*names))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def empty_everything() -> None:
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE cases_number RESTART")
    forget_all()


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_makes_the_same_town_down_to_the_hash_of_every_line() -> None:
    digests = []
    for _time in range(2):
        empty_everything()
        make_town(COUNT)
        digests.append(digest_of_all_tables())
    assert digests[0] == digests[1]


def test_another_seed_makes_another_town() -> None:
    one, other = (ground.lay_out(Random(seed), 40) for seed in (SEED, SEED + 1))
    assert one[0].shape != other[0].shape


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_a_second_run_makes_nothing() -> None:
    before = digest_of_all_tables()
    make_town(5000, seed=SEED + 7)
    assert digest_of_all_tables() == before


@pytest.mark.django_db(transaction=True)
def test_the_demo_is_refused_where_a_real_town_lives() -> None:
    empty_everything()
    add_region(None, code="320499101000", name="某镇", level="town")
    with pytest.raises(NotEmpty):
        make_town()
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_demo_works_on_the_last_day_of_a_year_whose_successor_is_not_announced() -> None:
    empty_everything()
    make_town(120, now=datetime(2026, 12, 31, 1, 0, tzinfo=UTC))
    assert Case.objects.open().exists()
