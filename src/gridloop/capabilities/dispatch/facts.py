"""The facts of a case in codes that outlive a renaming, and the parts that units play in such cases."""

from dataclasses import asdict, dataclass
from typing import Any

from gridloop.capabilities.dispatch.learning.facts import UNKNOWN, Facts
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import Rulebook
from gridloop.core.org.models import GRID_LEVELS, Level, Region, Unit
from gridloop.core.org.revisions import cached

_VILLAGES = (Level.VILLAGE.value, Level.COMMUNITY.value)
_LOCAL = frozenset({*_VILLAGES, *GRID_LEVELS})


@dataclass(frozen=True, slots=True)
class RegionView:
    """A region as dispatch asks for it; `village_id` is the village or community that it is or lies in."""

    id: int
    path: str
    name: str
    village_id: int | None
    is_local: bool


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit that work can be given to; a local one serves a village or a grid, not the whole town."""

    id: int
    name: str
    kind: str
    path: str
    region: RegionView
    takes_named: bool
    is_active: bool


def regions() -> dict[int, RegionView]:
    """Return every region by its key, from memory."""
    return cached("regions", _load_regions)


def units() -> dict[int, UnitView]:
    """Return every unit by its key, from memory."""
    return cached("units", _load_units)


def facts_of(case: Case, book: Rulebook, **instead: Any) -> Facts:
    """
    Return the facts of a case; asks the database nothing.

    :param instead: `category_id`, `region_id`, `demand` where they once were others than now.
    """
    category = book.category(instead.get("category_id", case.category_id))
    main = book.category(category.parent_id) if category and category.parent_id else category
    region = regions()[instead.get("region_id", case.region_id)]
    return Facts(
        kind=str(category.kind) if category else UNKNOWN,
        main=main.code if main else UNKNOWN,
        sub=category.code if category else UNKNOWN,
        area=str(region.village_id or region.id),
        place=str(region.id),
        source=str(case.channel),
        demand=str(instead.get("demand", case.demand)),
    )


def as_json(facts: Facts) -> dict[str, str]:
    return asdict(facts)


def role_of(unit: str, facts: Facts) -> str:
    """
    Return the part that a unit plays for a case: itself where it serves the whole town, else its kind and
    whether it is the one of that place.
    """
    found = units().get(int(unit))
    if found is None or not found.region.is_local:
        return unit
    is_here = found.region.village_id is not None and str(found.region.village_id) == facts.area
    return f"{found.kind}@{'here' if is_here else 'elsewhere'}"


def covers(unit: UnitView, region: RegionView) -> bool:
    """Return whether the place lies in what the unit serves."""
    return region.path.startswith(unit.region.path)


def _load_regions() -> dict[int, RegionView]:
    rows = list(Region.objects.values_list("pk", "path", "name", "level"))
    villages = {path: pk for pk, path, _name, level in rows if level in _VILLAGES}
    step = Region.steplen

    def village(path: str) -> int | None:
        return next((v for end in range(len(path), 0, -step) if (v := villages.get(path[:end]))), None)

    return {
        pk: RegionView(pk, path, name, village(path), is_local=level in _LOCAL)
        for pk, path, name, level in rows
    }


def _load_units() -> dict[int, UnitView]:
    places = _load_regions()
    rows = Unit.objects.values_list("pk", "name", "kind", "path", "region_id", "takes_named", "is_active")
    return {row[0]: UnitView(row[0], row[1], row[2], row[3], places[row[4]], *row[5:]) for row in rows}
