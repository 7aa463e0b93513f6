"""
The analysis screen: how much, where, of what kind, by which door, and which places come back again and again.

Five statements over a period and the one before it; keys and ends of cases bound both, so the years before
cost nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from django.db.models import Aggregate, Avg, Count, DurationField, ExpressionWrapper, F, Func, Max, Q, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from gridloop.base.common.days import midnight
from gridloop.base.common.ids import first_id
from gridloop.core.cases.actions.closing import SATISFIED_FROM
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case, Feedback
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.counting import Cases
from gridloop.faces.centre.places import Named, category_name, main_categories, region_names, villages

PERIODS = (30, 90, 365)
DAYS = 30
REPEATED_FROM, MOST_REPEATED = 3, 10
PLACE_DEGREES = 0.0005  # about 50 m: one shop front, one crossing, one stairwell


class Median(Aggregate):
    """The middle value, by PostgreSQL's own ordered-set aggregate."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


class Cell(Func):
    """The number of the square, `size` degrees wide, in which a coordinate lies."""

    function = "FLOOR"
    template = "%(function)s(%(expressions)s)::int"
    arg_joiner = " / "

    def __init__(self, coordinate: str, size: float) -> None:
        super().__init__(F(coordinate), Value(size))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what was reported in the period, beside the period before."""

    key: int | str | None
    name: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the period."""

    day: date
    reported: int
    closed: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """A place of about 50 m from which at least three cases of one category came in the period."""

    lon: float
    lat: float
    category_id: int
    category: str
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """
    What the analysis screen shows. Durations are from registration to the end, without what was solved on the
    spot; `satisfied` is the share of ratings that are at least fair, None where nobody has rated.
    """

    at: datetime
    since: date
    until: date
    reported: int
    reported_before: int
    closed: int
    days: list[Day]
    areas: list[Part]
    categories: list[Part]
    channels: list[Part]
    repeated: list[Repeated]
    average: timedelta | None
    median: timedelta | None
    satisfied: float | None
    ratings: int


@dataclass(frozen=True, slots=True)
class _Fact:
    region_id: int
    category_id: int | None
    channel: str
    count: int
    before: int


_Key: TypeAlias = Callable[[_Fact], Named | tuple[str, str] | None]


def analysis(actor: Actor, now: datetime, *, days: int = DAYS) -> Analysis:
    """Return what `actor` may see of the last `days` days, today among them."""
    visible = Case.objects.visible_to(actor).real()
    today = timezone.localdate(now)
    since = today - timedelta(days=days - 1)
    facts = _facts(visible, midnight(since), midnight(since - timedelta(days=days)))
    per_day = trend(visible, since, today)
    average, median = _durations(visible, midnight(since))
    satisfied, ratings = _satisfaction(visible, midnight(since))
    mains, places = main_categories(), villages()
    return Analysis(
        at=now,
        since=since,
        until=today,
        reported=sum(f.count for f in facts),
        reported_before=sum(f.before for f in facts),
        closed=sum(day.closed for day in per_day),
        days=per_day,
        areas=_parts(facts, lambda f: places.get(f.region_id)),
        categories=_parts(facts, lambda f: mains.get(f.category_id or 0)),
        channels=_parts(facts, lambda f: (f.channel, str(Channel(f.channel).label))),
        repeated=_repeated(visible, midnight(since)),
        average=average,
        median=median,
        satisfied=satisfied,
        ratings=ratings,
    )


def trend(visible: Cases, since: date, today: date) -> list[Day]:
    """Return for each day what was reported and closed, days without anything too. One statement."""
    reported = _per_day(visible.filter(pk__gte=first_id(midnight(since))), "reported_at", 0)
    closed = _per_day(visible.filter(closed_at__gte=midnight(since), state=State.CLOSED), "closed_at", 1)
    counts = {(which, day): count for which, day, count in reported.union(closed, all=True)}
    days = (since + timedelta(days=n) for n in range((today - since).days + 1))
    return [Day(day, counts.get((0, day), 0), counts.get((1, day), 0)) for day in days]


def _per_day(cases: Cases, moment: str, which: int) -> Any:
    days = cases.order_by().annotate(which=Value(which), day=TruncDate(moment)).values_list("which", "day")
    return days.annotate(count=Count("pk"))


def _facts(visible: Cases, since: datetime, before: datetime) -> list[_Fact]:
    first = first_id(since)
    rows = (
        visible.filter(pk__gte=first_id(before))
        .order_by()
        .values_list("region_id", "category_id", "channel")
        .annotate(count=Count("pk", filter=Q(pk__gte=first)), before=Count("pk", filter=Q(pk__lt=first)))
    )
    return [_Fact(*row) for row in rows]


def _parts(facts: Iterable[_Fact], key_of: _Key) -> list[Part]:
    """Sum the facts by their part of the whole, the largest first; what belongs to none comes last."""
    counts: Counter[Any] = Counter()
    before: Counter[Any] = Counter()
    for fact in facts:
        key = key_of(fact) or (None, "")
        counts[key] += fact.count
        before[key] += fact.before
    ranked = sorted(counts, key=lambda key: (key[0] is None, -counts[key], key[1]))
    return [Part(key[0], key[1], counts[key], before[key]) for key in ranked if counts[key] or before[key]]


def _repeated(visible: Cases, since: datetime) -> list[Repeated]:
    rows = (
        visible.filter(pk__gte=first_id(since), lon__isnull=False, category__isnull=False)
        .order_by()
        .annotate(x=Cell("lon", PLACE_DEGREES), y=Cell("lat", PLACE_DEGREES))
        .values_list("x", "y", "category_id")
        .annotate(count=Count("pk"), region=Max("region_id"))
        .filter(count__gte=REPEATED_FROM)
        .order_by("-count", "x", "y", "category_id")[:MOST_REPEATED]
    )
    return [
        Repeated(
            lon=(x + 0.5) * PLACE_DEGREES,
            lat=(y + 0.5) * PLACE_DEGREES,
            category_id=category_id,
            category=category_name(category_id),
            place=region_names().get(region_id, ""),
            count=count,
        )
        for x, y, category_id, count, region_id in rows
    ]


def _durations(visible: Cases, since: datetime) -> tuple[timedelta | None, timedelta | None]:
    taken = ExpressionWrapper(F("closed_at") - F("registered_at"), output_field=DurationField())
    found = (
        visible.scored()
        .filter(closed_at__gte=since, state=State.CLOSED, registered_at__isnull=False)
        .aggregate(average=Avg(taken), median=Median(taken, output_field=DurationField()))
    )
    return found["average"], found["median"]


def _satisfaction(visible: Cases, since: datetime) -> tuple[float | None, int]:
    # A row's key is never older than the moment it tells of, so the key bounds the window.
    rated = Feedback.objects.filter(
        pk__gte=first_id(since), at__gte=since, is_reached=True, result__isnull=False, case__in=visible
    ).exclude(is_lawful=False)
    # Whoever rates again has changed their mind: the last word on each case counts.
    last = rated.order_by("case", "-at", "-pk").distinct("case")
    found = Feedback.objects.filter(pk__in=last.values("pk")).aggregate(
        all=Count("pk"), good=Count("pk", filter=Q(result__gte=SATISFIED_FROM))
    )
    return (found["good"] / found["all"] if found["all"] else None), found["all"]
