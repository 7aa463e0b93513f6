"""Regions and the ground they cover."""

from datetime import datetime
from typing import TypedDict, Unpack

import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org import policies
from gridloop.core.org.models import Boundary, GridKind, Level, Region, SourceSystem
from gridloop.core.org.revisions import bump

_DEFAULT_KIND = {Level.GRID: GridKind.COMPREHENSIVE, Level.MICRO_GRID: GridKind.MICRO}
_KINDS = {Level.GRID: (GridKind.COMPREHENSIVE, GridKind.EXCLUSIVE), Level.MICRO_GRID: (GridKind.MICRO,)}


class RegionFields(TypedDict, total=False):
    """What of a region may be changed in place; its level and parent are changed by moving it."""

    code: str
    name: str
    grid_kind: str
    households: int | None
    population: int | None


class CodeTaken(InvalidInput):
    """Another row has this code."""

    code = "code-taken"


@transaction.atomic
def add_region(
    parent: Region | None,
    *,
    code: str,
    name: str,
    level: str,
    grid_kind: str = "",
    households: int | None = None,
    population: int | None = None,
) -> Region:
    """
    Add a region under `parent`, or at the top where that is None.

    :param code: 12 digits; for a grid those of its village and a suffix of up to 7 digits or letters.
    :param grid_kind: of a grid only; a grid is comprehensive where this is blank.
    :raises WrongPlaceInTree: the level does not fit under the parent.
    :raises CodeTaken: the code is used by another region.
    """
    touch_tree()
    policies.check_hang(level, parent)
    _check_free(code)
    region = Region(
        code=code,
        name=name.strip(),
        level=level,
        grid_kind=grid_kind or _DEFAULT_KIND.get(Level(level), ""),
        households=households,
        population=population,
    )
    _check_fields(region)
    if parent is None:
        return Region.objects.add_root(instance=region)
    return Region.objects.add_child(parent, instance=region)


@transaction.atomic
def amend_region(region_id: int, **fields: Unpack[RegionFields]) -> Region:
    """
    Change the named fields of a region.

    :raises CodeTaken: the code is used by another region.
    """
    touch_tree()
    region = Region.objects.select_for_update().get(pk=region_id)
    if "code" in fields and fields["code"] != region.code:
        _check_free(fields["code"])
    for name, value in fields.items():
        setattr(region, name, value)
    _check_fields(region)
    region.save(update_fields=list(fields))
    return region


@transaction.atomic
def move_region(region_id: int, parent_id: int | None) -> Region:
    """
    Hang a region, with all that lies in it, under another parent.

    :raises WrongPlaceInTree: its level does not fit there, or the new parent lies inside it.
    """
    touch_tree()
    region = Region.objects.select_for_update().get(pk=region_id)
    parent = Region.objects.get(pk=parent_id) if parent_id else None
    policies.check_hang(region.level, parent)
    if parent is None:
        root = Region.objects.get_last_root_node()
        Region.objects.move(region, root, "last-sibling")
    else:
        Region.objects.move(region, parent, "last-child")
    return Region.objects.get(pk=region_id)


@transaction.atomic
def retire_region(region_id: int, *, is_active: bool = False) -> None:
    """Take a region out of use, or back into it. Cases keep it; new points are no longer placed in it."""
    touch_tree()
    Region.objects.filter(pk=region_id).update(is_active=is_active)


@transaction.atomic
def set_boundary(
    region_id: int, shape: BaseGeometry, *, at: datetime, source: str = SourceSystem.WGS84
) -> Boundary | None:
    """
    Let a region cover `shape` from `at` on. The boundary before it is kept with its end.

    :param shape: polygon or multi-polygon in WGS-84, already converted; `source` says from what.
    :returns: the new boundary, or None where the region covers exactly this already.
    :raises InvalidInput: the shape has no area.
    """
    wkb = as_wkb(shape)
    bump("boundaries")
    region = Region.objects.select_for_update().get(pk=region_id)
    current = Boundary.objects.current().filter(region=region).first()
    if current:
        if bytes(current.wkb) == wkb and current.source_crs == source:
            return None
        _end(current, at)
    return Boundary.objects.create(region=region, wkb=wkb, source_crs=source, valid_from=at)


def as_wkb(shape: BaseGeometry) -> bytes:
    """
    Return the shape as a two-dimensional multi-polygon in well-known binary.

    :raises InvalidInput: the shape is no area.
    """
    flat = shapely.force_2d(shape)
    if flat.geom_type == "Polygon":
        flat = shapely.MultiPolygon([flat])
    if flat.geom_type != "MultiPolygon" or flat.is_empty:
        raise InvalidInput(
            _("边界必须是面（Polygon 或 MultiPolygon），请检查所上传的图形。"),
            fields={"boundary": flat.geom_type},
        )
    return shapely.to_wkb(flat, byte_order=1)


def _end(boundary: Boundary, at: datetime) -> None:
    if boundary.valid_from >= at:
        raise InvalidInput(
            _("新边界的生效时间必须晚于现行边界的生效时间（%(since)s）。")
            % {"since": boundary.valid_from.isoformat()},
            fields={"valid_from": ""},
        )
    boundary.valid_to = at
    boundary.save(update_fields=["valid_to"])


def touch_tree() -> None:
    """Say that the tree of regions changes; its writers go one after the other from here to their commit."""
    # Treebeard computes paths from what it reads. Posts carry paths and names, and which region is the finest
    # depends on the tree.
    for name in ("boundaries", "posts", "regions"):
        bump(name)


def _check_free(code: str) -> None:
    if Region.objects.filter(code=code).exists():
        raise CodeTaken(
            _("代码 %(code)s 已被其他区划使用，请换一个代码。") % {"code": code},
            fields={"code": _("代码重复")},
        )


def _check_fields(region: Region) -> None:
    """Say in words what the table's constraints would refuse with a stack trace."""
    if not region.name:
        raise InvalidInput(_("请填写区划名称。"), fields={"name": _("必填")})
    wanted = _("12 位数字") if not region.is_grid else _("12 位数字加 1 至 7 位网格后缀（数字或大写字母）")
    if not _code_fits(region):
        raise InvalidInput(
            _("代码“%(code)s”不符合要求：%(level)s的代码应为 %(wanted)s。")
            % {"code": region.code, "level": Level(region.level).label, "wanted": wanted},
            fields={"code": _("格式不符")},
        )
    if region.grid_kind not in _KINDS.get(Level(region.level), ("",)):
        raise InvalidInput(
            _("网格类型不符：网格为综合或专属，微网格为微网格，其他层级不填。"),
            fields={"grid_kind": _("与层级不符")},
        )


def _code_fits(region: Region) -> bool:
    digits, suffix = region.code[:12], region.code[12:]
    if not (len(digits) == 12 and digits.isascii() and digits.isdigit()):
        return False
    if not region.is_grid:
        return suffix == ""
    return 1 <= len(suffix) <= 7 and suffix.isascii() and suffix.isalnum() and suffix == suffix.upper()
