"""The rulebook that the database holds on a day, as the rows that a file would have."""

from datetime import date

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.models import Category, Duty, Standard
from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.sheets.columns import SEPARATOR, TOWN
from gridloop.core.catalogue.sheets.directory import Directory
from gridloop.core.catalogue.sheets.rows import (
    Book,
    CategoryRow,
    DutyRow,
    LimitsRow,
    StandardRow,
    UnitRef,
)
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.models import Unit


def held_on(day: date, directory: Directory) -> Book:
    """
    Return the versions in force on a day, by key, in order of their codes. Takes seven queries.

    A version that says nothing, or is withdrawn, is left out: it only ends the one before it.
    """
    standards = _standards(day)
    return Book(
        categories={row.code: _category(row) for row in Category.objects.order_by("code")},
        standards={row.key: row for row in map(_texts, standards) if not row.says_nothing},
        limits={row.key: row for row in map(_limits, standards) if not row.says_nothing},
        duties={row.key: row for row in _duties(day, directory)},
    )


def _category(row: Category) -> CategoryRow:
    return CategoryRow(
        row.code,
        row.name,
        row.kind,
        tuple(row.keywords),
        row.icon,
        row.urgency,
        row.is_public,
        row.is_active,
    )


def _standards(day: date) -> list[Standard]:
    versions = Standard.objects.until(day).select_related("category").prefetch_related("limits")
    latest = {row.category_id: row for row in versions.order_by("effective_on", "id")}
    return sorted(latest.values(), key=_code)


def _code(standard: Standard) -> str:
    # The town's own comes first.
    return standard.category.code if standard.category else ""


def _texts(row: Standard) -> StandardRow:
    texts = (row.opening, row.closing, row.evidence, row.basis)
    return StandardRow(_code(row) or TOWN, *texts, row.is_local_default)


def _limits(row: Standard) -> LimitsRow:
    limits = {Stage(x.stage): Limit(x.amount, LimitUnit(x.unit)) for x in row.limits.all()}
    return LimitsRow(_code(row) or TOWN, {stage: limits[stage] for stage in Stage if stage in limits})


def _duties(day: date, directory: Directory) -> list[DutyRow]:
    versions = (
        Duty.objects.until(day)
        .select_related("category", "region", "lead_unit")
        .prefetch_related("assist_units")
        .order_by("effective_on", "id")
    )
    latest = {(row.category_id, row.region_id): row for row in versions}
    rows = [_duty(row, directory) for row in latest.values() if not row.is_withdrawn]
    return sorted(rows, key=lambda row: row.key)


def _duty(row: Duty, directory: Directory) -> DutyRow:
    named = [UnitRef(name, None) for name in row.assist_names.split(SEPARATOR) if name]
    assist = {_unit(unit, directory) for unit in row.assist_units.all()} | set(named)
    lead = UnitRef(row.lead_name, None) if row.lead_name else None
    return DutyRow(
        code=row.category.code,
        region=row.region.code if row.region else "",
        kind=row.kind,
        lead=_unit(row.lead_unit, directory) if row.lead_unit else lead,
        is_local_lead=row.is_local_lead,
        assist=tuple(sorted(assist, key=lambda unit: unit.name)),
        is_local_assist=row.is_local_assist,
        upper_department=row.upper_department,
        basis=row.basis,
        is_local_default=row.is_local_default,
    )


def _unit(unit: Unit, directory: Directory) -> UnitRef:
    """A unit that is no longer in use is told by its name alone, as one that is not set up."""
    name = directory.names.get(unit.pk)
    return UnitRef(name, unit.pk) if name else UnitRef(unit.name, None)
