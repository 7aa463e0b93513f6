"""The site behind an ASGI server: pages whole, long answers and uploads part by part, streams that stay open."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest

from gridloop.config import asgi
from gridloop.config.asgi import Site, environ

Message = dict[str, Any]
SCOPE: dict[str, Any] = {
    "type": "http", "method": "GET", "path": "/案件", "query_string": b"q=\xe5", "http_version": "1.1",
    "scheme": "http", "server": ("town.example", 80), "client": ("10.0.0.1", 5000),
    "headers": [(b"host", b"town.example"), (b"cookie", b"a=1"), (b"cookie", b"b=2"),
                (b"content-type", b"text/plain"), (b"x-request-id", b"7")],
}  # fmt: skip
GONE: Message = {"type": "http.disconnect"}


class Client:
    """What a server does: hands in the messages of a request, keeps what is sent."""

    def __init__(self, *messages: Message) -> None:
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        for message in messages or ({"type": "http.request", "body": b"", "more_body": False},):
            self.incoming.put_nowait(message)
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    async def ask(self, site: Site) -> "Client":
        await asyncio.wait_for(site(dict(SCOPE), self.incoming.get, self.send), 20)
        return self


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


class Page(list[bytes]):
    streaming = False


class Frames:
    """Sends what it is given and then waits, as a stream on which nothing happens."""

    def __init__(self, *frames: bytes) -> None:
        self.frames, self.is_closed = frames, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for frame in self.frames:
            yield frame
        await asyncio.Event().wait()

    def close(self) -> None:
        self.is_closed += 1


class Stream(list[bytes]):
    streaming = True

    def __init__(self, frames: Frames) -> None:
        super().__init__()
        self.frames = lambda: frames


def site(page: Callable[[dict[str, Any]], Iterable[bytes]], threads: int = 2) -> Site:
    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        made = page(environ)
        start_response("200 OK", [("X-Name", "值".encode().decode("latin-1"))])
        return made

    return Site(pages, threads)


def test_a_request_comes_as_wsgi_has_it():
    found = environ(SCOPE, None)
    assert found["PATH_INFO"] == "/案件".encode().decode("latin-1")
    assert found["QUERY_STRING"].encode("latin-1") == b"q=\xe5"
    assert (found["HTTP_COOKIE"], found["CONTENT_TYPE"], found["HTTP_X_REQUEST_ID"]) == (
        "a=1; b=2",
        "text/plain",
        "7",
    )
    assert (found["REMOTE_ADDR"], found["SERVER_NAME"], found["SERVER_PORT"]) == (
        "10.0.0.1",
        "town.example",
        "80",
    )


def test_a_page_is_sent_at_once():
    client = asyncio.run(Client().ask(site(lambda _environ: Page([b"a", b"b"]))))
    start, body = client.sent
    assert (start["status"], start["headers"]) == (200, [(b"x-name", "值".encode())])
    assert (body["body"], body["more_body"]) == (b"ab", False)


def test_a_long_answer_is_sent_part_by_part_and_closed():
    closed = threading.Event()

    class Download(list[bytes]):
        streaming = True
        close = staticmethod(closed.set)

    client = asyncio.run(Client().ask(site(lambda _environ: Download([b"a", b"b"]))))
    assert [m.get("body") for m in client.sent] == [None, b"a", b"b", b""]
    assert client.sent[-1]["more_body"] is False
    assert closed.is_set()


def test_an_upload_is_read_while_it_arrives():
    upload = [part(b"one\ntwo"), part(b""), part(b"\nthree", more=False)]

    def page(environ: dict[str, Any]) -> Page:
        return Page([environ["wsgi.input"].readline(), b"|", environ["wsgi.input"].read()])

    assert asyncio.run(Client(*upload).ask(site(page))).body == b"one\n|two\nthree"


def test_an_upload_that_breaks_off_is_never_taken_for_a_whole_one():
    def page(environ: dict[str, Any]) -> Page:
        with pytest.raises(ConnectionResetError):
            environ["wsgi.input"].read()
        return Page([b"refused"])

    assert asyncio.run(Client(part(b"half"), GONE).ask(site(page))).body == b"refused"


def test_a_stream_takes_no_thread_and_ends_when_its_reader_goes():
    frames = [Frames(b"hello") for _ in range(20)]

    async def run() -> list[Client]:
        waiting = iter(frames)
        town = site(lambda _environ: Stream(next(waiting)), threads=1)
        clients = [Client() for _ in frames]
        asked = [asyncio.ensure_future(client.ask(town)) for client in clients]
        while not all(client.body == b"hello" for client in clients):
            await asyncio.sleep(0.01)
        for client in clients:
            client.incoming.put_nowait(GONE)
        return await asyncio.gather(*asked)

    assert all(client.sent[-1]["more_body"] is False for client in asyncio.run(run()))
    assert [one.is_closed for one in frames] == [1] * 20


def test_open_streams_do_not_hold_up_a_server_that_is_asked_to_stop(monkeypatch):
    monkeypatch.setattr(asgi, "end_with_parent", lambda: None)  # the tests themselves end with theirs
    frames, before = Frames(b"hello"), signal.getsignal(signal.SIGTERM)

    async def run() -> Client:
        town = site(lambda _environ: Stream(frames))
        life: asyncio.Queue[Message] = asyncio.Queue()
        life.put_nowait({"type": "lifespan.startup"})
        started = Client()
        living = asyncio.ensure_future(town({"type": "lifespan"}, life.get, started.send))
        client = Client()
        asked = asyncio.ensure_future(client.ask(town))
        while not (started.sent and client.body):
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        await asked
        life.put_nowait({"type": "lifespan.shutdown"})
        await living
        return client

    try:
        assert asyncio.run(run()).sent[-1]["more_body"] is False
    finally:
        signal.signal(signal.SIGTERM, before)
    assert frames.is_closed == 1


def test_a_reader_who_is_gone_before_the_first_frame_leaves_nothing_behind():
    frames = Frames(b"hello")

    class Gone(Client):
        async def send(self, message: Message) -> None:
            raise ConnectionError

    async def run() -> None:
        client = Gone(part(b"", more=False))
        client.incoming.put_nowait(GONE)
        with pytest.raises(ConnectionError):
            await client.ask(site(lambda _environ: Stream(frames)))

    asyncio.run(run())
    assert frames.is_closed == 1
