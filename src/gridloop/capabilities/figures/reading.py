"""
What the other pages read: sums of cases over any days, in one statement whose cost does not grow with
history.

    here = scope_of(actor)                                     # what this post may see
    month = Days(date(2026, 11, 1), date(2026, 11, 24))
    totals(here, month)[None].n(What.CLOSED)                   # of the whole scope
    totals(here, month, by=By.UNIT)[unit_id].scored(What.CLOSED)   # without what was excluded
    totals(here, month, by=By.DAY, whats=[What.REPORTED])      # date → sums, days without any are left out
    totals(here, month.before(), by=By.CATEGORY, region_id=village)

What is open or late now is no sum over days: read it from the indexes of open cases.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Axis, Grain
from gridloop.core.org.actors import Actor, ActorKind
from gridloop.core.org.locate import ids_below, path_of, units_below
from gridloop.core.org.permissions import Scope


@dataclass(frozen=True, slots=True)
class Days:
    """A period by its first and its last day."""

    since: date
    until: date

    @property
    def length(self) -> int:
        return (self.until - self.since).days + 1

    def before(self) -> "Days":
        """Return the period before: the month before for a whole month, as many days before for any other."""
        last = self.since - timedelta(days=1)
        if self.since.day == 1 and (self.until + timedelta(days=1)).day == 1 and self.length <= 31:
            return month_of(last)
        return Days(last - timedelta(days=self.length - 1), last)


def month_of(day: date) -> Days:
    """Return the whole month in which a day lies."""
    first = day.replace(day=1)
    return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


class By(StrEnum):
    """What the sums are divided by."""

    DAY = "day"
    MONTH = "month"
    REGION = "region"
    UNIT = "unit"
    CATEGORY = "category"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Within:
    """The regions and units whose figures somebody may see; None for all."""

    regions: tuple[int, ...] | None = None
    units: tuple[int, ...] | None = None


EVERYTHING = Within()
NOTHING = Within(regions=())


@dataclass(slots=True)
class Sums:
    """How many cases count, for each what; `excluded` of them are left out of scores."""

    all: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)

    def n(self, what: What) -> int:
        return self.all.get(what, 0)

    def scored(self, what: What) -> int:
        return self.n(what) - self.excluded.get(what, 0)

    def add(self, what: str, n: int, excluded: int) -> None:
        self.all[what] = self.all.get(what, 0) + n
        self.excluded[what] = self.excluded.get(what, 0) + excluded

    def __iadd__(self, other: "Sums") -> "Sums":
        for what, n in other.all.items():
            self.add(what, n, other.excluded.get(what, 0))
        return self


def scope_of(actor: Actor) -> Within:
    """
    Return whose figures the actor may see: never more than `Case.objects.visible_to` shows of cases.

    What a person reported elsewhere is seen as a case and not counted here.
    """
    if actor.kind == ActorKind.SYSTEM:
        return EVERYTHING
    if not actor.can("case.view") or actor.holds is not None:
        return NOTHING
    match actor.scope:
        case Scope.ALL:
            return EVERYTHING
        case Scope.REGION if actor.region_is_root:
            return EVERYTHING
        case Scope.REGION:
            return Within(regions=tuple(ids_below(actor.region_path)))
        case Scope.UNIT:
            return Within(units=tuple(units_below(actor.unit_path)))
    return NOTHING


def totals(
    within: Within,
    days: Days,
    *,
    by: By | None = None,
    whats: Collection[What] | None = None,
    region_id: int | None = None,
    unit_id: int | None = None,
    category_ids: Collection[int] | None = None,
    channel: str | None = None,
) -> dict[Any, Sums]:
    """
    Return the sums over some days, in one statement, by a key: None, a date, a month's first day, a number.

    :param region_id: narrow to this region and what lies in it.
    :param category_ids: narrow to these categories; not together with `channel`, nor divided by the other.
    :raises ValueError: categories and channels are asked for at once.
    """
    axis = _axis(
        _own(by, category_ids, channel),
        by_region=by == By.REGION or region_id is not None or within.regions is not None,
        by_unit=by == By.UNIT or unit_id is not None or within.units is not None,
    )
    where, params = _filters(within, region_id, unit_id)
    keys = [str(i) for i in category_ids] if category_ids is not None else [channel] if channel else None
    if keys is not None:
        where, params = [*where, "key = ANY(%s)"], [*params, keys]
    asked = list(What.values if whats is None else whats)
    source, asked_of_it = _counted(axis, asked, days, _spans(days, is_daily=by == By.DAY))
    statement = f"""
        SELECT {_KEYS[by]} AS k, what, sum(n), sum(excluded) FROM ({source}) AS counted
        WHERE {" AND ".join(where)} GROUP BY 1, 2
    """  # noqa: S608  # put together of our own words; what was asked for are parameters
    with connection.cursor() as cursor:
        cursor.execute(statement, [*asked_of_it, *params])
        rows = cursor.fetchall()
    return _gathered(rows, by)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many cases count in a period, beside the period before."""

    now: int
    before: int


