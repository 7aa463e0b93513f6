"""What every test stands on: a real PostgreSQL, files out of the way, caches empty."""

import importlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from gridloop.config import postgres
from gridloop.config.environment import database

CACHE = Path(__file__).parents[1] / ".cache"
SHARED = Path(os.environ.get("GRIDLOOP_SHARED") or Path(__file__).parents[2] / "shared")
_HELD = ExitStack()
# A busy machine is no failure: how long a case may take says nothing about whether it is right.
hypothesis.settings.register_profile("town", deadline=None)
hypothesis.settings.load_profile("town")


def shared_data(name: str) -> Path:
    """Return a file of real data beside the project, such as `holidays/2026.json`; skip the test without it."""
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded PostgreSQL in `.cache/` where the environment names no other."""
    _empty_tables_in_spite_of_triggers()
    settings.MEDIA_ROOT = CACHE / "files" / os.environ.get("PYTEST_XDIST_WORKER", "main")
    # Or a slow machine would ask again what has changed, amid statements that are counted.
    settings.REVISION_TTL_S = 600
    if os.environ.get("DATABASE_URL") or config.option.collectonly:
        return
    url = _HELD.enter_context(postgres.running(CACHE / "embedded"))
    # In place: Django keeps this very dictionary, and no connection has been made yet.
    settings.DATABASES["default"].update(database(url, pool_size=16, timeout_s=60))


def pytest_unconfigure() -> None:
    _HELD.close()


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """Let no test see what another one left in the memory of this process."""
    importlib.import_module("gridloop.core.org.revisions").forget_all()
    translation.activate(settings.LANGUAGE_CODE)  # a page asked for in English leaves that to its thread


@pytest.fixture
def sign_in() -> Any:
    """Return what opens a browser in which an actor has signed in, `SignIn` in `tests.core.org.factories`."""
    return importlib.import_module("tests.core.org.factories").signed_in


@pytest.fixture(autouse=True)
def _no_limits_used_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let failed logins of one test not lock out the next; the table itself is rolled back with the test."""
    commits = "transactional_db" in request.fixturenames
    if commits:
        request.getfixturevalue("transactional_db")  # so that it is still there afterwards
    yield
    if commits:
        cache.clear()


def _empty_tables_in_spite_of_triggers() -> None:
    """Let a test that commits be cleaned up after: the log's own trigger refuses TRUNCATE, as it should."""
    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, statements: list[str]) -> None:
        off, on = (f"SET session_replication_role = {role}" for role in ("replica", "origin"))
        flush(self, [off, *statements, on])

    DatabaseOperations.execute_sql_flush = without_triggers  # type: ignore[method-assign]
