"""
The town in numbers, as one post may see it. Six statements, whatever the length of history: what is open is
read from the indexes of open cases, the rest from windows of days that keys and ends of cases bound.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.db.models import Aggregate, Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from gridloop.base.common.days import midnight
from gridloop.base.common.ids import first_id
from gridloop.core.cases.actions.closing import SATISFIED_FROM
from gridloop.core.cases.models import Case, Feedback, OrderRole, WorkOrder
from gridloop.core.cases.querysets import CaseQuerySet
from gridloop.core.cases.workflow import ACTIVE_ORDERS, State
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Level, Region
from gridloop.core.org.revisions import cached

WINDOW_DAYS = 30
MOST_UNITS = 10
Cases: TypeAlias = CaseQuerySet
Named: TypeAlias = tuple[int | None, str]
_VILLAGE = (Level.VILLAGE, Level.COMMUNITY)


class Median(Aggregate):
    """The middle value, by PostgreSQL's own ordered-set aggregate."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of a list: `key` is what the desk's list is filtered by, None where it has no filter for it."""

    key: int | str | None
    name: str
    count: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the window."""

    day: date
    reported: int
    closed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What the centre shows. Durations are from registration to the end, without what was solved on the spot;
    `satisfied` is the share of ratings that are at least fair, None where nobody has rated.
    """

    at: datetime
    open: int
    late: int
    due_today: int
    by_state: list[Share]
    by_category: list[Share]
    by_community: list[Share]
    late_units: list[Share]
    days: list[Day]
    average: timedelta | None
    median: timedelta | None
    satisfied: float | None
    ratings: int

    @property
    def reported_today(self) -> int:
        return self.days[-1].reported

    @property
    def closed_today(self) -> int:
        return self.days[-1].closed

    @property
    def since(self) -> date:
        return self.days[0].day


@dataclass(frozen=True, slots=True)
class _Group:
    state: str
    category_id: int | None
    region_id: int
    count: int
    late: int
    due_today: int


def figures(actor: Actor, now: datetime) -> Figures:
    """Return the figures of what `actor` may see at `now`."""
    visible = Case.objects.visible_to(actor).real()
    today = timezone.localdate(now)
    since = today - timedelta(days=WINDOW_DAYS - 1)
    mains, villages = _main_categories(), cached("regions", _villages)
    groups = _open_groups(visible, now, midnight(today + timedelta(days=1)))
    average, median = _durations(visible, midnight(since))
    satisfied, ratings = _satisfaction(visible, midnight(since))
    return Figures(
        at=now,
        open=sum(g.count for g in groups),
        late=sum(g.late for g in groups),
        due_today=sum(g.due_today for g in groups),
        by_state=_by_state(groups),
        by_category=_shares(groups, lambda g: mains.get(g.category_id or 0)),
        by_community=_shares(groups, lambda g: villages.get(g.region_id)),
        late_units=_late_units(visible, now),
        days=_days(visible, since, today),
        average=average,
        median=median,
        satisfied=satisfied,
        ratings=ratings,
    )


def _open_groups(visible: Cases, now: datetime, tomorrow: datetime) -> list[_Group]:
    rows = (
        visible.open()
        .order_by()
        .values_list("state", "category_id", "region_id")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(due_at__lt=now)),
            due_today=Count("pk", filter=Q(due_at__gte=now, due_at__lt=tomorrow)),
        )
    )
    return [_Group(*row) for row in rows]


def _days(visible: Cases, since: date, today: date) -> list[Day]:
    reported = _per_day(visible.filter(pk__gte=first_id(midnight(since))), "reported_at")
    closed = _per_day(visible.filter(closed_at__gte=midnight(since), state=State.CLOSED), "closed_at")
    days = (since + timedelta(days=n) for n in range((today - since).days + 1))
    return [Day(day, reported.get(day, 0), closed.get(day, 0)) for day in days]


def _per_day(cases: Cases, moment: str) -> dict[date, int]:
    days = cases.order_by().annotate(day=TruncDate(moment)).values_list("day")
    return dict(days.annotate(count=Count("pk")))


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


def _late_units(visible: Cases, now: datetime) -> list[Share]:
    late = WorkOrder.objects.filter(
        is_case_open=True,
        role=OrderRole.LEAD,
        state__in=sorted(ACTIVE_ORDERS),
        case__in=visible.overdue(now),
    )
    rows = late.order_by().values_list("unit_id", "unit__name").annotate(count=Count("pk"))
    return [
        Share(key, name, count, count) for key, name, count in rows.order_by("-count", "unit_id")[:MOST_UNITS]
    ]


def _by_state(groups: Iterable[_Group]) -> list[Share]:
    counts: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for group in groups:
        counts[group.state] += group.count
        late[group.state] += group.late
    return [Share(s.value, "", counts[s], late[s]) for s in State if counts[s]]


def _shares(groups: Iterable[_Group], part: Callable[[_Group], Named | None]) -> list[Share]:
    """Sum the groups by the part of the whole that each belongs to; what belongs to none comes last."""
    counts: Counter[Named] = Counter()
    late: Counter[Named] = Counter()
    for group in groups:
        key = part(group) or (None, "")
        counts[key] += group.count
        late[key] += group.late
    ranked = sorted(counts, key=lambda key: (key[0] is None, -counts[key], key[1]))
    return [Share(*key, counts[key], late[key]) for key in ranked]


def _main_categories() -> dict[int, Named]:
    """Return for each category its main category."""
    found: dict[int, Named] = {}
    for main in rulebook().main():
        found |= {category.id: (main.id, main.name) for category in (main, *rulebook().sub(main.id))}
    return found


def _villages() -> dict[int, Named]:
    """Return for each region the village or community that it is or lies in."""
    rows = list(Region.objects.order_by("path").values_list("pk", "path", "level", "name"))
    lengths = {len(path) for _pk, path, level, _name in rows if level in _VILLAGE}
    villages = {path: (pk, name) for pk, path, level, name in rows if level in _VILLAGE}
    above = {pk: [path[:n] for n in lengths if path[:n] in villages] for pk, path, _level, _name in rows}
    return {pk: villages[max(paths, key=len)] for pk, paths in above.items() if paths}
