"""
`make bench-faults`: the web process, a worker and the database are killed in the middle of the load, in turn.

    python -m bench.faults
    python -m bench.faults --cases 10000 --rate 3

Every kill is SIGKILL, and nobody is told beforehand. Clients try again with the same keys, as programs of a
town should. Afterwards every acknowledged step must be there once, every log must hold, every clock must end
when the calendar says, no job may be left half done, and all must have come back by itself. It ends with 1
where anything does not hold. The cases of the run are taken out afterwards.
"""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import psutil

from bench import report, server, site

SECONDS = 150.0
FIRST_S, EVERY_S = 15.0, 25.0
PATIENCE_S = 90.0
MOST_OVERTIME_S = 150.0
JOBS_S = 150.0  # a stalled job is taken up within a minute and a half


@click.command()
@click.option("--cases", default=1_000_000, show_default=True, help="How many cases there are beforehand.")
@click.option("--rate", default=5.0, show_default=True, help="Arrivals per second, throughout.")
@click.option("--seconds", default=SECONDS, show_default=True, help="How long cases arrive.")
def main(cases: int, rate: float, seconds: float) -> None:
    """Run, kill, check what the database says afterwards, print one line and keep the figures."""
    with site.prepared(cases) as data:
        from django.db import connections

        from bench import proof
        from gridloop.base.shell import away

        proof.take_out()
        port = server.free_port()
        with server.serving(data, port, 2) as parent:
            before = proof.jobs()
            arrivals, kills = asyncio.run(_run(port, rate, seconds, _victims(data, parent)))
            connections.close_all()
            away.drop_dead_connections()  # the database was killed under this process too
            left = _await_jobs(proof.jobs)
            wrong = proof.shortcomings(arrivals) + proof.doubled_jobs()
        proof.take_out()
    found = figures(arrivals, kills, before, left, wrong) | {"cases": cases, "rate": rate}
    report.keep("faults", found)
    click.echo(summary(found))
    sys.exit(0 if found["is_met"] else 1)


async def _run(
    port: int, rate: float, seconds: float, victims: dict[str, Callable[[], int]]
) -> tuple[list[Any], list[dict[str, Any]]]:
    from bench.client import Client
    from bench.lifecycle import Arrival, Runner, staff, take_round

    town = await asyncio.to_thread(staff)
    client = Client(port, timeout_s=20)
    runner = Runner(client, town, began=time.perf_counter(), patience_s=PATIENCE_S)
    killing = asyncio.create_task(_kill_in_turn(victims, runner, seconds))
    arrivals = [Arrival(n, n / rate) for n in range(round(rate * seconds))]
    await take_round(runner, arrivals, until_s=0, overtime_s=MOST_OVERTIME_S)
    await client.close()
    return arrivals, await killing


async def _kill_in_turn(
    victims: dict[str, Callable[[], int]], runner: Any, seconds: float
) -> list[dict[str, Any]]:
    kills = []
    for n, (name, find) in enumerate(victims.items()):
        at = FIRST_S + n * EVERY_S
        if at > seconds:
            break
        await asyncio.sleep(max(0.0, at - (time.perf_counter() - runner.began)))
        pid = await asyncio.to_thread(find)
        os.kill(pid, signal.SIGKILL)
        killed = time.perf_counter()
        click.echo(f"killed {name} ({pid})", err=True)
        kills.append({"what": name, "at_s": round(killed - runner.began, 1)})
    return kills


def _victims(data: Path, parent: psutil.Process) -> dict[str, Callable[[], int]]:
    """Return what is killed, in this order: how to find its process number when its turn has come."""

    def children(word: str) -> list[psutil.Process]:
        return [p for p in parent.children() if word in p.cmdline()]

    return {
        "a web process": lambda: children("granian")[0].children()[0].pid,
        "the web server": lambda: children("granian")[0].pid,
        "the worker": lambda: children("worker")[0].pid,
        "the database": lambda: int((data / "postgres/postmaster.pid").read_text().split()[0]),
        "the worker again": lambda: children("worker")[0].pid,
    }


def _await_jobs(jobs: Callable[[], dict[str, int]]) -> dict[str, int]:
    """Wait until no job is under way or due, and return what is left."""
    until = time.monotonic() + JOBS_S
    found = jobs()
    while found.get("doing", 0) and time.monotonic() < until:
        time.sleep(2)
        found = jobs()
    return found


def figures(
    arrivals: list[Any],
    kills: list[dict[str, Any]],
    before: dict[str, int],
    left: dict[str, int],
    wrong: list[str],
) -> dict[str, Any]:
    """Return what was seen: how long each outage lasted for the clients, and what does not hold."""
    answered = sorted(taken.at + taken.seconds for a in arrivals for taken in a.requests)
    for kill in kills:
        kill["longest_silence_s"] = _longest_silence(answered, kill["at_s"])
    errors = Counter(error[:120] for a in arrivals for error in a.errors)
    failed = left.get("failed", 0) - before.get("failed", 0)
    found = {
        "arrivals": len(arrivals),
        "done": sum(a.done_at is not None for a in arrivals),
        "acknowledged": sum(len(a.acknowledged) for a in arrivals),
        "retries": sum(a.retries for a in arrivals),
        "kills": kills,
        "errors": dict(errors),
        "jobs_failed": failed,
        "jobs_under_way": left.get("doing", 0),
        "wrong": wrong[:20],
        "wrong_count": len(wrong),
    }
    found["is_met"] = not (errors or wrong or failed or left.get("doing", 0)) and found["done"] == len(
        arrivals
    )
    return found


def _longest_silence(answered: list[float], at: float) -> float:
    """Return the longest time without any answer that began within the time that a kill may be felt."""
    gaps = [b - a for a, b in pairwise(answered) if at - 1 <= a <= at + EVERY_S]
    return round(max(gaps, default=0.0), 1)


def summary(found: dict[str, Any]) -> str:
    """Return the result in one line."""
    kills = ", ".join(f"{kill['what']} ({kill['longest_silence_s']} s)" for kill in found["kills"])
    return (
        f"faults {'OK' if found['is_met'] else 'MISSED'}: {found['done']}/{found['arrivals']} cases,"
        f" {found['acknowledged']} steps acknowledged, {found['wrong_count']} lost, double or wrong,"
        f" {sum(found['errors'].values())} errors after {found['retries']} retries,"
        f" {found['jobs_failed']} jobs failed; killed, with the longest silence after it: {kills}"
    )


if __name__ == "__main__":
    main()
