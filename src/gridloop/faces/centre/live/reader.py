"""One open stream: what waits to be sent, bounded."""

import threading
from collections import deque
from collections.abc import Callable

from gridloop.core.org.actors import Actor
from gridloop.faces.centre.live.viewer import Viewer, frame

MOST_WAITING = 64
RESYNC = frame("resync", b"{}")
BYE = frame("bye", b"{}")


class Reader:
    """Who reads, by which sign-in, and what is still to be sent."""

    def __init__(self, actor: Actor, viewer: Viewer, session_key: str) -> None:
        self.actor, self.viewer, self.session_key = actor, viewer, session_key
        self.is_closed = False
        self._wake: Callable[[], object] | None = None
        self._waiting: deque[bytes] = deque()
        self._lock = threading.Lock()

    def wake_by(self, wake: Callable[[], object]) -> None:
        """Call `wake`, from whatever thread, when there is something to take; at once, if there may be."""
        self._wake = wake
        wake()

    def give(self, message: bytes) -> None:
        """Add a message. One who does not keep up is told to load everything anew instead of all of it."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.clear()
                self._waiting.append(RESYNC)
            self._waiting.append(message)
        self._ring()

    def close(self) -> None:
        """Tell that the sign-in has ended; nothing follows."""
        with self._lock:
            self._waiting.append(BYE)
            self.is_closed = True
        self._ring()

    def take(self) -> bytes:
        """Return all that waits, which may be nothing."""
        with self._lock:
            taken = b"".join(self._waiting)
            self._waiting.clear()
        return taken

    def _ring(self) -> None:
        if self._wake is not None:
            self._wake()
