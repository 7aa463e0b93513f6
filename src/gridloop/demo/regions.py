"""The town as a tree of regions with their boundaries."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import shapely
from shapely.geometry import Polygon

from gridloop.core.org import actions as org
from gridloop.core.org.models import GridKind, Level, Region
from gridloop.demo import ground, names

PEOPLE = 120_000
GRIDS = 240
DIVIDED_GRIDS = 3
TOWN_CODE = "980103102000"  # GB/T 2260 gives no province the number 98
_ABOVE = (
    ("980000000000", names.PROVINCE, Level.PROVINCE),
    ("980100000000", names.CITY, Level.CITY),
    ("980103000000", names.DISTRICT, Level.DISTRICT),
    (TOWN_CODE, names.TOWN, Level.TOWN),
)


@dataclass
class Village:
    """A village or community and its grids, all stored."""

    region: Region
    grids: list[Region] = field(default_factory=list)


def add_regions(rng: Random, *, at: datetime) -> list[Village]:
    """Add the town with its villages, communities, grids and some micro-grids, bounded from `at` on."""
    cells = ground.lay_out(rng, GRIDS)
    town = None
    for code, name, level in _ABOVE:
        town = org.add_region(town, code=code, name=name, level=level, population=_people_of(level))
    assert town is not None  # noqa: S101  # the list above is not empty
    _bound(town, [cell.shape for cell in cells], at)
    groups = ground.group(cells, len(names.COMMUNITIES) + len(names.VILLAGES), rng)
    homes = _Homes(rng, exclusive=len(names.EXCLUSIVE))
    villages = [_add_village(town, n, group, homes, at) for n, group in enumerate(groups)]
    for village in villages[:DIVIDED_GRIDS]:
        _add_micro_grids(rng, village.grids[0], at)
    return villages


def _people_of(level: Level) -> int | None:
    return PEOPLE if level == Level.TOWN else None


class _Homes:
    """Deals out households and people, and the names of grids that are one firm, school or market."""

    def __init__(self, rng: Random, exclusive: int) -> None:
        self.rng = rng
        self.exclusive = dict(zip(rng.sample(range(GRIDS), exclusive), names.EXCLUSIVE, strict=True))
        self.dealt = 0

    def next(self) -> tuple[str, int, int]:
        """Return the name of the place if the next grid is one, its households and its people."""
        name = self.exclusive.get(self.dealt, "")
        self.dealt += 1
        if name:
            return name, self.rng.randrange(0, 40), self.rng.randrange(60, 260)
        households = self._households()
        return "", households, round(households * self.rng.uniform(1.42, 1.6))

    def _households(self) -> int:
        # Most within the 300 to 500 that grids are drawn for; some that the boundary report points out.
        chance = self.rng.random()
        if chance < 0.04:
            return self.rng.randrange(520, 660)
        if chance < 0.09:
            return self.rng.randrange(180, 295)
        return min(500, max(300, round(self.rng.gauss(370, 42))))


def _add_village(town: Region, n: int, cells: list[ground.Cell], homes: _Homes, at: datetime) -> Village:
    is_community = n < len(names.COMMUNITIES)
    name = (
        names.COMMUNITIES[n] + "社区" if is_community else names.VILLAGES[n - len(names.COMMUNITIES)] + "村"
    )
    number = n + 1 if is_community else 200 + n - len(names.COMMUNITIES) + 1
    level = Level.COMMUNITY if is_community else Level.VILLAGE
    region = org.add_region(town, code=f"{TOWN_CODE[:9]}{number:03d}", name=name, level=level)
    village = Village(region)
    for k, cell in enumerate(cells, 1):
        village.grids.append(_add_grid(region, k, cell, homes.next(), at))
    _bound(region, [cell.shape for cell in cells], at)
    org.amend_region(
        region.pk,
        households=sum(grid.households or 0 for grid in village.grids),
        population=sum(grid.population or 0 for grid in village.grids),
    )
    return village


def _add_grid(village: Region, k: int, cell: ground.Cell, home: tuple[str, int, int], at: datetime) -> Region:
    place, households, people = home
    grid = org.add_region(
        village,
        code=f"{village.code}{k:03d}",
        name=f"{place}专属网格" if place else f"{village.name}第{names.ordinal(k)}网格",
        level=Level.GRID,
        grid_kind=GridKind.EXCLUSIVE if place else GridKind.COMPREHENSIVE,
        households=households,
        population=people,
    )
    _bound(grid, [cell.shape], at)
    return grid


def _add_micro_grids(rng: Random, grid: Region, at: datetime) -> None:
    shape = shapely.from_wkb(bytes(grid.boundaries.get().wkb)).geoms[0]
    for k, part in enumerate(ground.divide(rng, shape, rng.randrange(4, 7)), 1):
        micro = org.add_region(
            grid,
            code=f"{grid.code}{k:02d}",
            name=f"{grid.name}{names.ordinal(k)}号微网格",
            level=Level.MICRO_GRID,
            households=(grid.households or 0) // 5,
        )
        org.set_boundary(micro.pk, part, at=at)


def _bound(region: Region, shapes: list[Polygon], at: datetime) -> None:
    whole = shapely.coverage_union_all([ground.to_degrees(shape) for shape in shapes])
    org.set_boundary(region.pk, whole, at=at)
