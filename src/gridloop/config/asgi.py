"""
The whole site for an ASGI server: pages on threads, as Django's own handler makes them, and open streams on
the event loop, where one costs neither a thread nor a database connection.

A page that wants to stay open answers with a response whose method `frames` returns an asynchronous iterator
of bytes. It was made like any other page, behind all middleware and the access table; then its thread and its
connection are free again, and the loop sends what the iterator yields until the reader or the server goes.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader, BytesIO, RawIOBase
from typing import Any, Protocol, TypeAlias

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from gridloop.config.parent import end_with_parent

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Head: TypeAlias = tuple[int, list[tuple[bytes, bytes]]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridloop.config.settings")

# Requests that are read and wait for a thread, for each thread; more wait in the system's own queue.
WAITING_PER_THREAD = 4
PART = 64 * 1024
BODY = "http.response.body"
LAST: Message = {"type": BODY, "body": b"", "more_body": False}


class Frames(Protocol):
    """What a page that stays open sends as it comes."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def close(self) -> None:
        """Let go of what it holds; called once, however it ends."""


class Site:
    """Django's WSGI handler for an ASGI server."""

    def __init__(self, pages: Callable[..., Iterable[bytes]], threads: int) -> None:
        self.pages = pages
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self.places = asyncio.Semaphore(threads * WAITING_PER_THREAD)
        self.open: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            exchange = _Exchange(self, scope, receive, send)
            async with self.places:
                frames = await exchange.answer()
            if frames is not None:
                await self._keep_open(exchange, frames)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        # A server that is killed leaves its processes behind, and they would hold the port and serve on.
        end_with_parent()
        # The server's own handlers stay with the loop, which is woken all the same: this one runs besides.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._close_streams)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def _close_streams(self, *_signal: Any) -> None:
        """Let no open stream hold up a server that was asked to stop; browsers come back by themselves."""
        for task in self.open:
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def _keep_open(self, exchange: "_Exchange", frames: Frames) -> None:
        sending = asyncio.ensure_future(exchange.send_frames(frames))
        leaving = asyncio.ensure_future(exchange.reader_goes())
        self.open.add(sending)
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            frames.close()
            self.open.discard(sending)
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        await exchange.send(LAST)


class _Exchange:
    """One request and its answer."""

    def __init__(self, site: Site, scope: Scope, receive: Receive, send: Send) -> None:
        self.site, self.scope, self.receive, self.send = site, scope, receive, send
        self.loop = asyncio.get_running_loop()
        self.head: Head = (500, [])

    async def answer(self) -> Frames | None:
        """Send the page; or return what the page wants to be sent instead, as it comes."""
        body = await self._body()
        whole, frames = await self.loop.run_in_executor(self.site.threads, self._make, body)
        if whole is not None:
            await self.send(self._start())
            await self.send({"type": BODY, "body": whole, "more_body": False})
        return frames

    async def send_frames(self, frames: Frames) -> None:
        await self.send(self._start())
        async for frame in frames:
            await self.send({"type": BODY, "body": frame, "more_body": True})

    async def reader_goes(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _body(self) -> Any:
        """Return a small body whole, and of a large one a file that fetches it while it is read."""
        first = await self.receive()
        if not first.get("more_body", False):
            return BytesIO(first.get("body", b""))
        return BufferedReader(_Upload(first.get("body", b""), self._next_part), PART)

    def _next_part(self) -> Message:
        return asyncio.run_coroutine_threadsafe(_received(self.receive), self.loop).result()

    def _make(self, body: Any) -> tuple[bytes | None, Frames | None]:
        made = self.site.pages(environ(self.scope, body), self._begin)
        try:
            if hasattr(made, "frames"):
                return None, made.frames()
            if not getattr(made, "streaming", True):
                return b"".join(made), None
            self._pass_on(made)
            return None, None
        finally:
            close = getattr(made, "close", None)
            if close is not None:
                close()

    def _begin(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
        named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.head = int(status[:3]), named

    def _start(self) -> Message:
        return {"type": "http.response.start", "status": self.head[0], "headers": self.head[1]}

    def _pass_on(self, parts: Iterable[bytes]) -> None:
        """Send a long answer part by part, no faster than it is taken."""
        self._from_thread(self._start())
        for part in parts:
            self._from_thread({"type": BODY, "body": part, "more_body": True})
        self._from_thread(LAST)

    def _from_thread(self, message: Message) -> None:
        asyncio.run_coroutine_threadsafe(_sent(self.send, message), self.loop).result()


async def _received(receive: Receive) -> Message:
    return await receive()


async def _sent(send: Send, message: Message) -> None:
    await send(message)


class _Upload(RawIOBase):
    """The rest of a large body, fetched while Django reads it."""

    def __init__(self, first: bytes, fetch: Callable[[], Message]) -> None:
        self.part, self.fetch, self.is_whole = first, fetch, False

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self.part and not self.is_whole:
            self._fetch()
        count = min(len(target), len(self.part))
        target[:count], self.part = self.part[:count], self.part[count:]
        return count

    def _fetch(self) -> None:
        message = self.fetch()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the sender went away in the middle of the body")  # not half a file
        self.part, self.is_whole = message.get("body", b""), not message.get("more_body", False)


def environ(scope: Scope, body: Any) -> dict[str, Any]:
    """Return a request as WSGI has it (PEP 3333): text that stands for bytes, one character for each."""
    host, port = scope.get("server") or ("localhost", 80)
    client, client_port = scope.get("client") or ("", 0)
    values = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": client,
        "REMOTE_PORT": str(client_port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = _key(name.decode("latin-1"))
        text = value.decode("latin-1")
        values[key] = f"{values[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}" if key in values else text
    return values


def _key(name: str) -> str:
    plain = name.upper().replace("-", "_")
    return plain if plain in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{plain}"


application = Site(get_wsgi_application(), settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"])
