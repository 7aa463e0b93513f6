"""
`make bench-live`: many open screens, what they cost, and how soon a case that is reported is on all of them.

    python -m bench.screens
    python -m bench.screens --cases 10000 --screens 50 --seconds 10

The same cases are taken round the loop twice: first with nobody looking, then with every screen open. What
the web processes use more the second time is what the screens cost. It ends with 1 where that is a core or
more, or where a screen was told of a case later than two seconds after its report was sent.
"""

import asyncio
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import click

from bench import report, server, site

RATE = 1.4  # cases per second: with seven events each about ten events per second
MOST_CORES = 1.0
MOST_S = 2.0
OPEN_AT_ONCE = 20
_REPORTED = re.compile(rb'"verb":"report","case":"([0-9a-f-]{36})"')


@dataclass(slots=True)
class Screen:
    """One open stream: when it was told of each case, and how often the line had to be opened again."""

    port: int
    cookie: str
    told: dict[str, float] = field(default_factory=dict)
    events: int = 0
    is_open: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        try:
            lines = ["GET /centre/live HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {self.cookie}"]
            writer.write("\r\n".join([*lines, "Accept: text/event-stream", "", ""]).encode())
            while line := await reader.readline():
                self._take(line)
        finally:
            writer.close()

    def _take(self, line: bytes) -> None:
        if line.startswith(b"event: hello"):
            self.is_open.set()
        if line.startswith(b"data: ["):
            now = time.perf_counter()
            self.events += line.count(b'"verb":')
            for match in _REPORTED.finditer(line):
                self.told.setdefault(match[1].decode(), now)


@click.command()
@click.option("--cases", default=1_000_000, show_default=True, help="How many cases there are beforehand.")
@click.option("--screens", default=200, show_default=True)
@click.option("--seconds", default=40.0, show_default=True, help="How long each of the two halves takes.")
def main(cases: int, screens: int, seconds: float) -> None:
    """Run, print one line and keep the figures."""
    with site.prepared(cases) as data:
        from bench import proof, scenarios

        proof.take_out()
        post = scenarios.leader_post()
        cookies = [scenarios.cookie_of(post)["Cookie"] for _ in range(screens)]
        port = server.free_port()
        with server.serving(data, port, None) as parent:
            found = asyncio.run(_run(port, cookies, seconds, lambda: server.web_cpu_s(parent)))
            found["web_mb"] = server.web_memory_mb(parent)
        proof.take_out()
    found["is_met"] = is_met(found)
    report.keep("live", found | {"cases": cases})
    click.echo(summary(found))
    sys.exit(0 if found["is_met"] else 1)


async def _run(port: int, cookies: list[str], seconds: float, cpu_s: Callable[[], float]) -> dict[str, Any]:
    from bench.client import Client
    from bench.lifecycle import Runner, staff

    town = await asyncio.to_thread(staff)
    runner = Runner(Client(port), town, began=time.perf_counter())
    await _load(runner, 5.0)
    alone, _sent = await _load(runner, seconds, cpu_s)
    screens = [Screen(port, cookie) for cookie in cookies]
    watching = await _open(screens)
    opened_s = cpu_s()
    with_screens, sent = await _load(runner, seconds, cpu_s)
    await asyncio.sleep(1)
    lost = sum(task.done() for task in watching)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    await runner.client.close()
    waits = sorted(
        screen.told[key] - at for screen in screens for key, at in sent.items() if key in screen.told
    )
    missed = sum(key not in screen.told for screen in screens for key in sent)
    return {
        "screens": len(screens),
        "seconds": seconds,
        "events_per_second": round(screens[0].events / seconds, 1),
        "cores_without": round(alone, 3),
        "cores_with": round(with_screens, 3),
        "cores_of_screens": round(with_screens - alone, 3),
        "cpu_s_when_opened": round(opened_s, 1),
        "told_p50_s": _share(waits, 0.5),
        "told_p95_s": _share(waits, 0.95),
        "told_most_s": _share(waits, 1.0),
        "never_told": missed,
        "lines_lost": lost,
    }


async def _open(screens: list[Screen]) -> list["asyncio.Task[None]"]:
    tasks = []
    for start in range(0, len(screens), OPEN_AT_ONCE):
        some = screens[start : start + OPEN_AT_ONCE]
        tasks += [asyncio.create_task(screen.watch()) for screen in some]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(screen.is_open.wait() for screen in some)), 30)
    return tasks


async def _load(
    runner: Any, seconds: float, cpu_s: Callable[[], float] = lambda: 0.0
) -> tuple[float, dict[str, float]]:
    """Let cases arrive; return how many cores the web used, and when each report was sent."""
    from bench.lifecycle import Arrival

    began, used = time.perf_counter(), cpu_s()
    tasks, sent = [], {}
    for n in range(round(seconds * RATE)):
        await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
        arrival = Arrival(n, 0.0)
        sent[str(arrival.key)] = time.perf_counter()
        tasks.append(asyncio.create_task(runner.run(arrival)))
    await asyncio.gather(*tasks)
    return (cpu_s() - used) / (time.perf_counter() - began), sent


def is_met(found: dict[str, Any]) -> bool:
    is_whole = not found["never_told"] and not found["lines_lost"]
    return bool(is_whole and found["cores_of_screens"] < MOST_CORES and found["told_most_s"] < MOST_S)


def summary(found: dict[str, Any]) -> str:
    """Return the result in one line."""
    return (
        f"live {'OK' if found['is_met'] else 'MISSED'}: {found['screens']} screens,"
        f" {found['events_per_second']} events/s, {found['cores_of_screens']} of a core for the screens"
        f" ({found['cores_with']} with them, {found['cores_without']} without), on the screen"
        f" {found['told_p50_s']} s after the report was sent, p95 {found['told_p95_s']} s,"
        f" at most {found['told_most_s']} s; {found['never_told']} never told,"
        f" {found['lines_lost']} lines lost"
    )


def _share(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3) if ordered else 0.0


if __name__ == "__main__":
    main()
