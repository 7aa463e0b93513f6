"""Categories one by one, and new versions of standards and duties."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gridloop.base.common import asks
from gridloop.base.common.asks import Asked
from gridloop.base.common.days import midnight
from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.models import Category, CategoryKind, Duty, DutyKind, StageLimit, Standard
from gridloop.core.catalogue.rulebook import REVISION, Limit
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.revisions import bump


class CategoryFields(TypedDict, total=False):
    """What of a category may be given or changed; its code and level stay."""

    name: str
    kind: str
    keywords: Sequence[str]
    icon: str
    urgency: str
    is_public: bool
    is_active: bool


class StandardTexts(TypedDict, total=False):
    """What a standard says beside its limits."""

    opening: str
    closing: str
    evidence: str
    basis: str
    is_local_default: bool


class DutyFields(TypedDict, total=False):
    """What a duty says beside whose it is and since when."""

    kind: str
    lead_unit_id: int | None
    lead_name: str
    is_local_lead: bool
    assist_names: str
    is_local_assist: bool
    upper_department: str
    basis: str
    is_local_default: bool


class CodeTaken(InvalidInput):
    """Another category has this code."""

    code = "code-taken"


class NoMainCategory(InvalidInput):
    """A sub-category's code begins with that of no main category."""

    code = "no-main-category"


@transaction.atomic
def add_category(code: str, **fields: Unpack[CategoryFields]) -> Category:
    """
    Add a main category (two characters) or a sub-category (four), which hangs under the one it begins with.

    :raises CodeTaken: the code is used.
    :raises NoMainCategory: a sub-category has nothing to hang under.
    :raises InvalidInput: the code or the name is malformed.
    """
    touch()
    _check_code(code)
    if Category.objects.filter(code=code).exists():
        raise CodeTaken(
            _("编码 %(code)s 已被其他类别使用，请换一个编码。") % {"code": code},
            fields={"code": _("编码重复")},
        )
    category = Category(code=code, parent=_main_of(code), kind=CategoryKind.EVENT)
    _change(category, fields)
    category.save()
    return category


@transaction.atomic
def amend_category(category_id: int, **fields: Unpack[CategoryFields]) -> Category:
    """Change the named fields of a category. Cases keep a category that is taken out of use."""
    touch()
    category = Category.objects.select_for_update().get(pk=category_id)
    _change(category, fields)
    category.save(update_fields=list(fields))
    return category


@transaction.atomic
def set_standard(
    category_id: int | None,
    effective_on: date,
    *,
    limits: Mapping[Stage, Limit] | None = None,
    **texts: Unpack[StandardTexts],
) -> Standard:
    """
    Let a category's standard be this from `effective_on` on; without a category, the town's default.

    What is not named stays as it was on that day. A version of the same day is replaced; clocks that run
    keep what they were started with.

    :param limits: all limits of its own, None to keep them; stages left out are taken from above.
    :raises InvalidInput: the evidence that it asks for may not be asked for.
    """
    touch()
    standard = _standard_version(category_id, effective_on)
    for name, value in texts.items():
        setattr(standard, name, value)
    if texts.get("evidence"):
        asks.check(evidence_asked(standard), midnight(effective_on))
    standard.save()
    if limits is not None:
        _set_limits(standard, limits)
    return standard


def evidence_asked(standard: Standard) -> Asked:
    """Return what a standard asks of whoever handles a case, under a key that its versions share."""
    code = standard.category.code if standard.category else "town"
    return Asked(key=f"standard/{code}", label=str(standard), texts={"evidence": standard.evidence})


@transaction.atomic
def set_duty(
    category_id: int,
    effective_on: date,
    *,
    region_id: int | None = None,
    assist_unit_ids: Iterable[int] = (),
    **fields: Unpack[DutyFields],
) -> Duty:
    """
    Let a category be answered for like this in a region, from `effective_on` on; whole town without one.

    :raises InvalidInput: there are two leads, or the department above is not named where it must be.
    """
    touch()
    duty = Duty(category_id=category_id, region_id=region_id, effective_on=effective_on)
    for name, value in {"kind": DutyKind.TOWN_PRIMARY, **fields}.items():
        setattr(duty, name, value)
    _check_duty(duty)
    return _replace(duty, assist_unit_ids)


