"""One town of the demo for all tests that look at it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from gridloop.core.org.revisions import forget_all
from gridloop.demo.actions import make_demo

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # a Tuesday, half past ten in Shanghai
SEED = 20
COUNT = 700


def make_town(count: int = COUNT, *, seed: int = SEED, now: datetime = NOW) -> None:
    make_demo(seed, count, now=now, step=lambda done, total: None)


@pytest.fixture(scope="package")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the town once, committed, and empty the tables after the last test of this folder."""
    with django_db_blocker.unblock():
        forget_all()
        make_town()
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
