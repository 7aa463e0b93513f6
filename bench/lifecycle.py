"""One report and all that becomes of it, each step by the key of whoever it is up to."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.utils import timezone

from bench.client import Answer, Broken, Client
from gridloop.base.common.ids import new_id
from gridloop.core.cases.models import Case
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import Role
from gridloop.faces.exchange.actions import issue_key

VERBS = ("report", "register", "dispatch", "sign_for", "submit_result", "verify_pass", "close")
MARK = "压力测试"
KEYS_A_ROLE = 6
CONFLICT = 409
OPERATING = (
    "case.view", "case.report", "case.register", "case.dispatch", "case.verify", "case.close",
)  # fmt: skip
HANDLING = ("case.view", "case.sign_for", "case.submit_result")
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Staff:
    """The keys of those who report, decide and handle; with a handler's, the code of the unit."""

    reporters: list[Headers]
    operators: list[Headers]
    handlers: list[tuple[Headers, str]]
    points: list[tuple[float, float]]


def staff() -> Staff:
    """Give keys to operators and to handlers of several units."""
    posts = Post.objects.with_names().filter(ends_on=None, user__is_active=True).order_by("pk")
    operators = list(posts.filter(role=Role.OPERATOR))
    by_unit = {post.unit_id: post for post in posts.filter(role=Role.HANDLER)}
    points = Case.objects.exclude(lon=None).order_by("-pk").values_list("lon", "lat")[:500]
    turn = cycle(operators)
    return Staff(
        reporters=[_headers(next(turn), OPERATING) for _ in range(KEYS_A_ROLE)],
        operators=[_headers(next(turn), OPERATING) for _ in range(KEYS_A_ROLE)],
        handlers=[
            (_headers(post, HANDLING), post.unit.code) for post in list(by_unit.values())[:KEYS_A_ROLE]
        ],
        points=[(float(lon), float(lat)) for lon, lat in points],
    )


def _headers(post: Post, scopes: tuple[str, ...]) -> Headers:
    now = timezone.now()
    _key, secret = issue_key(f"bench {now:%H%M%S}", scopes=scopes, at=now, post=post, calls_per_minute=60_000)
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


@dataclass(slots=True)
class Taken:
    """One request as its sender saw it; seconds since the run began, and how long until the answer."""

    step: str
    at: float
    seconds: float


@dataclass(slots=True)
class Arrival:
    """One case: what was acknowledged of it, and what went wrong."""

    number: int
    at: float  # seconds since the run began, when it was to arrive
    key: UUID = field(default_factory=new_id)
    acknowledged: list[str] = field(default_factory=list)
    requests: list[Taken] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    retries: int = 0
    done_at: float | None = None

    @property
    def word(self) -> str:
        return f"zz{self.key.hex[-12:]}"


class Runner:
    """
    Takes arrivals round the loop.

    :param patience_s: how long one step is tried again where the server is away; 0 counts it as an error.
    """

    def __init__(self, client: Client, town: Staff, *, began: float, patience_s: float = 0) -> None:
        self.client, self.town, self.began, self.patience_s = client, town, began, patience_s

    async def run(self, arrival: Arrival) -> None:
        for step, headers, method, path, body in self._steps(arrival):
            if not await self._step(arrival, step, headers, method, path, body):
                return
        arrival.done_at = self._now()

    async def reach(self, at: float) -> None:
        """Wait until `at` seconds of the run have passed."""
        await asyncio.sleep(max(0.0, at - self._now()))

    def _steps(self, arrival: Arrival) -> Iterator[tuple[str, Headers, str, str, Any]]:
        n, town = arrival.number, self.town
        operator = town.operators[n % len(town.operators)]
        handler, unit = town.handlers[n % len(town.handlers)]
        cases = "/api/v1/cases"
        case = f"{cases}/{arrival.key}"
        yield "report", town.reporters[n % len(town.reporters)], "POST", cases, self._report(arrival)
        yield "register", operator, "POST", f"{case}/register", {}
        yield "dispatch", operator, "POST", f"{case}/dispatch", {"lead_unit": unit, "demand": "请尽快处置"}
        yield "sign_for", handler, "POST", f"{case}/sign_for", {}
        yield "submit_result", handler, "POST", f"{case}/submit_result", {"note": "已处置完毕，现场恢复"}
        yield "verify_pass", operator, "POST", f"{case}/verify_pass", {"note": "现场核实无误"}
        yield "close", operator, "POST", f"{case}/close", {}
        yield "search", operator, "GET", f"{cases}?q={quote(arrival.word)}&size=5", None

    def _report(self, arrival: Arrival) -> dict[str, Any]:
        lon, lat = self.town.points[arrival.number % len(self.town.points)]
        return {
            "id": str(arrival.key),
            "description": f"人行道上有一堆建筑垃圾，挡住了盲道 {arrival.word}",
            "channel": "api",
            "category": "1101",
            "address": MARK,
            "lon": lon,
            "lat": lat,
        }

    async def _step(
        self, arrival: Arrival, step: str, headers: Headers, method: str, path: str, body: Any
    ) -> bool:
        data = None if body is None else json.dumps(body).encode()
        if self.patience_s and method == "POST":
            headers = {**headers, "Idempotency-Key": f"{step}-{arrival.key}"}
        until = time.perf_counter() + self.patience_s
        while True:
            at = self._now()
            try:
                answer = await self.client.ask(method, path, headers, data)
                wrong = _wrong(step, arrival, answer)
            except Broken as broken:
                wrong = str(broken)
            if wrong is None:
                arrival.requests.append(Taken(step, at, self._now() - at))
                arrival.acknowledged.append(step)
                return True
            if time.perf_counter() > until:
                arrival.errors.append(f"{step}: {wrong}")
                return False
            arrival.retries += 1
            await asyncio.sleep(0.5)

    def _now(self) -> float:
        return time.perf_counter() - self.began


def _wrong(step: str, arrival: Arrival, answer: Answer) -> str | None:
    expected = 201 if step == "report" else 200
    if answer.status != expected:
        return f"{answer.status} {answer.body[:200].decode(errors='replace')}"
    if step == "search" and str(arrival.key).encode() not in answer.body:
        return "the case is not found by its word"
    return None


async def take_round(runner: Runner, arrivals: list[Arrival], *, until_s: float, overtime_s: float) -> None:
    """
    Send each case on its way at its moment, whatever has become of those before it, and wait for them all.

    :param until_s: seconds since the run began before which it does not end.
    :param overtime_s: how long the rest may take from then on; what is not done by that is an error.
    """
    tasks = []
    for arrival in arrivals:
        await runner.reach(arrival.at)
        tasks.append(asyncio.create_task(runner.run(arrival)))
    await runner.reach(until_s)
    await asyncio.wait(tasks, timeout=overtime_s)
    for arrival, task in zip(arrivals, tasks, strict=True):
        if not task.done():
            task.cancel()
            arrival.errors.append("not done when the run ended")
    await asyncio.gather(*tasks, return_exceptions=True)
