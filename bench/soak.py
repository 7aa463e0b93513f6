"""
`make bench-soak`: the duty screen, open for hours in a real browser while the town works sixty times as fast.

    python -m bench.soak
    python -m bench.soak --hours 2 --a-day 500

Cases arrive as they do in a town of so many a day and are taken round the loop by the API; the screen hears
of each by its stream, refreshes its numbers and its map. Every so often the garbage is collected and what is
left of the heap is read, with the nodes of the document. It ends with 1 where the heap grew by a fifth or
more from the first samples after the warm-up to the last, where a script failed, or where nothing was heard.
"""

import asyncio
import random
import shutil
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import click

from bench import report, site

MOST_GROWTH = 0.20
WARM_S = 180.0
SAMPLES = 5  # what is compared is the median of so many, at both ends
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
METRICS = {"JSHeapUsedSize": "heap_b", "Nodes": "nodes", "JSEventListeners": "listeners"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the page held at a moment, after its garbage was collected."""

    at_s: float
    heap_b: float
    nodes: float
    listeners: float
    lines: int
    open_cases: str


@click.command()
@click.option("--cases", default=10_000, show_default=True, help="How many cases there are beforehand.")
@click.option("--hours", default=48.0, show_default=True, help="Hours of the town's time.")
@click.option(
    "--speed", default=60.0, show_default=True, help="How much quicker than a town's its time passes."
)
@click.option("--a-day", default=650, show_default=True, help="Cases a day of the town's time.")
@click.option("--every-s", default=60.0, show_default=True, help="Seconds between two samples.")
@click.option("--mode", default="duty", show_default=True, help="The screen's mode.")
def main(cases: int, hours: float, speed: float, a_day: int, every_s: float, mode: str) -> None:
    """Run, print one line and keep the samples."""
    wall_s = hours * 3600 / speed
    with site.prepared(cases) as data:
        from bench import proof

        proof.take_out()  # of a run that was broken off
        with site.serving(data, None) as port:
            found = asyncio.run(_run(port, wall_s, speed, a_day, every_s, mode))
        proof.take_out()
    found |= {"hours": hours, "speed": speed, "a_day": a_day, "mode": mode, "wall_s": wall_s}
    report.keep("soak", found)
    click.echo(summary(found))
    sys.exit(0 if found["is_met"] else 1)


async def _run(
    port: int, wall_s: float, speed: float, a_day: int, every_s: float, mode: str
) -> dict[str, Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page, errors = await _open(browser, port, mode)
        traffic = asyncio.create_task(_traffic(port, wall_s, a_day * speed / 86_400))
        samples = await _watch(page, wall_s, every_s)
        arrivals = await traffic
        await browser.close()
    return figures(samples, errors) | {
        "reported": sum("report" in arrival.acknowledged for arrival in arrivals),
        "closed": sum(arrival.done_at is not None for arrival in arrivals),
        "failed": [error for arrival in arrivals for error in arrival.errors][:20],
    }


async def _open(browser: Any, port: int, mode: str) -> tuple[Any, list[str]]:
    """Open the screen as the leader on duty has it; return it with the list in which its errors gather."""
    cookie = await asyncio.to_thread(_session)
    context = await browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    await context.add_cookies([{**cookie, "url": f"http://127.0.0.1:{port}"}])
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"http://127.0.0.1:{port}/centre/?mode={mode}")
    await page.wait_for_selector("#ground[data-ready]", timeout=120_000)
    return page, errors


def _session() -> dict[str, str]:
    from bench.scenarios import cookie_of
    from gridloop.core.org.models import Post
    from gridloop.core.org.permissions import Role

    post = Post.objects.with_names().filter(role=Role.LEADER, ends_on=None).order_by("pk")[0]
    name, _equals, value = cookie_of(post)["Cookie"].partition("=")
    return {"name": name, "value": value}


async def _traffic(port: int, wall_s: float, rate: float) -> list[Any]:
    """Let cases arrive by chance, `rate` a second in the mean, each going round at a pace of its own."""
    from bench.client import Client
    from bench.lifecycle import Arrival, Runner, staff

    class Paced(Runner):
        async def run(self, arrival: Arrival) -> None:
            for step in self._steps(arrival):
                await asyncio.sleep(rng.expovariate(1 / 8))
                if not await self._step(arrival, *step):
                    return
            arrival.done_at = self._now()

    rng = random.Random(7)
    town, client = await asyncio.to_thread(staff), Client(port)
    runner = Paced(client, town, began=time.perf_counter(), patience_s=60)
    arrivals: list[Any] = []
    tasks: list[Any] = []
    at = 0.0
    while (at := at + rng.expovariate(rate)) < wall_s:
        await asyncio.sleep(max(0.0, at - (time.perf_counter() - runner.began)))
        arrivals.append(Arrival(len(arrivals), at))
        tasks.append(asyncio.create_task(runner.run(arrivals[-1])))
    await asyncio.wait(tasks, timeout=300)
    await client.close()
    return arrivals


async def _watch(page: Any, wall_s: float, every_s: float) -> list[Sample]:
    line = await page.context.new_cdp_session(page)
    await line.send("Performance.enable")
    began, samples = time.perf_counter(), []
    while (at := time.perf_counter() - began) < wall_s:
        samples.append(await _sample(page, line, at))
        click.echo(f"{asdict(samples[-1])}", err=True)
        await asyncio.sleep(every_s)
    return samples


async def _sample(page: Any, line: Any, at: float) -> Sample:
    await line.send("HeapProfiler.collectGarbage")
    await line.send("HeapProfiler.collectGarbage")
    told = await line.send("Performance.getMetrics")
    values = {METRICS[m["name"]]: m["value"] for m in told["metrics"] if m["name"] in METRICS}
    return Sample(
        at_s=round(at, 1),
        **values,
        lines=await page.locator("#ticker > li").count(),
        open_cases=await page.locator("#tile-open").inner_text()
        if await page.locator("#tile-open").count()
        else "",
    )


def figures(samples: list[Sample], errors: list[str]) -> dict[str, Any]:
    """Return how much the page grew from its first samples after the warm-up to its last."""
    warm = [sample for sample in samples if sample.at_s >= WARM_S] or samples
    found: dict[str, Any] = {"errors": errors[:20], "samples": [asdict(sample) for sample in samples]}
    for name in ("heap_b", "nodes", "listeners"):
        first, last = (
            statistics.median(getattr(s, name) for s in part) for part in (warm[:SAMPLES], warm[-SAMPLES:])
        )
        found[name] = {"first": first, "last": last, "growth": round(last / first - 1, 4)}
    found["most_lines"] = max(sample.lines for sample in samples)
    found["is_met"] = found["heap_b"]["growth"] < MOST_GROWTH and not errors and found["most_lines"] > 0
    return found


def summary(found: dict[str, Any]) -> str:
    """Return the outcome in one line."""
    heap, nodes = found["heap_b"], found["nodes"]
    return (
        f"{'met' if found['is_met'] else 'MISSED'}: {found['hours']:g} h at x{found['speed']:g} in "
        f"{found['wall_s'] / 60:.0f} min, {found['reported']} reported, {found['closed']} closed; heap "
        f"{heap['first'] / 2**20:.1f} -> {heap['last'] / 2**20:.1f} MB ({heap['growth']:+.1%}), nodes "
        f"{nodes['first']:.0f} -> {nodes['last']:.0f}, errors {len(found['errors'])}"
    )


if __name__ == "__main__":
    main()
