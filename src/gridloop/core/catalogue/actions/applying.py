"""A whole file at once: every row of it, or none."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TypeVar, cast

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.catalogue.actions.editing import (
    CategoryFields,
    DutyFields,
    StandardTexts,
    add_category,
    amend_category,
    set_duty,
    set_standard,
    touch,
    withdraw_duty,
)
from gridloop.core.catalogue.models import Category
from gridloop.core.catalogue.sheets.checking import Checked
from gridloop.core.catalogue.sheets.columns import SEPARATOR, TOWN, Sheet
from gridloop.core.catalogue.sheets.comparing import Change, Difference
from gridloop.core.catalogue.sheets.rows import CategoryRow, DutyRow, LimitsRow, Row, StandardRow
from gridloop.core.org.models import Region

MOST_TOLD = 20

R = TypeVar("R", bound=Row)


class FileHasProblems(InvalidInput):
    """Rows of the file cannot be understood; `detail["problems"]` holds them all."""

    code = "file-has-problems"


class RulebookChanged(DomainError):
    """The rulebook is no longer what it was when the difference was shown."""

    code = "rulebook-changed"


def check_sound(checked: Checked) -> None:
    """
    Refuse a file with problems.

    :raises FileHasProblems: there are some.
    """
    if problems := checked.problems:
        told = [str(problem) for problem in problems[:MOST_TOLD]]
        if len(problems) > MOST_TOLD:
            told.append(_("……共 %(n)d 处问题。") % {"n": len(problems)})
        raise FileHasProblems("\n".join([_("表格有问题，一行也没有导入："), *told]), problems=problems)


@transaction.atomic
def apply_difference(difference: Difference) -> None:
    """
    Write every change of a difference as of its date; versions of other days stay as they are.

    Call it in the transaction that called `touch` and then compared, so that what was compared still holds.
    """
    touch()
    _apply_categories(difference.of(Sheet.CATEGORIES))
    ids = dict(Category.objects.values_list("code", "id"))
    _apply_standards(difference, ids)
    regions = dict(Region.objects.values_list("code", "id")) if difference.of(Sheet.DUTIES) else {}
    for change in difference.of(Sheet.DUTIES):
        _apply_duty(change, difference.effective_on, ids, regions)


def _apply_categories(changes: Iterable[Change]) -> None:
    # Keys are in order, so a main category comes before its sub-categories.
    for change in changes:
        row = cast(CategoryRow | None, change.new)
        if row is None:
            amend_category(Category.objects.get(code=change.key).pk, is_active=False)
        elif change.old is None:
            add_category(row.code, **_category_fields(row))
        else:
            amend_category(Category.objects.get(code=row.code).pk, **_category_fields(row))


def _category_fields(row: CategoryRow) -> CategoryFields:
    return {
        "name": row.name,
        "kind": row.kind,
        "keywords": row.keywords,
        "icon": row.icon,
        "urgency": row.urgency,
        "is_public": row.is_public,
        "is_active": row.is_active,
    }


def _apply_standards(difference: Difference, ids: dict[str, int]) -> None:
    """Make one version of each standard, though its texts and its limits are on two sheets."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for sheet in (Sheet.STANDARDS, Sheet.LIMITS):
        for change in difference.of(sheet):
            found[change.key].append(change)
    for code, changes in found.items():
        texts, limits = StandardTexts(), None
        for change in changes:
            if change.sheet == Sheet.LIMITS:
                limits = cast(LimitsRow, change.new or LimitsRow(code)).limits
            else:
                texts = _texts(cast(StandardRow, change.new or StandardRow(code)))
        set_standard(None if code == TOWN else ids[code], difference.effective_on, limits=limits, **texts)


def _texts(row: StandardRow) -> StandardTexts:
    return {
        "opening": row.opening,
        "closing": row.closing,
        "evidence": row.evidence,
        "basis": row.basis,
        "is_local_default": row.is_local_default,
    }


def _apply_duty(change: Change, on: date, ids: dict[str, int], regions: dict[str, int]) -> None:
    row = cast(DutyRow, change.new or change.old)
    region_id = regions[row.region] if row.region else None
    if change.new is None:
        withdraw_duty(ids[row.code], on, region_id=region_id)
        return
    units = [unit.id for unit in row.assist if unit.id]
    set_duty(ids[row.code], on, region_id=region_id, assist_unit_ids=units, **_duty_fields(row))


def _duty_fields(row: DutyRow) -> DutyFields:
    return {
        "kind": row.kind,
        "lead_unit_id": row.lead.id if row.lead else None,
        "lead_name": row.lead.name if row.lead and not row.lead.id else "",
        "is_local_lead": row.is_local_lead,
        "assist_names": SEPARATOR.join(unit.name for unit in row.assist if not unit.id),
        "is_local_assist": row.is_local_assist,
        "upper_department": row.upper_department,
        "basis": row.basis,
        "is_local_default": row.is_local_default,
    }
