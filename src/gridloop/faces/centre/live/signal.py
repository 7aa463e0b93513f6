"""The bell: NOTIFY after the commit, and the connection that hears it."""

import threading
import time
from typing import Any

import psycopg
from django.db import connection

CHANNEL = "gridloop_live"
# A hub waits this long after a ring before it reads, so that a ring soon after another one says nothing new.
GATHER_S = 0.12
_QUIET_S = 0.1
_rung_at = [0.0]
_lock = threading.Lock()


def wake() -> None:
    """
    Ring for the hubs of all processes, at most ten times a second; call it after the commit.

    In the verb's own transaction NOTIFY would make every commit wait for every other one's: PostgreSQL holds
    a lock over the whole database from there to the end of the commit.
    """
    now = time.monotonic()
    with _lock:
        if now - _rung_at[0] < _QUIET_S:
            return
        _rung_at[0] = now
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def listen() -> "psycopg.Connection[Any]":
    """
    Return a connection of its own, outside the pool, that hears the bell.

    :raises psycopg.OperationalError: the database does not answer.
    """
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    heard = psycopg.connect(**params, autocommit=True, connect_timeout=5)
    heard.execute(f"LISTEN {CHANNEL}")
    return heard