def breakdown(
    within: Within, days: Days, what: What, *, by: Collection[By] = (By.REGION, By.CATEGORY, By.CHANNEL)
) -> dict[By, dict[Any, Compared]]:
    """
    Return the cases of a period by region, category and channel, beside the period before. One statement.
    """
    both = Days(days.before().since, days.until)
    spans = _joined([*_spans(days.before()), *_spans(days)])
    where, params = _filters(within, None, None)
    parts, asked = [], list[Any]()
    for one in by:
        axis = _axis(
            _own(one),
            by_region=one == By.REGION or within.regions is not None,
            by_unit=within.units is not None,
        )
        source, asked_of_it = _counted(axis, [what], both, spans)
        parts.append(f"""
            SELECT %s, {_KEYS[one]}::text, coalesce(sum(n) FILTER (WHERE day >= %s), 0),
                coalesce(sum(n) FILTER (WHERE day < %s), 0)
            FROM ({source}) AS counted WHERE {" AND ".join(where)} GROUP BY {_KEYS[one]}
        """)  # noqa: S608  # put together of our own words; what was asked for are parameters
        asked += [one.value, days.since, days.since, *asked_of_it, *params]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), asked)
        return _compared(cursor.fetchall(), by)


def settled(
    within: Within, month: date, *, by: By, region_id: int | None = None, unit_id: int | None = None
) -> dict[Any, Sums]:
    """Return the sums of a settled month as they were on the day of the settlement, by region or unit."""
    where, params = _filters(within, region_id, unit_id)
    statement = f"""
        SELECT {_KEYS[by]} AS k, what, sum(n), sum(excluded) FROM figures_counter
        WHERE grain = %s AND axis = '' AND what = ANY(%s) AND starts_on = %s AND {" AND ".join(where)}
        GROUP BY 1, 2
    """  # noqa: S608  # put together of our own words
    with connection.cursor() as cursor:
        cursor.execute(statement, [Grain.SETTLED.value, What.values, month, *params])
        return _gathered(cursor.fetchall(), by)


_KEY_OF = {
    axis: "category_id::text" if "category" in axis else "channel" if "channel" in axis else "''"
    for axis in Axis
}
_KEYS = {
    None: "NULL",
    By.DAY: "day",
    By.MONTH: "date_trunc('month', day)::date",
    By.REGION: "region_id",
    By.UNIT: "unit_id",
    By.CATEGORY: "key",
    By.CHANNEL: "key",
}


# The coarsest counters that tell a sum: by region, by unit, and by one more key.
_COARSEST = {
    (False, False, Axis.NONE): Axis.TOWN,
    (True, False, Axis.NONE): Axis.REGION,
    (False, True, Axis.NONE): Axis.UNIT,
    (False, False, Axis.CATEGORY): Axis.TOWN_CATEGORY,
    (False, False, Axis.CHANNEL): Axis.TOWN_CHANNEL,
}


def _axis(own: Axis, *, by_region: bool, by_unit: bool) -> Axis:
    return _COARSEST.get((by_region, by_unit, own), own)


