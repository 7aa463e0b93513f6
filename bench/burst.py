"""
`make bench-burst`: arrivals as a town has them on its worst day, each a whole lifecycle, against a million
cases.

    python -m bench.burst
    python -m bench.burst --cases 10000 --rates 1,5,1 --step-s 5

Arrivals do not wait for earlier ones: what the server cannot take in time piles up, and must be worked off.
It ends by itself, and with 1 where anything failed, was lost or is there twice, or where the answers were not
as quick again as before 30 seconds after the last spike. The cases of the run are taken out afterwards.
"""

import asyncio
import sys
import time
from bisect import bisect_right
from collections import Counter
from typing import Any

import click

from bench import report, site

RATES = "1,15,1,25,2,35,10"
STEP_S = 30.0
WINDOW_S = 5.0
MOST_SLOWER = 1.5
RECOVER_S = 30.0
MOST_OVERTIME_S = 180.0


@click.command()
@click.option("--cases", default=1_000_000, show_default=True, help="How many cases there are beforehand.")
@click.option("--rates", default=RATES, show_default=True, help="Arrivals per second, step by step.")
@click.option("--step-s", default=STEP_S, show_default=True, help="How long each step takes.")
@click.option("--workers", type=int, help="Web processes; by default what `gridloop serve` takes.")
def main(cases: int, rates: str, step_s: float, workers: int | None) -> None:
    """Run, check what the database says afterwards, print one line and keep the figures."""
    steps = [float(rate) for rate in rates.split(",")]
    with site.prepared(cases) as data:
        from bench import proof

        proof.take_out()  # of a run that was broken off
        with site.serving(data, workers) as port:
            arrivals = asyncio.run(_run(port, steps, step_s))
            wrong = proof.shortcomings(arrivals)
        found = figures(arrivals, steps, step_s) | {"wrong": wrong[:20], "wrong_count": len(wrong)}
        proof.take_out()
    found["is_met"] = is_met(found)
    report.keep("burst", found | {"cases": cases})
    click.echo(summary(found))
    sys.exit(0 if found["is_met"] else 1)


async def _run(port: int, rates: list[float], step_s: float) -> list[Any]:
    from bench.client import Client
    from bench.lifecycle import Arrival, Runner, staff, take_round

    town = await asyncio.to_thread(staff)
    client = Client(port)
    await _warm(Runner(client, town, began=time.perf_counter()))
    runner = Runner(client, town, began=time.perf_counter())
    arrivals = [Arrival(n, at) for n, at in enumerate(schedule(rates, step_s))]
    await take_round(runner, arrivals, until_s=len(rates) * step_s, overtime_s=MOST_OVERTIME_S)
    await client.close()
    return arrivals


async def _warm(runner: Any) -> None:
    """Take a few cases round, so that every process has read what it keeps in memory."""
    from bench.lifecycle import Arrival

    for start in range(0, 24, 8):
        await asyncio.gather(*(runner.run(Arrival(n, 0.0)) for n in range(start, start + 8)))
    from bench import proof

    await asyncio.to_thread(proof.take_out)


def schedule(rates: list[float], step_s: float) -> list[float]:
    """Return when each case arrives, in seconds since the beginning, evenly within each step."""
    return [step * step_s + n / rate for step, rate in enumerate(rates) for n in range(round(rate * step_s))]


