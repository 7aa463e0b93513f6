"""What is asked for at each size: pages as an operator and as a handler, verbs of the loop by the API."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import click
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench import centre, limit, multiply, server
from bench.load import Call, run
from bench.targets import CREATE, WRITES
from gridloop.base.common.ids import new_id
from gridloop.config.cli.database import bring_up_to_date
from gridloop.core.cases.actions import VERBS, Intake
from gridloop.core.cases.actions.intake import begin, numbers
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import CaseFile, Times
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import actor_of
from gridloop.core.org.locate import jurisdiction
from gridloop.core.org.models import Level, Post, Region, Unit
from gridloop.core.org.permissions import Role
from gridloop.faces.desk.boxes import BOXES
from gridloop.faces.exchange.actions import issue_key

YEAR = 10_000
MOST_ABOVE = 2.5  # what one run leaves behind may still pass for the size
WORDS = ("垃圾", "路灯", "飞线充电", "电动车 楼道", "涂装产业园北区", "荷屏", "没有这样的词语")
ORDERS = 900
WARM_S = 2.0
SAMPLES = 200  # of each page at least: of fewer, the slowest twentieth says little
SCOPES = ("case.view", "case.report", "case.sign_for", "case.submit_result")
CHUNK = 500
REPORT = "人行道上有一堆建筑垃圾，挡住了盲道"
ORDER = "路面破损，需要修补"


@dataclass(frozen=True, slots=True)
class People:
    """Whose headers: a leader on duty, an operator, a handler, and a program in the handler's part."""

    leader: dict[str, str]
    operator: dict[str, str]
    handler: dict[str, str]
    program: dict[str, str]
    handler_post: Post
    operator_post: Post


def prepare(data: Path, wanted: int) -> None:
    """Bring the tables up to date and make a year of the demo town where there is none."""
    data.mkdir(parents=True, exist_ok=True)
    bring_up_to_date()
    there = Case.objects.count()
    if there > MOST_ABOVE * wanted:
        raise click.ClickException(f"{there:,} cases are there already; delete {data} to begin anew.")
    if not there:
        from gridloop.demo.commands import demo

        demo.main(args=["--cases", str(YEAR)], prog_name="demo", standalone_mode=False)
        multiply.remember_originals()


def measure(size: int, data: Path, clients: int, seconds: float, workers: int) -> dict[str, Any]:
    """Ask for everything of a site that has `size` cases."""
    people = _people()
    orders, in_hand = _dispatched(people), _dispatched(people, is_signed=True)
    port = server.free_port()
    rows = []
    with server.serving(data, port, workers) as process:
        for name, calls in _scenarios(people, orders, in_hand).items():
            _warm(name, port, calls, clients)
            before = server.web_cpu_s(process)
            outcome = run(name, port, calls, clients=clients, longest_s=seconds, least=SAMPLES)
            rows.append(outcome.row(cpu_s=server.web_cpu_s(process) - before))
            click.echo(f"{size:,} {rows[-1]}", err=True)
        rows.append(centre.brief(seconds).row(cpu_s=0))
        memory = server.web_memory_mb(process)
    result = {
        "cases": Case.objects.count(),
        "open": Case.objects.open().count(),
        "web_mb": memory,
        "limit_per_second": limit.creates_per_second(_conninfo(), clients=clients, longest_s=seconds),
        "rows": rows,
        "tables": multiply.row_counts(),
    }
    multiply.take_out([REPORT, ORDER])
    return result


def _warm(name: str, port: int, calls: Callable[[int], Iterator[Call]], clients: int) -> None:
    """Have every process and every connection of the site asked before it counts; of verbs only a few."""
    if name in WRITES:
        run("warm", port, _first(calls, 3), clients=2, longest_s=WARM_S)
    else:
        run("warm", port, calls, clients=clients, longest_s=WARM_S)


def _people() -> People:
    posts = Post.objects.with_names().filter(ends_on=None, user__is_active=True).order_by("pk")
    operator, handler = (posts.filter(role=role)[0] for role in (Role.OPERATOR, Role.HANDLER))
    _key, secret = issue_key(
        f"bench {timezone.now():%H%M%S}",
        scopes=SCOPES,
        at=timezone.now(),
        post=handler,
        calls_per_minute=60_000,
    )
    program = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    return People(
        cookie_of(leader_post()), cookie_of(operator), cookie_of(handler), program, handler, operator
    )


def leader_post() -> Post:
    """Return the post of a leader on duty, who may open every page of the centre."""
    posts = Post.objects.with_names().filter(ends_on=None, user__is_active=True).order_by("pk")
    return posts.filter(role=Role.LEADER)[0]


def cookie_of(post: Post) -> dict[str, str]:
    """Return the headers of somebody who has just signed in, in this post."""
    client = Client()
    client.force_login(post.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session["post_id"] = post.pk
    session.save()
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}", "Accept": "text/html"}


