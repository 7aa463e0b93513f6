"""
What changes rarely and is read always (boundaries, calendar, catalogue, posts) is kept in each process.

A writer bumps the revision in its own transaction; a reader compares the numbers, all with one statement, at
most once every `REVISION_TTL_S` seconds and loads again what has moved.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, cast

from django.conf import settings
from django.db import connection, transaction

from gridloop.core.org.models import Revision

TTL_S = 2.0
_BUMP = """
    INSERT INTO org_revision (name, number) VALUES (%s, 1)
    ON CONFLICT (name) DO UPDATE SET number = org_revision.number + 1
"""

T = TypeVar("T")
Loader: TypeAlias = Callable[[], T]


@dataclass(slots=True)
class _Kept:
    number: int
    checked_at: float  # monotonic
    value: Any


@dataclass(frozen=True, slots=True)
class _Seen:
    """All numbers as they were at one moment."""

    at: float  # monotonic
    numbers: dict[str, int]


@dataclass(eq=False, slots=True)
class _Bumped:
    """Waits for the writer's commit; until then it holds what only the writer's own transaction may see."""

    name: str
    values: dict[Loader[Any], Any] = field(default_factory=dict)

    def __call__(self) -> None:
        forget(self.name)


_kept: dict[tuple[str, Loader[Any]], _Kept] = {}
_seen: list[_Seen] = []  # the last one, if it still counts
_lock = threading.RLock()  # a loader may read what another revision keeps


def bump(name: str) -> None:
    """
    Say that what `name` stands for has changed. Call it in the transaction that makes the change.

    Takes the row's lock until commit, so that two writers of the same thing go one after the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, [name])
    transaction.on_commit(_Bumped(name))


def cached(name: str, loader: Loader[T]) -> T:
    """
    Return what `loader` gave for the current revision `name`.

    :param loader: a module-level function; one value is kept for each.
    """
    if own := _bumped_here(name):
        # Not committed: nobody else may see it, and a rollback throws it away with the transaction.
        if loader not in own.values:
            own.values[loader] = loader()
        return cast(T, own.values[loader])
    kept = _kept.get((name, loader))
    now = time.monotonic()
    ttl = getattr(settings, "REVISION_TTL_S", TTL_S)
    if kept and now - kept.checked_at < ttl:
        return cast(T, kept.value)
    # Read the number before the rows: a change in between is then seen at the next check, never missed.
    seen = _look(now, ttl)
    number = seen.numbers.get(name, 0)
    if kept and kept.number == number:
        kept.checked_at = seen.at
        return cast(T, kept.value)
    with _lock:
        value = loader()
        _kept[name, loader] = _Kept(number, seen.at, value)
    return value


def forget(name: str) -> None:
    """Make the next reader in this process look at the database."""
    _seen.clear()
    for key in [k for k in _kept if k[0] == name]:
        _kept.pop(key, None)


def forget_all() -> None:
    """Drop everything that is kept; for tests that commit."""
    _seen.clear()
    _kept.clear()


def _look(now: float, ttl: float) -> _Seen:
    """Return numbers no older than `ttl` seconds."""
    last = _seen[:1]
    if last and now - last[0].at < ttl:
        return last[0]
    seen = _Seen(now, dict(Revision.objects.values_list("name", "number")))
    # A writer sees numbers that nobody else may know of yet, and that may never come true.
    if not any(isinstance(callback, _Bumped) for _savepoints, callback, *_ in connection.run_on_commit):
        _seen[:] = [seen]
    return seen


def _bumped_here(name: str) -> _Bumped | None:
    # Django drops the callbacks of a rolled-back transaction or savepoint, and what they hold goes with them.
    for _savepoints, callback, *_ in reversed(connection.run_on_commit):
        if isinstance(callback, _Bumped) and callback.name == name:
            return callback
    return None
