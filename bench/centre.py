"""What the command centre asks for: its screen in each mode, its map, the queue, the scores and a brief."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.load import Call, Outcome
from gridloop.capabilities.figures.briefs.facts import Looked, gather
from gridloop.capabilities.figures.labels import BriefKind
from gridloop.core.cases.models import Case

BRIEF = "brief, its figures"
_REACH = {11: 0.2, 13: 0.05, 15: 0.01}  # degrees around an open case that a screen shows at a zoom
Calls = Callable[[int], Iterator[Call]]


def scenarios(leader: dict[str, str]) -> dict[str, Calls]:
    """Return what a leader on duty looks at, by name."""
    home, scores = reverse("centre:home"), reverse("figures:home")
    month = timezone.localdate().replace(day=1) - timedelta(days=1)
    when = timezone.localdate() - timedelta(days=1)
    asked = {
        "centre, duty": [home],
        "centre, analysis": [f"{home}?mode=analysis"],
        "centre, visit": [f"{home}?mode=visit"],
        "centre, cases on the map": [f"{reverse('centre:cases')}?{query}" for query in _windows()],
        "centre, squares on the map": [f"{reverse('centre:cells')}?{query}" for query in _windows()],
        "centre, a day played": [f"{reverse('centre:played')}?when={when:%Y-%m-%d}"],
        "dispatch queue": [reverse("dispatch:queue")],
        "scores": [
            f"{scores}?{urlencode({'month': f'{month:%Y-%m}', 'by': by})}" for by in ("unit", "region")
        ],
    }
    return {name: _gets(leader, paths) for name, paths in asked.items()}


def _gets(headers: dict[str, str], paths: list[str]) -> Calls:
    return lambda number: (
        Call("GET", path, headers) for path in cycle(random.Random(number).sample(paths, len(paths)))
    )


def _windows() -> list[str]:
    points: Any = Case.objects.open().exclude(lon=None).order_by("pk").values_list("lon", "lat")[:20]
    return [
        urlencode({"bbox": f"{x - reach:.4f},{y - reach:.4f},{x + reach:.4f},{y + reach:.4f}", "zoom": zoom})
        for x, y in points
        for zoom, reach in _REACH.items()
    ]


def brief(longest_s: float) -> Outcome:
    """Gather the figures of a day's, a week's and a month's brief again and again, as the job does."""
    outcome, day = Outcome(BRIEF), timezone.localdate() - timedelta(days=1)
    looked = [Looked.around(kind, day) for kind in (BriefKind.DAY, BriefKind.WEEK, BriefKind.MONTH)]
    for one in looked:
        gather(one, now=timezone.now())
    began = time.perf_counter()
    for one in cycle(looked):
        at = time.perf_counter()
        with CaptureQueriesContext(connection) as seen:
            gather(one, now=timezone.now())
        outcome.seconds.append(time.perf_counter() - at)
        outcome.statements.append(len(seen))
        if time.perf_counter() - began > longest_s:
            break
    outcome.elapsed_s = time.perf_counter() - began
    return outcome
