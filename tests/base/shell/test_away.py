"""The database is away for a moment: told as such, with the way on, and never taken for a fault of the program."""

from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from psycopg.errors import AdminShutdown, DeadlockDetected, QueryCanceled

from gridloop.base.shell.away import is_away


def as_django(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    error = kind(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (as_django(psycopg.OperationalError("the connection is lost")), True),
        (as_django(psycopg.InterfaceError("the connection is closed"), InterfaceError), True),
        (as_django(AdminShutdown()), True),
        (as_django(QueryCanceled()), False),
        (as_django(DeadlockDetected()), False),
        (ValueError(), False),
        (None, False),
    ],
    ids=str,
)
def test_what_counts_as_away(error: Exception | None, expected: bool):
    assert is_away(error) is expected


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Client:
    from gridloop.core.org import access

    def broken() -> Any:
        raise as_django(psycopg.OperationalError("the connection is lost"))

    monkeypatch.setattr(access, "access_table", broken)
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_a_person_and_a_program_are_told_to_try_again_soon(away: Client):
    page = away.get("/healthz")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "请稍等几秒再试" in page.content.decode()
    answer = away.get("/api/v1/key")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "5")