@transaction.atomic
def withdraw_duty(category_id: int, effective_on: date, *, region_id: int | None = None) -> Duty:
    """End a region's own rule from `effective_on` on, so that the wider region's holds again."""
    touch()
    duty = Duty(
        category_id=category_id,
        region_id=region_id,
        effective_on=effective_on,
        kind=DutyKind.TOWN_PRIMARY,
        is_withdrawn=True,
    )
    return _replace(duty, ())


def touch() -> None:
    """Tell every process that the rulebook has changed, and hold other writers until this one commits."""
    bump(REVISION)


def _change(category: Category, fields: CategoryFields) -> None:
    for name, value in fields.items():
        setattr(category, name, list(value) if name == "keywords" else value)  # type: ignore[call-overload]
    category.name = category.name.strip()
    if not category.name:
        raise InvalidInput(_("请填写类别名称。"), fields={"name": _("必填")})


def _check_code(code: str) -> None:
    plain = code.isascii() and code.isalnum() and code == code.upper()
    if not plain or len(code) not in (2, 4):
        raise InvalidInput(
            _("编码“%(code)s”不符合要求：大类为 2 位、小类为 4 位数字或大写字母。") % {"code": code},
            fields={"code": _("格式不符")},
        )


def _main_of(code: str) -> Category | None:
    if len(code) == 2:
        return None
    main = Category.objects.filter(code=code[:2]).first()
    if main is None:
        raise NoMainCategory(
            _("小类 %(code)s 没有对应的大类 %(main)s，请先建立大类。") % {"code": code, "main": code[:2]},
            fields={"code": _("缺少大类")},
        )
    return main


def _standard_version(category_id: int | None, effective_on: date) -> Standard:
    """Return the version of that day, or the one before it as a new version with its limits."""
    before: Standard | None = (
        Standard.objects.until(effective_on)
        .filter(category_id=category_id)
        .order_by("effective_on", "id")
        .last()
    )
    if before and before.effective_on == effective_on:
        return before
    if before is None:
        return Standard(category_id=category_id, effective_on=effective_on)
    limits = {Stage(x.stage): Limit(x.amount, LimitUnit(x.unit)) for x in before.limits.all()}
    before.pk, before.effective_on = None, effective_on
    before.save(force_insert=True)
    _set_limits(before, limits)
    return before


def _set_limits(standard: Standard, limits: Mapping[Stage, Limit]) -> None:
    standard.limits.all().delete()
    StageLimit.objects.bulk_create(
        StageLimit(standard=standard, stage=stage, amount=limit.amount, unit=limit.unit)
        for stage, limit in limits.items()
    )


def _replace(duty: Duty, assist_unit_ids: Iterable[int]) -> Duty:
    whose = Q(category_id=duty.category_id, effective_on=duty.effective_on)
    same = Duty.objects.filter(whose, region=duty.region_id).first()
    duty.pk = same.pk if same else None
    duty.save(force_update=same is not None)
    duty.assist_units.set(assist_unit_ids)
    return duty


def _check_duty(duty: Duty) -> None:
    leads = [bool(duty.lead_unit_id), bool(duty.lead_name), duty.is_local_lead]
    if sum(leads) > 1:
        raise InvalidInput(
            _("主办单位只能有一个：请在指定单位、单位名称和属地村（社区）中选择一种。"),
            fields={"lead_unit": _("主办单位重复")},
        )
    if duty.is_local_lead and duty.is_local_assist:
        raise InvalidInput(
            _("属地村（社区）已经主办，不能同时协办。"), fields={"is_local_assist": _("与主办重复")}
        )
    if duty.kind != DutyKind.TOWN_PRIMARY and not duty.upper_department:
        raise InvalidInput(
            _("配合履职或上级收回的事项，请填写牵头的上级部门。"),
            fields={"upper_department": _("必填")},
        )
