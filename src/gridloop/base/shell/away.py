"""When the database is away for a moment: told as such, and forgotten as soon as it is back."""

import psycopg
from django.db import InterfaceError, OperationalError, connection

RETRY_S = 5
# Connection lost; server stopped, crashed, or not ready yet.
_CLASSES = ("08", "57P")


def is_away(error: BaseException | None) -> bool:
    """Say whether the database could not be reached; a statement that was too slow or refused is not that."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state.startswith(_CLASSES)


def drop_dead_connections() -> None:
    """Take the connections out of this process's pool that lead nowhere, so that each fails nobody else."""
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()
