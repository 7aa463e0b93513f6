"""Making the categories, regions and units that a sheet names and nobody knows here, by their own actions."""

import hashlib
from collections.abc import Callable
from itertools import product

from gridloop.core.catalogue import actions as catalogue
from gridloop.core.catalogue.models import Category
from gridloop.core.org import actions as org
from gridloop.core.org.locate import jurisdiction
from gridloop.core.org.models import Level, Region, UnitKind
from gridloop.faces.exchange.imports.directory import Directory, Kind, UnitPlace
from gridloop.faces.exchange.imports.mapping import CaseMap
from gridloop.faces.exchange.imports.records import Named, RowFaulty

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAME_LENGTH = {Kind.CATEGORY: 60, Kind.REGION: 80, Kind.UNIT: 80}
# Level → (digits kept from the code above, digits of its own, the first and the last that it may have).
# 依据: 统计用区划代码和城乡划分代码编制规则: 街道 001 起, 居委会 001 至 199, 村委会 200 至 399.
_CODES = {
    Level.CITY: (2, 2, 1, 99),
    Level.DISTRICT: (4, 2, 1, 99),
    Level.TOWN: (6, 3, 1, 399),
    Level.COMMUNITY: (9, 3, 1, 199),
    Level.VILLAGE: (9, 3, 200, 399),
}


class Maker:
    """Makes what is missing and lets the directory know of it."""

    def __init__(self, mapping: CaseMap, directory: Directory) -> None:
        self._map, self._directory = mapping, directory
        self.made: list[tuple[Kind, str, str]] = []
        self._codes = set(Category.objects.values_list("code", flat=True))

    def make(self, kind: Kind, named: Named) -> None:
        """:raises RowFaulty: the name is too long, or the map does not say enough to make it."""
        if any(len(name) > _NAME_LENGTH[kind] for name in named.path) or not named.path:
            raise RowFaulty([f"{kind}“{named}”没有名称或名称太长，不能建立"])
        makers: dict[Kind, Callable[[Named], None]] = {
            Kind.CATEGORY: self._make_category,
            Kind.REGION: self._make_region,
            Kind.UNIT: self._make_unit,
        }
        makers[kind](named)

    def make_top_region(self) -> None:
        """Make the topmost region where there is none at all, so that cases of unknown place have one."""
        if not Region.objects.exists() and self._map.regions:
            top = self._map.regions[0]
            if not top.name.columns and top.name.text:
                self._make_region(Named((top.name.text,)))

    # categories --------------------------------------------------------------------------------------------

    def _make_category(self, named: Named) -> None:
        if len(named.path) != 2:
            raise RowFaulty([f"只有小类“{named}”，没有大类，不能建立；请在对照文件的 category 中给出 main"])
        main, sub = named.path
        if (main,) not in self._directory.categories:
            code = self._free_code(self._map.making.code_prefix, 1)
            made = self._add_category(code, main, "")
            if limits := self._map.making.limits:
                catalogue.set_standard(
                    made.pk, self._map.making.limits_since, limits=limits, is_local_default=True
                )
        above = next(
            code
            for code, key in self._directory.category_codes.items()
            if key == self._directory.categories[(main,)]
        )
        self._add_category(self._free_code(above, 2), sub, main)

    def _add_category(self, code: str, name: str, main: str) -> Category:
        made = catalogue.add_category(code, name=name, kind=self._map.making.category_kind, is_public=False)
        self._directory.learn_category(code, name, made.pk, main)
        self.made.append((Kind.CATEGORY, f"{main}/{name}".strip("/"), code))
        return made

    def _free_code(self, prefix: str, length: int) -> str:
        for signs in product(_SIGNS, repeat=length):
            if (code := prefix + "".join(signs)) not in self._codes:
                self._codes.add(code)
                return code
        raise RowFaulty([f"以 {prefix} 开头的类别编码已用完，请在对照文件中换一个 category.code_prefix"])

    # regions -----------------------------------------------------------------------------------------------

    def _make_region(self, named: Named) -> None:
        parent: Region | None = None
        for depth, name in enumerate(named.path):
            way = named.path[: depth + 1]
            if (key := self._directory.regions.get(way)) is not None:
                parent = Region.objects.get(pk=key)
                continue
            level = self._map.regions[depth]
            code = self._region_code(parent, Level(level.level), level.code)
            parent = org.add_region(parent, code=code, name=name, level=level.level)
            self._directory.regions[way] = parent.pk
            self.made.append((Kind.REGION, "/".join(way), code))

    @staticmethod
    def _region_code(parent: Region | None, level: Level, given: str) -> str:
        if parent is None:
            if not given:
                raise RowFaulty(
                    ["没有上级区划，不能建立；请先导入区划，或在对照文件最上一级的 region.levels 中给出 code"]
                )
            return given
        kept, digits, first, last = _CODES[level]
        prefix = parent.code[:kept]
        used = set(Region.objects.filter(code__startswith=prefix).values_list("code", flat=True))
        taken = [int(code[kept : kept + digits]) for code in used if code != parent.code]
        # After the last one, or where the end is reached, in the first gap.
        after = max((number for number in taken if first <= number <= last), default=first - 1) + 1
        for number in (*range(after, last + 1), *range(first, after)):
            if number not in taken:
                return f"{prefix}{number:0{digits}d}".ljust(12, "0")
        raise RowFaulty([f"“{parent.name}”下的区划代码已用完"])

    # units -------------------------------------------------------------------------------------------------

    def _make_unit(self, named: Named) -> None:
        kind = named.kind or self._map.making.unit_kind
        if kind not in UnitKind.values:
            raise RowFaulty([f"unit.kind 不认识“{kind}”，可用：{'、'.join(UnitKind.values)}"])
        code = named.code or "U" + hashlib.blake2s(named.path[0].encode(), digest_size=5).hexdigest()
        made = org.add_unit(None, code=code, name=named.path[0], kind=kind, region=jurisdiction())
        self._directory.learn_unit(code, UnitPlace(made.pk, made.path, made.name))
        self.made.append((Kind.UNIT, made.name, code))
