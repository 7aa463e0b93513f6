"""Clients over HTTP: a fixed number of them, each with a connection of its own, for a fixed time."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.counting import HEADER


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `expects` is the status that counts as an answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None
    expects: int = 200


@dataclass(slots=True)
class Outcome:
    """What the clients saw: seconds of each answer, statements of each, refusals by status."""

    name: str
    seconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    wrong: dict[int, int] = field(default_factory=dict)
    elapsed_s: float = 0.0

    def row(self, *, cpu_s: float) -> dict[str, object]:
        """Return the figures, times in milliseconds; `cpu_s` is what the web processes used for all of it."""
        return {
            "name": self.name,
            "requests": len(self.seconds),
            "per_second": round(len(self.seconds) / self.elapsed_s, 1),
            "p50_ms": _ms(self.seconds, 0.50),
            "p95_ms": _ms(self.seconds, 0.95),
            "cpu_ms": round(cpu_s * 1000 / max(1, len(self.seconds)), 2),
            "statements": self._statements(),
            "statements_most": max(self.statements, default=0),
            "wrong": self.wrong,
        }

    def _statements(self) -> int:
        """Return the usual number: now and then something that is kept in memory is read anew."""
        ordered = sorted(self.statements)
        return ordered[len(ordered) // 2] if ordered else 0


def run(
    name: str,
    port: int,
    calls: Callable[[int], Iterator[Call]],
    *,
    clients: int,
    longest_s: float,
    least: int = 0,
) -> Outcome:
    """
    Let `clients` send one call after another until their calls or the time are used up.

    :param calls: number of a client → its calls.
    :param least: so many calls are made, if need be for up to four times as long.
    """
    outcome = Outcome(name)
    lock = threading.Lock()
    start = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = Outcome(name)
        queue = calls(number)
        start.wait()
        began = time.perf_counter()
        for sent, call in enumerate(queue):
            took = time.perf_counter() - began
            if took > longest_s * (1 if sent * clients >= least else 4):
                break
            _send(connection, call, mine)
        with lock:
            outcome.seconds += mine.seconds
            outcome.statements += mine.statements
            for status, n in mine.wrong.items():
                outcome.wrong[status] = outcome.wrong.get(status, 0) + n

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    outcome.elapsed_s = time.perf_counter() - began
    return outcome


def _send(connection: http.client.HTTPConnection, call: Call, mine: Outcome) -> None:
    began = time.perf_counter()
    connection.request(call.method, call.path, call.body, call.headers)
    response = connection.getresponse()
    response.read()
    took = time.perf_counter() - began
    if response.status != call.expects:
        mine.wrong[response.status] = mine.wrong.get(response.status, 0) + 1
        return
    mine.seconds.append(took)
    mine.statements.append(int(response.headers.get(HEADER, "0")))


def _ms(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0
