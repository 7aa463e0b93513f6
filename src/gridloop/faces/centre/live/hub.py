"""One thread of a process that hears of what happens and hands it to all open streams of that process."""

import logging
import threading
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
from django.db import Error as DatabaseError
from django.db import connections
from django.utils import timezone

from gridloop.faces.centre.live import news, signal
from gridloop.faces.centre.live.news import Cursor, News
from gridloop.faces.centre.live.reader import RESYNC, Reader
from gridloop.faces.centre.live.sessions import still_signed_in
from gridloop.faces.centre.live.viewer import Happening, Viewer, frame

logger = logging.getLogger(__name__)

BEAT_S = 15.0
TICK_S = 1.0  # how soon a thread that has lost its last reader ends
LOOK_S = 5.0  # where no bell rang: whoever would have rung may have been killed after its commit
AGAIN_S = (0.2, 0.5, 1.0, 2.0, 5.0)
BEAT = frame("beat", b"1")  # an event and no comment, of which a script would not hear


class Hub:
    """Starts its thread with the first reader and ends it after the last."""

    def __init__(self) -> None:
        self._readers: set[Reader] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._track = _Track(Cursor(0, 0))

    def join(self, reader: Reader) -> None:
        """
        Hand the reader everything that happens from now on. One statement for the first reader.

        :raises django.db.Error: the database does not answer.
        """
        with self._lock:
            if self._thread is None:
                # Asked here and not by the thread, which may be too late for what happens meanwhile.
                self._track = _Track(news.here(timezone.now()))
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
            self._readers.add(reader)

    def leave(self, reader: Reader) -> None:
        """Hand the reader nothing more."""
        with self._lock:
            self._readers.discard(reader)

    def readers(self) -> list[Reader]:
        with self._lock:
            return list(self._readers)

    @property
    def is_running(self) -> bool:
        """Whether the thread is there, with its connection to the database."""
        return self._thread is not None

    def _ends(self) -> bool:
        with self._lock:
            if not self._readers:
                self._thread = None
            return not self._readers

    def _run(self) -> None:
        failures = 0
        while not self._ends():
            try:
                with signal.listen() as bell:
                    failures = 0
                    self._follow(bell)
            except (psycopg.Error, DatabaseError) as error:
                logger.warning("live events wait for the database", extra={"error": type(error).__name__})
                failures = self._wait(failures)
            except Exception:  # whatever it is: screens must not stand still while they look alive
                logger.exception("live events failed")
                failures = self._wait(failures)
            finally:
                connections.close_all()

    @staticmethod
    def _wait(failures: int) -> int:
        time.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
        return failures + 1

    def _follow(self, bell: "psycopg.Connection[Any]") -> None:
        beaten = looked = -LOOK_S - BEAT_S
        while self.readers():
            moment = time.monotonic()
            if moment - beaten > BEAT_S:
                beaten = moment
                self._beat(timezone.now())
            if _rings(bell) or moment - looked > LOOK_S:
                looked = time.monotonic()
                self._look(timezone.now())
            connections.close_all()  # back into the pool until the next time

    def _look(self, now: datetime) -> None:
        fresh = self._track.look(now)
        cursor = self._track.cursor
        made: dict[Viewer, bytes] = {}
        for reader in self.readers():
            if fresh is None:
                reader.give(RESYNC)
                continue
            viewer = reader.viewer
            if viewer not in made:  # once for all who see the same
                made[viewer] = news.shown_to(viewer, fresh)
            if made[viewer] != news.NOTHING:
                reader.give(frame("news", made[viewer], cursor))

    def _beat(self, now: datetime) -> None:
        """Let everybody know that the line is open, and close it where the sign-in has ended."""
        readers = self.readers()
        staying = still_signed_in(readers, now)
        for reader in readers:
            if reader in staying:
                reader.give(BEAT)
            else:
                reader.close()


class _Track:
    """How far one process has read, and what it read there already."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        # Where the next look begins: at the cursor, or further on where a long transaction holds that back.
        self._start = cursor.transaction
        self._known: set[int] = set()
        self._owed = 0  # once every transaction before this one has ended, all is to be loaded anew

    def look(self, now: datetime) -> list[Happening] | None:
        """Return what has not been returned before; None where all is to be loaded anew."""
        found = news.since(replace(self.cursor, transaction=self._start), now)
        self.cursor = found.cursor
        if found.events is None:
            self._skip_to(found)
            return None
        return self._fresh(found, found.events)

    def _fresh(self, found: News, events: list[Happening]) -> list[Happening] | None:
        fresh = [event for event in events if event.id not in self._known]
        self._start = max(self._start, found.cursor.transaction)
        self._known = {event.id for event in events if event.transaction >= self._start}
        if self._owed and found.cursor.transaction >= self._owed:
            self._owed = 0
            return None
        return fresh

    def _skip_to(self, found: News) -> None:
        # A transaction that stays open for long would have us read all that came after it again and again.
        self._start = found.newest
        self._owed = found.newest
        self._known = set()


def _rings(bell: "psycopg.Connection[Any]") -> bool:
    """Wait a moment for the bell; where it rang, a little longer for what comes with it."""
    if next(bell.notifies(timeout=TICK_S, stop_after=1), None) is None:
        return False
    time.sleep(signal.GATHER_S)
    return True


hub = Hub()
