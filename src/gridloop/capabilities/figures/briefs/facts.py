"""All that a brief states, as plain numbers and names: gathered once by seven statements, kept with it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from gridloop.base.common.days import in_words, midnight
from gridloop.capabilities.figures.formula import TERMS, Rate
from gridloop.capabilities.figures.labels import BriefKind, What
from gridloop.capabilities.figures.models.tallies import NO_UNIT
from gridloop.capabilities.figures.reading import EVERYTHING, By, Days, Sums, breakdown, month_of, totals
from gridloop.capabilities.figures.scores import parts
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.cases.models import Case, OrderRole, WorkOrder
from gridloop.core.cases.workflow import ACTIVE_ORDERS
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.locate import jurisdiction

TREND_DAYS = 30
MOST_UNITS, MOST_CATEGORIES = 5, 8
COUNTED = (
    What.REPORTED, What.REGISTERED, What.SELF_CLOSED, What.REJECTED, What.MERGED, What.DISPATCHED,
    What.CLOSED, What.REOPENED, What.REWORKED, What.SENT_BACK, What.RATED, What.SATISFIED, What.ON_TIME,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """Which days a brief looks back on."""

    kind: BriefKind
    days: Days

    @classmethod
    def around(cls, kind: BriefKind, day: date) -> "Looked":
        """Return the day, week (Monday to Sunday) or month in which `day` lies."""
        if kind == BriefKind.DAY:
            return cls(kind, Days(day, day))
        if kind == BriefKind.WEEK:
            monday = day - timedelta(days=day.weekday())
            return cls(kind, Days(monday, monday + timedelta(days=6)))
        return cls(kind, month_of(day))


def gather(looked: Looked, *, now: datetime) -> dict[str, Any]:
    """Return the facts of a brief as JSON can keep them; what was excluded is in none of the rates."""
    days, before = looked.days, looked.days.before()
    by_unit, by_unit_before = totals(EVERYTHING, days, by=By.UNIT), totals(EVERYTHING, before, by=By.UNIT)
    now_open, late_units = _open(now), _late_units(now)
    whole, whole_before = _sum(by_unit), _sum(by_unit_before)
    return {
        "town": settings.TOWN_NAME or jurisdiction().name,
        "since": days.since.isoformat(),
        "until": days.until.isoformat(),
        "made_on": in_words(timezone.localdate(now)),
        "made_at": f"{timezone.localtime(now):%H:%M}",
        "counts": {what.value: whole.n(what) for what in COUNTED},
        "before": {what.value: whole_before.n(what) for what in COUNTED},
        "rates": _rates(whole),
        "rates_before": _rates(whole_before),
        "open": now_open,
        "late_units": late_units,
        "units": _units(by_unit, dict(late_units)),
        "categories": _categories(days),
        "regions": _regions(days),
        "trend": _trend(days),
    }


def _sum(sums: dict[Any, Sums]) -> Sums:
    whole = Sums()
    for one in sums.values():
        whole += one
    return whole


def _rates(sums: Sums) -> dict[str, str]:
    """Return each rate as it is written, such as 96.4%; those that nobody can know are left out."""
    found = {t.name: Rate(t, sums.scored(t.above), sums.scored(t.below)) for t in TERMS.values()}
    return {name: rate.words for name, rate in found.items() if rate.value is not None}


def _open(now: datetime) -> dict[str, int]:
    tomorrow = midnight(timezone.localdate(now) + timedelta(days=1))
    found: dict[str, int] = (
        Case.objects.open()
        .filter(is_drill=False)
        .aggregate(
            open=Count("pk"),
            late=Count("pk", filter=Q(due_at__lt=now)),
            due_today=Count("pk", filter=Q(due_at__gte=now, due_at__lt=tomorrow)),
        )
    )
    return found


def _late_units(now: datetime) -> list[list[Any]]:
    """Return [unit, late cases], the most first: where help is needed, not who is good."""
    late = WorkOrder.objects.filter(
        is_case_open=True,
        role=OrderRole.LEAD,
        state__in=sorted(ACTIVE_ORDERS),
        case__in=Case.objects.overdue(now).filter(is_drill=False),
    )
    rows = late.order_by().values_list("unit_id").annotate(n=Count("pk")).order_by("-n", "unit_id")
    return [[unit_name(unit), n] for unit, n in rows]


def _units(by_unit: dict[int, Sums], late: dict[str, int]) -> list[dict[str, Any]]:
    rows = [
        {
            "name": unit_name(key),
            "dispatched": sums.n(What.DISPATCHED),
            "closed": sums.n(What.CLOSED),
            "late": late.get(unit_name(key), 0),
            **_rates(sums),
        }
        for key, sums in by_unit.items()
        if key != NO_UNIT and (sums.n(What.DISPATCHED) or sums.n(What.CLOSED))
    ]
    return sorted(rows, key=lambda row: str(row["name"]))


def _categories(days: Days) -> list[list[Any]]:
    """Return [category, cases, cases before] of the main categories, the most first."""
    book, found = rulebook(), dict[str, list[int]]()
    compared = breakdown(EVERYTHING, days, What.REPORTED, by=[By.CATEGORY])
    for key, one in compared[By.CATEGORY].items():
        category = book.category(key)
        main = book.category(category.parent_id) if category and category.parent_id else category
        row = found.setdefault(main.name if main else "", [0, 0])
        row[0] += one.now
        row[1] += one.before
    ranked = sorted((name for name in found if name and found[name][0]), key=lambda n: (-found[n][0], n))
    return [[name, *found[name]] for name in ranked][:MOST_CATEGORIES]


def _regions(days: Days) -> list[list[Any]]:
    """Return [village, reported, closed] in order of names."""
    part_of, found = parts(jurisdiction().id), dict[str, list[int]]()
    sums = totals(EVERYTHING, days, by=By.REGION, whats=[What.REPORTED, What.CLOSED])
    for key, one in sums.items():
        if key in part_of:
            row = found.setdefault(region_name(part_of[key]), [0, 0])
            row[0] += one.n(What.REPORTED)
            row[1] += one.n(What.CLOSED)
    return [[name, *found[name]] for name in sorted(found)]


def _trend(days: Days) -> list[list[Any]]:
    """Return [day, reported, closed] of the thirty days up to the last, or of the period if it is longer."""
    since = min(days.since, days.until - timedelta(days=TREND_DAYS - 1))
    sums = totals(EVERYTHING, Days(since, days.until), by=By.DAY, whats=[What.REPORTED, What.CLOSED])
    span = (since + timedelta(days=n) for n in range((days.until - since).days + 1))
    none = Sums()
    return [
        [day.isoformat(), sums.get(day, none).n(What.REPORTED), sums.get(day, none).n(What.CLOSED)]
        for day in span
    ]