def _scenarios(
    people: People, orders: list[UUID], in_hand: list[UUID]
) -> dict[str, Callable[[int], Iterator[Call]]]:
    cases = [reverse("desk:case", args=[key]) for key in _sample(400)]
    page, map_page = reverse("desk:cases"), reverse("centre:cases")
    words = [f"{page}?q={word}" for word in map(quote, WORDS)]
    boxes = [f"{map_page}?bbox={box}" for box in _windows()]
    # Read here and not by the clients: each of their threads would keep a connection of this process.
    points = list(Case.objects.exclude(lon=None).order_by("-pk").values_list("lon", "lat")[:500])
    inbox = [f"{reverse('desk:inbox')}?box={name}" for name in BOXES]
    return {
        "inbox": _gets(people.operator, inbox),
        "list, filtered": _gets(people.operator, [f"{page}?{query}" for query in _queries()]),
        "list of a unit": _gets(people.handler, [page]),
        "word search": _gets(people.operator, words),
        "case page": _gets(people.operator, cases),
        "map window": _gets(people.operator, boxes),
        "list by API": _gets(people.program, ["/api/v1/cases?size=50"]),
        **centre.scenarios(people.leader),
        # Last, since pages would show what they leave behind, and how much that is depends on their speed.
        CREATE: lambda _n: _creates(people, points),
        "sign": _on_orders(people, orders, "sign_for", b"{}"),
        "submit result": _on_orders(
            people, in_hand, "submit_result", json.dumps({"note": "已处理完毕"}).encode()
        ),
    }


def _queries() -> list[str]:
    """Return the list's filters as people set them, alone and together."""
    villages = (
        Region.objects.at_level(Level.VILLAGE, Level.COMMUNITY).order_by("pk").values_list("pk", flat=True)
    )
    mains = [category.id for category in rulebook().main()]
    units = (
        Unit.objects.filter(kind__in=["department", "station"]).order_by("pk").values_list("pk", flat=True)
    )
    month_ago = timezone.localdate() - timedelta(days=30)
    queries: list[dict[str, Any]] = [
        {},
        *({"state": state} for state in ("open", "late", "closed", "merged", "rejected")),
        *({"region": key} for key in villages[:4]),
        *({"category": key} for key in mains[:4]),
        *({"unit": key} for key in units[:4]),
        {"since": month_ago.isoformat(), "channel": "hotline"},
        {"urgency": "critical"},
        {"state": "closed", "category": mains[0]},
        {"region": villages[0], "category": mains[0], "state": "closed"},
        {"region": villages[3], "channel": "portal", "demand": "ask"},
    ]
    return [urlencode(query) for query in queries]


def _first(calls: Callable[[int], Iterator[Call]], count: int) -> Callable[[int], Iterator[Call]]:
    return lambda number: islice(calls(number), count)


def _gets(headers: dict[str, str], paths: list[str]) -> Callable[[int], Iterator[Call]]:
    def calls(number: int) -> Iterator[Call]:
        ordered = random.Random(number).sample(paths, len(paths))
        return (Call("GET", path, headers) for path in cycle(ordered))

    return calls


def _creates(people: People, points: list[Any]) -> Iterator[Call]:
    while True:
        lon, lat = random.choice(points)
        body = {
            "id": str(new_id()),
            "description": REPORT,
            "channel": "api",
            "category": "1101",
            "address": "云汀大道",
            "lon": lon,
            "lat": lat,
            "reporter": {"name": "某某", "phone": "10000000000"},
        }
        yield Call("POST", "/api/v1/cases", people.program, json.dumps(body).encode(), expects=201)


def _on_orders(people: People, orders: list[UUID], verb: str, body: bytes) -> Callable[[int], Iterator[Call]]:
    queue = iter([Call("POST", f"/api/v1/cases/{key}/{verb}", people.program, body) for key in orders])
    return lambda _number: queue  # a list's iterator may be shared by threads: each call is taken once


def _dispatched(people: People, *, is_signed: bool = False) -> list[UUID]:
    """Return cases that wait for the handler's unit: to be signed for, or signed for and to be done."""
    operator, at, times = actor_of(people.operator_post), timezone.now(), Times.now_in_force()
    keys = []
    for start in range(0, ORDERS, CHUNK):
        files = [_file(n, operator, at, times, people) for n in numbers(at, min(CHUNK, ORDERS - start))]
        for file in files if is_signed else ():
            VERBS["sign_for"].on(file, actor=actor_of(people.handler_post), at=at)
        store_many(files)
        keys += [file.case.pk for file in files]
    return keys


def _file(number: str, operator: Any, at: Any, times: Times, people: People) -> CaseFile:
    intake = Intake(ORDER, Channel.DESK, region_id=jurisdiction().pk)
    file = begin(intake, actor=operator, at=at, key=new_id(), number=number, times=times)
    VERBS["register"].on(file, actor=operator, at=at)
    VERBS["dispatch"].on(file, actor=operator, at=at, lead_unit_id=people.handler_post.unit_id)
    file.orders[0].unit = people.handler_post.unit  # asked for by visibility, not to be read for each file
    return file


def _sample(count: int) -> list[UUID]:
    keys = list(Case.objects.values_list("pk", flat=True))
    return random.Random(7).sample(keys, min(count, len(keys)))


def _windows() -> list[str]:
    """Return windows of about a village around open cases."""
    points: Any = Case.objects.open().exclude(lon=None).order_by("pk").values_list("lon", "lat")[:40]
    return [f"{x - 0.01:.4f},{y - 0.01:.4f},{x + 0.01:.4f},{y + 0.01:.4f}" for x, y in points]


def _conninfo() -> str:
    database = settings.DATABASES["default"]
    host = f"host={database['HOST']}" if database.get("HOST") else ""
    user, port = database.get("USER", ""), database.get("PORT") or 5432
    return f"dbname={database['NAME']} user={user} {host} port={port}"
