"""
The analysis screen: how much, where, of what kind, by which door, and which places come back again and again.

Four statements. Sums come from the rollups of `figures`, which are kept in step with the log; which places
come back and how long handling takes is read from the cases of the period. The years before it cost nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Avg, Count, DurationField, ExpressionWrapper, F, Func, Max, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from gridloop.base.common.days import midnight
from gridloop.base.common.ids import first_id
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.reading import (
    By,
    Compared,
    Days,
    Sums,
    Within,
    breakdown,
    scope_of,
    totals,
)
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case
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
    What the analysis screen shows; `came` is what `reported` counts.

    Durations are from registration to the end, without what was solved on the spot; `satisfied` is the share
    of ratings that are at least fair, None where nobody has rated.
    """

    at: datetime
    since: date
    until: date
    came: What
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


def analysis(actor: Actor, now: datetime, *, days: int = DAYS) -> Analysis:
    """
    Return what `actor` may see of the last `days` days, today among them.

    Whoever sees a unit's cases alone reads there what the unit was given instead of what was reported.
    """
    visible = Case.objects.visible_to(actor).real()
    today = timezone.localdate(now)
    period, within = Days(today - timedelta(days=days - 1), today), scope_of(actor)
    came = What.REPORTED if within.units is None else What.DISPATCHED
    per_day = _per_day(within, period, came)
    compared = breakdown(within, period, came)
    average, median = _durations(visible, midnight(period.since))
    sums = _summed(per_day.values())
    return Analysis(
        at=now,
        since=period.since,
        until=today,
        came=came,
        reported=sums.n(came),
        reported_before=sum(part.before for part in compared[By.REGION].values()),
        closed=_ended(sums),
        days=[Day(day, per_day[day].n(came), _ended(per_day[day])) for day in _each(period)],
        areas=_parts(compared[By.REGION], villages().get),
        categories=_parts(compared[By.CATEGORY], main_categories().get),
        channels=_parts(compared[By.CHANNEL], lambda code: (code, str(Channel(code).label))),
        repeated=_repeated(visible, midnight(period.since)),
        average=average,
        median=median,
        satisfied=sums.n(What.SATISFIED) / sums.n(What.RATED) if sums.n(What.RATED) else None,
        ratings=sums.n(What.RATED),
    )


def _per_day(within: Within, period: Days, came: What) -> dict[date, Sums]:
    whats = [came, What.CLOSED, What.SELF_CLOSED, What.RATED, What.SATISFIED]
    return defaultdict(Sums, totals(within, period, by=By.DAY, whats=whats))


def _each(period: Days) -> list[date]:
    return [period.since + timedelta(days=n) for n in range(period.length)]


def _summed(days: Iterable[Sums]) -> Sums:
    found = Sums()
    for day in days:
        found += day
    return found


def _ended(sums: Sums) -> int:
    return sums.n(What.CLOSED) + sums.n(What.SELF_CLOSED)


def trend(visible: Cases, since: date, today: date) -> list[Day]:
    """Return for each day what was reported and closed, days without anything too. One statement."""
    reported = _by_day(visible.filter(pk__gte=first_id(midnight(since))), "reported_at", 0)
    closed = _by_day(visible.filter(closed_at__gte=midnight(since), state=State.CLOSED), "closed_at", 1)
    counts = {(which, day): count for which, day, count in reported.union(closed, all=True)}
    days = (since + timedelta(days=n) for n in range((today - since).days + 1))
    return [Day(day, counts.get((0, day), 0), counts.get((1, day), 0)) for day in days]


def _by_day(cases: Cases, moment: str, which: int) -> Any:
    days = cases.order_by().annotate(which=Value(which), day=TruncDate(moment)).values_list("which", "day")
    return days.annotate(count=Count("pk"))


def _parts(
    compared: Mapping[Any, Compared], name_of: Callable[[Any], Named | tuple[str, str] | None]
) -> list[Part]:
    """Sum by the part that each belongs to, the largest first; what belongs to none comes last."""
    now: Counter[Any] = Counter()
    before: Counter[Any] = Counter()
    for key, found in compared.items():
        part = name_of(key) or (None, "")
        now[part] += found.now
        before[part] += found.before
    ranked = sorted(now, key=lambda part: (part[0] is None, -now[part], part[1]))
    return [Part(part[0], part[1], now[part], before[part]) for part in ranked]


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
