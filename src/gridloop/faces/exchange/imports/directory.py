"""
What the names in a sheet stand for here: categories, regions, units. Names that stand for nothing are
counted, so that each is told of once.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from gridloop.core.catalogue.models import Category
from gridloop.core.org.models import Region, Unit
from gridloop.faces.exchange.imports.records import Named, Record, RowFaulty


class Kind(StrEnum):
    CATEGORY = "事项类别"
    REGION = "区划"
    UNIT = "单位"


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """What a part in a unit is made from."""

    id: int
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """The keys of what one record names; None where it names nothing."""

    category_id: int | None
    region_id: int | None
    unit: UnitPlace | None


@dataclass(slots=True)
class Directory:
    """Everything that has a name here, loaded once, and kept up as what is missing is made."""

    categories: dict[tuple[str, ...], int] = field(default_factory=dict)  # by path of names, or name of a sub
    category_codes: dict[str, int] = field(default_factory=dict)
    regions: dict[tuple[str, ...], int] = field(default_factory=dict)  # by path of names from any level down
    units: dict[str, UnitPlace] = field(default_factory=dict)
    unit_codes: dict[str, UnitPlace] = field(default_factory=dict)
    unknown: dict[Kind, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in Kind})

    @classmethod
    def load(cls) -> "Directory":
        """Read all that is in use: three statements."""
        found = cls()
        for row in Category.objects.filter(is_active=True).select_related("parent").order_by("-code"):
            found.learn_category(row.code, row.name, row.pk, row.parent.name if row.parent else "")
        found._load_regions()
        for unit in Unit.objects.active():
            found.learn_unit(unit.code, UnitPlace(unit.pk, unit.path, unit.name))
        return found

    def learn_category(self, code: str, name: str, key: int, main: str) -> None:
        """Let a category be known by its code, its path, and a sub-category by its bare name too."""
        self.category_codes[code] = key
        self.categories[(main, name) if main else (name,)] = key
        if main:
            self.categories.setdefault(("", name), key)

    def learn_unit(self, code: str, unit: UnitPlace) -> None:
        """Let a unit be known by its code and by its name."""
        self.unit_codes[code] = unit
        self.units.setdefault(unit.name, unit)

    def missing(self, record: Record) -> list[tuple[Kind, Named]]:
        """Return what the record names and nobody knows here."""
        named = ((Kind.CATEGORY, record.category), (Kind.REGION, record.region), (Kind.UNIT, record.unit))
        return [(kind, name) for kind, name in named if name is not None and not self.knows(kind, name)]

    def knows(self, kind: Kind, named: Named) -> bool:
        finders = {Kind.CATEGORY: self.category, Kind.REGION: self.region, Kind.UNIT: self.unit}
        return finders[kind](named) is not None

    def resolve(self, record: Record) -> Known:
        """:raises RowFaulty: the record names something that is not known here; it is counted as well."""
        if missing := self.missing(record):
            for kind, name in missing:
                self.unknown[kind][str(name)] += 1
            raise RowFaulty(f"没有{kind}“{name}”" for kind, name in missing)
        return Known(
            self.category(record.category) if record.category else None,
            self.region(record.region) if record.region else None,
            self.unit(record.unit) if record.unit else None,
        )

    def category(self, named: Named) -> int | None:
        if named.code and (key := self.category_codes.get(named.code)):
            return key
        return self.categories.get(named.path) or (
            self.categories.get(("", *named.path)) if len(named.path) == 1 else None
        )

    def region(self, named: Named) -> int | None:
        return self.regions.get(named.path)

    def unit(self, named: Named) -> UnitPlace | None:
        if named.code:
            return self.unit_codes.get(named.code)
        return self.units.get(str(named))

    def _load_regions(self) -> None:
        names: dict[str, tuple[str, ...]] = {}
        places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for row in Region.objects.active().order_by("path"):
            names[row.path] = whole = (*names.get(row.path[: -Region.steplen], ()), row.name)
            for start in range(len(whole)):
                places[whole[start:]].append(row.pk)
        # A way that two places share says nothing of either.
        self.regions = {way: keys[0] for way, keys in places.items() if len(keys) == 1}
