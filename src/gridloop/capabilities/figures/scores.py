"""The scores of a month, by unit or region, as one post may see them; and the cases behind each figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from gridloop.capabilities.figures.formula import Rules, Score, rules_for, score
from gridloop.capabilities.figures.labels import OF_UNITS, What
from gridloop.capabilities.figures.models import Publication, PublishedTally, Tally
from gridloop.capabilities.figures.models.tallies import NO_UNIT
from gridloop.capabilities.figures.reading import By, Sums, Within, month_of, scope_of, settled, totals
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import ids_below, jurisdiction, path_of
from gridloop.core.org.models import Region
from gridloop.core.org.revisions import cached


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `has_parts` where a region can be looked into."""

    key: int
    name: str
    score: Score
    has_parts: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """A month's table: in order of names, never of points."""

    month: date
    by: By
    rows: list[Row]
    whole: Score
    rules: Rules
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure somebody points at: `what` without those that are also `without`, or those excluded."""

    month: date
    what: What
    by: By
    key: int | None = None
    without: What | None = None
    is_excluded: bool = False
    region_id: int | None = None


def scores(actor: Actor, month: date, *, by: By, region_id: int | None = None) -> Scores:
    """Return the table of a month. Three statements."""
    within = scope_of(actor)
    publication = Publication.objects.filter(month=month).first()
    if publication:
        sums = settled(within, month, by=by, region_id=region_id)
        rules = Rules.read(publication.formula)
    else:
        sums = totals(within, month_of(month), by=by, whats=sorted(OF_UNITS), region_id=region_id)
        rules = rules_for(month)
    whole = Sums()
    for one in sums.values():
        whole += one
    rows = _units(sums, rules) if by == By.UNIT else _regions(sums, rules, region_id)
    return Scores(
        month, by, rows, score(whole, rules), rules, publication.published_at if publication else None
    )


def behind(actor: Actor, asked: Asked) -> QuerySet[Any]:
    """
    Return exactly what a figure counts, as rows with `case` and `unit_id`; none whose case is not visible.

    A case that was given to one unit after the other stands there once for each.
    """
    within = scope_of(actor)
    is_settled = Publication.objects.filter(month=asked.month).exists()
    found = _tallies(within, asked, asked.what, is_settled=is_settled)
    found = found.filter(is_excluded=asked.is_excluded, case__in=Case.objects.visible_to(actor))
    if asked.without:
        others = _tallies(within, asked, asked.without, is_settled=is_settled)
        found = found.exclude(Exists(others.filter(case=OuterRef("case"), unit_id=OuterRef("unit_id"))))
    return found


def _tallies(within: Within, asked: Asked, what: What, *, is_settled: bool) -> QuerySet[Any]:
    rows: QuerySet[Any]
    if is_settled:
        rows = PublishedTally.objects.filter(month=asked.month, what=what)
    else:
        days = month_of(asked.month)
        rows = Tally.objects.filter(what=what, day__range=(days.since, days.until))
    if within.regions is not None:
        rows = rows.filter(region_id__in=within.regions)
    if within.units is not None:
        rows = rows.filter(unit_id__in=within.units)
    if asked.region_id is not None:
        rows = rows.filter(region_id__in=ids_below(path_of(asked.region_id)))
    if asked.key is None:
        return rows
    if asked.by == By.UNIT:
        return rows.filter(unit_id=asked.key)
    return rows.filter(region_id__in=_cells(asked.key, asked.region_id))


def _cells(key: int, region_id: int | None) -> list[int]:
    # The region that the table is about stands in it for what is known no more exactly than that.
    return [key] if key == (region_id or jurisdiction().id) else ids_below(path_of(key))


def _units(sums: dict[Any, Sums], rules: Rules) -> list[Row]:
    rows = [Row(key, unit_name(key), score(one, rules)) for key, one in sums.items() if key != NO_UNIT]
    return sorted(rows, key=lambda row: (row.name, row.key))


def _regions(sums: dict[Any, Sums], rules: Rules, region_id: int | None) -> list[Row]:
    top = region_id or jurisdiction().id
    part_of = parts(top)
    grouped: dict[int, Sums] = {}
    for key, one in sums.items():
        grouped.setdefault(part_of.get(key, top), Sums()).__iadd__(one)
    parents = cached("regions", _parents)
    rows = [
        Row(key, region_name(key), score(one, rules), has_parts=key in parents and key != top)
        for key, one in grouped.items()
    ]
    return sorted(rows, key=lambda row: (row.key == top, row.name, row.key))


def parts(region_id: int) -> dict[int, int]:
    """Return for each region below this one the part of it, one level down, in which it lies."""
    path, step = path_of(region_id), Region.steplen
    by_path = {path_of(key): key for key in ids_below(path)}
    return {key: by_path[own[: len(path) + step]] for own, key in by_path.items() if len(own) > len(path)}


def _parents() -> frozenset[int]:
    paths = dict(Region.objects.values_list("path", "pk"))
    above: Iterable[str] = (path[: -Region.steplen] for path in paths)
    return frozenset(paths[path] for path in above if path in paths)


def months_with_figures(latest: date, count: int = 24) -> list[date]:
    """Return the last months by their first day, the newest first."""
    found, day = [], latest.replace(day=1)
    for _n in range(count):
        found.append(day)
        day = month_of(day).since
        day = day.replace(year=day.year - 1, month=12) if day.month == 1 else day.replace(month=day.month - 1)
    return found
