"""Regions from a file: matched to those that are there, added or brought up to date, in one transaction."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.org.actions.regions import add_region, amend_region, move_region, set_boundary, touch_tree
from gridloop.core.org.boundaryreport import Report, boundary_report
from gridloop.core.org.codes import full, next_code
from gridloop.core.org.models import Level, Region, SourceSystem
from gridloop.core.org.policies import RANK
from gridloop.core.org.regionfile import Draft, Issue, Path, RegionFile


@dataclass(slots=True)
class Imported:
    """What an import did, or would do where it was not `is_written`; `boundaries` counts the new ones."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    boundaries: int = 0
    errors: list[Issue] = field(default_factory=list)
    notices: list[Issue] = field(default_factory=list)
    is_written: bool = False
    report: Report | None = None


def import_regions(
    file: RegionFile,
    *,
    at: datetime,
    under: Region | None = None,
    source: str = SourceSystem.WGS84,
    dry_run: bool = False,
    strict: bool = False,
    check: bool = False,
) -> Imported:
    """
    Add the regions of a file and bring those up to date that are there already.

    A region is known by its code; without one, by its level and name under its parent, and then gets the code
    that `codes.next_code` gives out. A blank field leaves what is there as it is. The same file again changes
    nothing. A bad row is told and left out, and what lies under it too.

    :param at: from when the boundaries hold.
    :param under: what the topmost regions of the file hang under.
    :param source: the system in which the boundaries were given; the file has converted them.
    :param strict: write nothing at all where any row is bad.
    :param check: report on the boundaries as they are then, also of a dry run.
    """
    result = Imported(errors=[*file.errors], notices=[*file.notices])
    with transaction.atomic():
        touch_tree()  # the lock that every writer of the tree waits for, before the tree is read
        writer = _Writer(result, at, under, source)
        for draft in sorted(file.drafts, key=lambda d: RANK[Level(d.level)]):
            writer.write(draft)
        result.errors.sort(key=lambda issue: issue.row)
        result.report = boundary_report(under) if check else None
        result.is_written = not dry_run and not (strict and result.errors)
        if not result.is_written:
            transaction.set_rollback(True)
    return result


class _Writer:
    """Holds the tree in memory while it is written to, so that a row is matched without a query."""

    def __init__(self, result: Imported, at: datetime, under: Region | None, source: str) -> None:
        self.result, self.at, self.under, self.source = result, at, under, source
        self._of_path: dict[Path, int] = {}
        self._load()

    def write(self, draft: Draft) -> None:
        """Write one row, or say why not."""
        try:
            with transaction.atomic():
                self._write(replace(draft, code=full(draft.code, draft.level)))
        except DomainError as refusal:
            where = next(iter(refusal.fields), "")
            self.result.errors.append(Issue(draft.row, where, refusal.message))
            self._load()

    def _load(self) -> None:
        self._by_id = {region.pk: region for region in Region.objects.all()}
        self._by_code = {region.code: region for region in self._by_id.values()}
        at_path = {region.path: region for region in self._by_id.values()}
        self._parent_of = {r.pk: at_path.get(r.path[: -Region.steplen]) for r in self._by_id.values()}
        self._by_name = {
            self._name_key(self._parent_of[pk], r.level, r.name): r for pk, r in self._by_id.items()
        }

    @staticmethod
    def _name_key(parent: Region | None, level: str, name: str) -> tuple[Any, ...]:
        return (parent.pk if parent else None, level, name)

    def _write(self, draft: Draft) -> None:
        parent = self._parent(draft)
        region = self._known(draft, parent)
        if region is None:
            region, is_new, is_changed = self._add(draft, parent), True, False
        else:
            is_new, is_changed = False, self._amend(region, draft, parent)
        has_new_boundary = draft.shape is not None and self._draw(region, draft, draft.shape)
        self._of_path[draft.path] = region.pk
        self.result.boundaries += has_new_boundary
        self.result.added += is_new
        self.result.changed += not is_new and (is_changed or has_new_boundary)
        self.result.unchanged += not (is_new or is_changed or has_new_boundary)

    def _parent(self, draft: Draft) -> Region | None:
        if draft.parent:
            found = next((self._by_code[c] for c in _spellings(draft.parent) if c in self._by_code), None)
        elif len(draft.path) > 1:
            found = self._by_id.get(self._of_path.get(draft.path[:-1], 0))
        else:
            return self.under
        if found is None:
            name = draft.parent or draft.path[-2][1]
            raise InvalidInput(
                _("找不到上级“%(name)s”，或它没有导入成功。") % {"name": name}, fields={"parent": _("不存在")}
            )
        return found

    def _known(self, draft: Draft, parent: Region | None) -> Region | None:
        if draft.code and (region := self._by_code.get(draft.code)):
            return region
        # A row without code, or with the real code of a region that was given one here.
        return self._by_name.get(self._name_key(parent, draft.level, draft.name)) if draft.path else None

    def _add(self, draft: Draft, parent: Region | None) -> Region:
        code = draft.code or next_code(draft.level, parent.code if parent else "", self._by_code.__contains__)
        region = add_region(
            parent,
            code=code,
            name=draft.name,
            level=draft.level,
            grid_kind=draft.kind,
            households=draft.households,
            population=draft.population,
        )
        self._by_id[region.pk] = self._by_code[code] = region
        self._parent_of[region.pk] = parent
        self._by_name[self._name_key(parent, region.level, region.name)] = region
        return region

    def _amend(self, region: Region, draft: Draft, parent: Region | None) -> bool:
        if region.level != draft.level:
            raise InvalidInput(
                _("代码 %(code)s 已是%(level)s“%(name)s”，层级不同，请检查代码。")
                % {"code": region.code, "level": Level(region.level).label, "name": region.name},
                fields={"level": _("层级不符")},
            )
        said: dict[str, Any] = {"code": draft.code, "name": draft.name, "grid_kind": draft.kind}
        said |= {"households": draft.households, "population": draft.population}
        fields = {k: v for k, v in said.items() if v not in (None, "") and v != getattr(region, k)}
        is_moved = bool(draft.parent) and parent != self._parent_of[region.pk]
        if is_moved:
            move_region(region.pk, parent.pk if parent else None)
        if fields:
            amend_region(region.pk, **fields)
        if is_moved or fields:
            self._load()
        return is_moved or bool(fields)

    def _draw(self, region: Region, draft: Draft, shape: BaseGeometry) -> bool:
        source = draft.source_crs or self.source
        return set_boundary(region.pk, shape, at=self.at, source=source) is not None


def _spellings(code: str) -> tuple[str, str]:
    return code, code.ljust(12, "0")