def figures(arrivals: list[Any], rates: list[float], step_s: float) -> dict[str, Any]:
    """Return the figures of a run: by step, and how soon it was as quick again as in its quiet steps."""
    requests = sorted((taken for a in arrivals for taken in a.requests), key=lambda taken: taken.at)
    spike_end = (len(rates) - 1) * step_s
    quiet = [n for n, rate in enumerate(rates[:-1]) if rate <= 2 * min(rates)]
    first_quiet = quiet[0] * step_s
    resting = _p95([t.seconds for t in requests if first_quiet <= t.at < first_quiet + step_s])
    return {
        "rates": rates,
        "step_s": step_s,
        "arrivals": len(arrivals),
        "done": sum(a.done_at is not None for a in arrivals),
        "requests": len(requests),
        "errors": dict(Counter(error[:120] for a in arrivals for error in a.errors)),
        "error_count": sum(len(a.errors) for a in arrivals),
        "resting_p95_ms": _ms(resting),
        "recovered_s": _recovered(requests, spike_end, len(rates) * step_s, resting),
        "most_under_way": _most_under_way(arrivals),
        "by_step": [_step(arrivals, requests, n, rate, step_s) for n, rate in enumerate(rates)],
        "by_window": _windows(requests, len(rates) * step_s),
        "by_request": {
            name: _ms(_p95([t.seconds for t in requests if t.step == name]))
            for name in dict.fromkeys(t.step for t in requests)
        },
    }


def _step(arrivals: list[Any], requests: list[Any], n: int, rate: float, step_s: float) -> dict[str, Any]:
    mine = [a for a in arrivals if n * step_s <= a.at < (n + 1) * step_s]
    seconds = [t.seconds for t in requests if n * step_s <= t.at < (n + 1) * step_s]
    whole = [a.done_at - a.at for a in mine if a.done_at is not None]
    return {
        "rate": rate,
        "arrivals": len(mine),
        "requests_per_second": round(len(seconds) / step_s, 1),
        "p50_ms": _ms(_share(seconds, 0.5)),
        "p95_ms": _ms(_p95(seconds)),
        "lifecycle_p95_s": round(_p95(whole), 2),
    }


def _windows(requests: list[Any], until: float) -> list[tuple[float, int, float]]:
    """Return start, requests and p95 in ms of each window."""
    count = int(until / WINDOW_S)
    found = []
    for n in range(count):
        seconds = [t.seconds for t in requests if n * WINDOW_S <= t.at < (n + 1) * WINDOW_S]
        found.append((n * WINDOW_S, len(seconds), _ms(_p95(seconds))))
    return found


def _recovered(requests: list[Any], spike_end: float, until: float, resting: float) -> float | None:
    """
    Return after how many seconds the answers were as quick again as at rest, and stayed so to the end; None
    where they were not.
    """
    recovered = None
    start = spike_end
    while start + WINDOW_S <= until + 0.001:
        seconds = [t.seconds for t in requests if start <= t.at < start + WINDOW_S]
        is_quick = bool(seconds) and _p95(seconds) <= MOST_SLOWER * resting
        recovered = (start + WINDOW_S - spike_end if recovered is None else recovered) if is_quick else None
        start += WINDOW_S
    return recovered


def _most_under_way(arrivals: list[Any]) -> int:
    ends = sorted(a.done_at for a in arrivals if a.done_at is not None)
    return max((n + 1 - bisect_right(ends, a.at) for n, a in enumerate(arrivals)), default=0)


def is_met(found: dict[str, Any]) -> bool:
    recovered = found["recovered_s"]
    is_whole = not found["error_count"] and not found["wrong_count"] and found["done"] == found["arrivals"]
    return bool(is_whole and recovered is not None and recovered <= RECOVER_S)


def summary(found: dict[str, Any]) -> str:
    """Return the result in one line."""
    back = found["recovered_s"]
    return (
        f"burst {'OK' if found['is_met'] else 'MISSED'}: {found['done']}/{found['arrivals']} cases,"
        f" {found['requests']} requests, {found['error_count']} errors,"
        f" {found['wrong_count']} lost or double;"
        f" p95 {found['resting_p95_ms']} ms at rest,"
        f" {max(step['p95_ms'] for step in found['by_step'])} ms at the worst step,"
        f" {'not back at rest' if back is None else f'back at rest after {back:.0f} s'};"
        f" most under way {found['most_under_way']}"
    )


def _share(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _p95(seconds: list[float]) -> float:
    return _share(seconds, 0.95)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    main()
