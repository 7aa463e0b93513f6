"""Units: whoever a work order can be given to."""

from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org.actions.regions import CodeTaken
from gridloop.core.org.models import Region, Unit
from gridloop.core.org.policies import WrongPlaceInTree
from gridloop.core.org.revisions import bump


class UnitFields(TypedDict, total=False):
    """What of a unit may be changed in place."""

    code: str
    name: str
    kind: str
    region_id: int
    duty_phone: str
    takes_named: bool
    is_active: bool


@transaction.atomic
def add_unit(
    parent: Unit | None,
    *,
    code: str,
    name: str,
    kind: str,
    region: Region,
    duty_phone: str = "",
    takes_named: bool = False,
) -> Unit:
    """
    Add a unit under `parent`, or at the top where that is None.

    :raises CodeTaken: the code is used by another unit.
    :raises InvalidInput: code or name is blank.
    """
    _touch_tree()
    _check_named(code, name)
    _check_free(code)
    unit = Unit(
        code=code,
        name=name.strip(),
        kind=kind,
        region=region,
        duty_phone=duty_phone,
        takes_named=takes_named,
    )
    return Unit.objects.add_child(parent, instance=unit) if parent else Unit.objects.add_root(instance=unit)


@transaction.atomic
def amend_unit(unit_id: int, **fields: Unpack[UnitFields]) -> Unit:
    """
    Change the named fields of a unit.

    :raises CodeTaken: the code is used by another unit.
    """
    _touch_tree()
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    if fields.get("code", unit.code) != unit.code:
        _check_free(fields["code"])
    for name, value in fields.items():
        setattr(unit, name, value)
    _check_named(unit.code, unit.name)
    unit.save(update_fields=list(fields))
    return unit


@transaction.atomic
def move_unit(unit_id: int, parent_id: int | None) -> Unit:
    """
    Put a unit, with the units under it, under another.

    :raises WrongPlaceInTree: the new parent is the unit itself or lies under it.
    """
    _touch_tree()
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    if parent_id is None:
        Unit.objects.move(unit, Unit.objects.get_last_root_node(), "last-sibling")
        return Unit.objects.get(pk=unit_id)
    parent = Unit.objects.get(pk=parent_id)
    if parent.path.startswith(unit.path):
        raise WrongPlaceInTree(_("不能把单位“%(name)s”移到它自己的下级之下。") % {"name": unit.name})
    Unit.objects.move(unit, parent, "last-child")
    return Unit.objects.get(pk=unit_id)


def _touch_tree() -> None:
    # Serialises writers of the tree; posts carry the unit's name and path.
    for name in ("posts", "units"):
        bump(name)


def _check_named(code: str, name: str) -> None:
    if missing := {k: _("必填") for k, v in (("code", code), ("name", name)) if not v.strip()}:
        raise InvalidInput(_("请填写单位的代码和名称。"), fields=missing)


def _check_free(code: str) -> None:
    if Unit.objects.filter(code=code).exists():
        raise CodeTaken(
            _("代码 %(code)s 已被其他单位使用，请换一个代码。") % {"code": code},
            fields={"code": _("代码重复")},
        )
