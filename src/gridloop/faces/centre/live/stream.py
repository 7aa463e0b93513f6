"""An answer that stays open."""

import asyncio
import threading
from collections.abc import Callable, Iterator

from django.db import close_old_connections
from django.http import StreamingHttpResponse

from gridloop.faces.centre.live.hub import hub
from gridloop.faces.centre.live.reader import Reader

RETRY_MS = 2000
WAIT_S = 30.0  # on a thread, twice the beat


class EventStream(StreamingHttpResponse):
    """
    Server-sent events to one screen.

    The site's own server takes `frames` and sends them from its event loop, see `config.asgi`. Where there
    are only threads, as in Django's own servers, the answer is iterated on one.
    """

    def __init__(self, reader: Reader, opening: Callable[[], bytes]) -> None:
        """:param opening: gives the first message; called when everything that comes later is caught."""
        super().__init__(self._on_thread(), content_type="text/event-stream")
        self["Cache-Control"] = "no-store"
        self["X-Accel-Buffering"] = "no"
        self._reader, self._opening = reader, opening

    def frames(self) -> "Frames":
        """Return what an event loop is to send, with the first message read. Called once, on a thread."""
        return Frames(self._reader, self._begin())

    def _begin(self) -> bytes:
        hub.join(self._reader)
        try:
            return f"retry: {RETRY_MS}\n\n".encode() + self._opening()
        except BaseException:
            hub.leave(self._reader)
            raise

    def _on_thread(self) -> Iterator[bytes]:
        awake = threading.Event()
        self._reader.wake_by(awake.set)
        first = self._begin()
        try:
            yield first
            while not self._reader.is_closed:
                close_old_connections()  # back into the pool: a screen that waits needs none
                awake.wait(WAIT_S)
                awake.clear()
                yield self._reader.take()
        finally:
            hub.leave(self._reader)


class Frames:
    """What a reader is sent, as an asynchronous iterator; `close` it, however it ends."""

    def __init__(self, reader: Reader, first: bytes) -> None:
        self._reader, self._first = reader, first
        self._awake: asyncio.Event | None = None

    def __aiter__(self) -> "Frames":
        return self

    async def __anext__(self) -> bytes:
        if self._awake is None:
            self._awake = self._listen()
            return self._first
        while not self._reader.is_closed:
            await self._awake.wait()
            self._awake.clear()
            if waiting := self._reader.take():
                return waiting
        if last := self._reader.take():
            return last
        raise StopAsyncIteration

    def _listen(self) -> asyncio.Event:
        loop, awake = asyncio.get_running_loop(), asyncio.Event()
        self._reader.wake_by(lambda: loop.call_soon_threadsafe(awake.set))
        return awake

    def close(self) -> None:
        """Take the reader out of the hub."""
        hub.leave(self._reader)
