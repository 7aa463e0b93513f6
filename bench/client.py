"""A client that asks over HTTP without getting in the way of what it measures: one loop, connections kept."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Broken(Exception):
    """No whole answer came: the server went away, or was not there, or took too long."""


# A server closes a connection over which nothing came for half a minute; one that old is not used again.
IDLE_S = 15.0
Kept = tuple[asyncio.StreamReader, asyncio.StreamWriter, float]


@dataclass(slots=True)
class Client:
    """Asks one server; as many connections as requests are under way, each used again."""

    port: int
    timeout_s: float = 60.0
    _idle: list[Kept] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """
        Send one request and return its answer.

        :raises Broken: see there; whether the server did what was asked is not known.
        """
        try:
            return await asyncio.wait_for(self._ask(method, path, headers, body), self.timeout_s)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise Broken(f"{type(error).__name__} {error}") from error

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        reader, writer = self._kept() or await self._connect()
        try:
            lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            if body is not None:
                lines.append(f"Content-Length: {len(body)}")
            writer.write("\r\n".join([*lines, "", ""]).encode() + (body or b""))
            answer = await _read(reader)
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer, time.monotonic()))
        return answer

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        while self._idle:
            reader, writer, since = self._idle.pop()
            if time.monotonic() - since < IDLE_S:
                return reader, writer
            writer.close()
        return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def close(self) -> None:
        """Close what is kept."""
        for _reader, writer, _since in self._idle:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        self._idle.clear()


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head[9:12])
    length = next((line[16:] for line in head.split("\r\n") if line.startswith("content-length: ")), None)
    if length is None and status != HTTPStatus.NO_CONTENT:
        raise ValueError(f"an answer {status} without a length")
    return Answer(status, await reader.readexactly(int(length or 0)))