def _own(by: By | None, category_ids: Collection[int] | None = None, channel: str | None = None) -> Axis:
    by_category = by == By.CATEGORY or category_ids is not None
    by_channel = by == By.CHANNEL or channel is not None
    if by_category and by_channel:
        raise ValueError("figures are kept by category or by channel, not by both at once")
    return Axis.CATEGORY if by_category else Axis.CHANNEL if by_channel else Axis.NONE


def _filters(within: Within, region_id: int | None, unit_id: int | None) -> tuple[list[str], list[Any]]:
    found: list[tuple[str, Any]] = [("TRUE", None)]
    if within.regions is not None:
        found.append(("region_id = ANY(%s)", list(within.regions)))
    if within.units is not None:
        found.append(("unit_id = ANY(%s)", list(within.units)))
    if region_id is not None:
        found.append(("region_id = ANY(%s)", ids_below(path_of(region_id))))
    if unit_id is not None:
        found.append(("unit_id = %s", unit_id))
    return [text for text, _value in found], [value for _text, value in found[1:]]


def _counted(
    axis: Axis, whats: Collection[str], days: Days, spans: Collection["_Span"]
) -> tuple[str, list[Any]]:
    """Return the SQL that reads the counters of some spans and what is not folded yet, and its parameters."""
    # Each span is a read of its own, of an index alone: an OR of them would open the table for every row.
    counters = """
        SELECT what, starts_on AS day, region_id, unit_id, key, n, excluded FROM figures_counter
        WHERE axis = %s AND what = ANY(%s) AND grain = %s AND starts_on BETWEEN %s AND %s
    """
    fresh = f"""
        SELECT what, day, region_id, unit_id, {_KEY_OF[axis]} AS key, n, excluded FROM figures_delta
        WHERE what = ANY(%s) AND day BETWEEN %s AND %s
    """  # noqa: S608  # our own words
    asked = [str(what) for what in whats]
    params = [value for span in spans for value in (axis.value, asked, span.grain, span.since, span.until)]
    return " UNION ALL ".join([counters] * len(spans) + [fresh]), [*params, asked, days.since, days.until]


@dataclass(frozen=True, slots=True)
class _Span:
    """Days that counters of one grain cover, whole months of them where it is that of months."""

    grain: str
    since: date
    until: date


_ONE_DAY = timedelta(days=1)


def _spans(days: Days, *, is_daily: bool = False) -> list[_Span]:
    """Cover the days with whole months where there are any, and with single days at the ends."""
    first = days.since if days.since.day == 1 else month_of(days.since).until + _ONE_DAY
    after = (days.until + _ONE_DAY).replace(day=1)  # the first day that no whole month holds
    if is_daily or first >= after:
        return [_Span(Grain.DAY.value, days.since, days.until)]
    found = [
        _Span(Grain.DAY.value, days.since, first - _ONE_DAY),
        _Span(Grain.MONTH.value, first, after - _ONE_DAY),
        _Span(Grain.DAY.value, after, days.until),
    ]
    return [span for span in found if span.since <= span.until]


def _joined(spans: Collection[_Span]) -> list[_Span]:
    """Make one of those that follow each other in one grain."""
    found: list[_Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last and last.grain == span.grain and last.until + _ONE_DAY == span.since:
            found[-1] = _Span(span.grain, last.since, span.until)
        else:
            found.append(span)
    return found


def _gathered(rows: list[Any], by: By | None) -> dict[Any, Sums]:
    found: dict[Any, Sums] = defaultdict(Sums)
    for key, what, n, excluded in rows:
        if n or excluded:
            found[int(key) if by == By.CATEGORY else key].add(what, int(n), int(excluded))
    return dict(found)


def _compared(rows: list[Any], divided: Collection[By]) -> dict[By, dict[Any, Compared]]:
    found: dict[By, dict[Any, Compared]] = {by: {} for by in divided}
    for name, key, now, before in rows:
        by = By(name)
        if now or before:
            found[by][key if by == By.CHANNEL else int(key)] = Compared(int(now), int(before))
    return found
