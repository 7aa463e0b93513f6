"""
Point → region, in memory: the finest region whose current boundary holds the point, or the nearest one.

A case lies in a grid; in a village where that has no grid. Micro-grids only divide a grid's work. Where grids
leave a gap, the nearest one within `NEAREST_GRID_M` is taken, of the same village if the point lies in one.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from django.conf import settings
from numpy.typing import NDArray

from gridloop.core.org.models import Boundary, Level, Region, Unit
from gridloop.core.org.plane import Plane
from gridloop.core.org.revisions import cached

REVISION = "boundaries"
NEAREST_M = 200.0
_BLOCK = 8192  # points at a time: as objects, a million of them cost more memory than time to place them

_VILLAGES = frozenset({Level.VILLAGE.value, Level.COMMUNITY.value})
_BELOW_TOWN = _VILLAGES | {Level.GRID.value, Level.MICRO_GRID.value}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Match(StrEnum):
    INSIDE = "inside"
    NEAREST = "nearest"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Located:
    """The region of a point, None where it lies outside, and how it was found."""

    region_id: int | None
    match: Match


class _Layer:
    """Boundaries that can be searched by point, in degrees and in metres, in the order of region ids."""

    def __init__(self, region_ids: Ints, shapes: NDArray[np.object_], plane: Plane) -> None:
        self.region_ids = region_ids
        self._plane = plane
        self._shapes = shapes
        self._tree = shapely.STRtree(shapes)
        self._flat = shapely.STRtree(plane.flatten(shapes))
        shapely.prepare(shapes)
        # GEOS builds a shape's index on its first use; do it before two threads can do it at once.
        shapely.intersects_xy(shapes, *shapely.bounds(shapes).T[:2])

    def holding(self, lons: Floats, lats: Floats) -> Ints:
        """Return the index of the shape that holds each point, the lowest on a shared border; -1 for none."""
        found = np.full(len(lons), -1, dtype=np.int64)
        points, candidates = self._tree.query(shapely.points(lons, lats))
        inside = shapely.intersects_xy(self._shapes[candidates], lons[points], lats[points])
        points, shapes = points[inside], candidates[inside]
        order = np.argsort(-shapes, kind="stable")  # the lowest is written last and stays
        found[points[order]] = shapes[order]
        return found

    def within(self, reach_m: float, lons: Floats, lats: Floats) -> tuple[Ints, Ints, Floats]:
        """Return (point, shape, metres) for each shape within reach of each point."""
        flat = shapely.points(self._plane.project(np.column_stack([lons, lats])))
        points, shapes = self._flat.query(flat, predicate="dwithin", distance=reach_m)
        return points, shapes, shapely.distance(flat[points], self._flat.geometries[shapes])


@dataclass(frozen=True, slots=True)
class _Map:
    """What a point is held against: the finest regions, the villages that have grids, and what lies above."""

    finest: _Layer
    village_of: Ints  # for each of the finest, the index of its village in `villages`; -1 for none
    villages: _Layer
    towns: _Layer


def locate(lon: float, lat: float) -> Located:
    """Return the region of a WGS-84 point: inside, the nearest within `NEAREST_GRID_M`, or outside."""
    ids, matches = locate_many(np.array([lon]), np.array([lat]))
    return Located(int(ids[0]) or None, Match(matches[0]))


def locate_many(lons: Floats, lats: Floats) -> tuple[Ints, NDArray[np.str_]]:
    """
    Return the region ids (0 = none) and the matches of n WGS-84 points.

    A point on a border goes to the region with the smaller id, so that the answer never depends on the order.
    """
    ground = cached(REVISION, _load)
    ids = np.zeros(len(lons), dtype=np.int64)
    matches = np.full(len(lons), Match.OUTSIDE.value, dtype="U8")
    for start in range(0, len(lons), _BLOCK):
        block = slice(start, start + _BLOCK)
        ids[block], matches[block] = _locate_block(ground, lons[block], lats[block])
    return ids, matches


def villages_near(lons: Floats, lats: Floats, reach_m: float) -> list[list[tuple[int, float]]]:
    """
    Return for each WGS-84 point the villages and communities within reach, as (region id, metres).

    The nearest stands first; its distance is 0 where the point lies inside.
    """
    ground = cached(REVISION, _load)
    points, shapes, metres = ground.finest.within(reach_m, lons, lats)
    found: list[dict[int, float]] = [{} for _point in lons]
    for point, shape, distance in zip(points.tolist(), shapes.tolist(), metres.tolist(), strict=True):
        parent = int(ground.village_of[shape])
        layer, at = (ground.villages, parent) if parent >= 0 else (ground.finest, shape)
        region_id = int(layer.region_ids[at])
        found[point][region_id] = min(distance, found[point].get(region_id, distance))
    return [sorted(near.items(), key=lambda pair: (pair[1], pair[0])) for near in found]


def centres() -> dict[int, tuple[float, float]]:
    """Return a point inside each region that has a boundary, as WGS-84 longitude and latitude."""
    return cached(REVISION, _centres)


def jurisdiction() -> Region:
    """
    Return the region that this installation governs: the lowest one that still holds every other.

    Where regions stand in several trees beside each other, as after an import without `under`, it is that of
    the largest one.

    :raises Region.DoesNotExist: no region has been set up yet.
    """
    return cached("regions", _jurisdiction)


def is_known(region_id: int) -> bool:
    """Return whether there is a region of this key."""
    return region_id in cached("regions", _paths)


def path_of(region_id: int) -> str:
    """Return a region's place in the tree, as treebeard writes it."""
    return cached("regions", _paths)[region_id]


def _locate_block(ground: _Map, lons: Floats, lats: Floats) -> tuple[Ints, NDArray[np.str_]]:
    ids = np.zeros(len(lons), dtype=np.int64)
    matches = np.full(len(lons), Match.OUTSIDE.value, dtype="U8")
    found = ground.finest.holding(lons, lats)
    ids[found >= 0] = ground.finest.region_ids[found[found >= 0]]
    matches[found >= 0] = Match.INSIDE.value
    rows = np.flatnonzero(found < 0)
    if len(rows):
        ids[rows], matches[rows] = _locate_in_gaps(ground, lons[rows], lats[rows])
    return ids, matches


def ids_below(path: str) -> list[int]:
    """
    Return the regions that lie in the one of this tree path, itself among them, without a query.

    As plain numbers in a filter they tell the planner how many rows to expect; a subquery by path does not,
    and it then reads a village's whole history for one page.
    """
    return [key for key, own in cached("regions", _paths).items() if own.startswith(path)]


def units_below(path: str) -> list[int]:
    """Return the units under the one of this tree path, itself among them, without a query."""
    return [key for key, own in cached("units", _unit_paths).items() if own.startswith(path)]


def _locate_in_gaps(ground: _Map, lons: Floats, lats: Floats) -> tuple[Ints, NDArray[np.str_]]:
    """Locate points that none of the finest regions holds."""
    village = ground.villages.holding(lons, lats)
    town = ground.towns.holding(lons, lats)
    ids = np.zeros(len(lons), dtype=np.int64)
    ids[town >= 0] = ground.towns.region_ids[town[town >= 0]]
    ids[village >= 0] = ground.villages.region_ids[village[village >= 0]]
    matches = np.where(ids > 0, Match.INSIDE.value, Match.OUTSIDE.value).astype("U8")

    reach = float(getattr(settings, "NEAREST_GRID_M", NEAREST_M))
    points, shapes, metres = ground.finest.within(reach, lons, lats)
    # A point that lies in a village is never given to the grid of another one, however near.
    own = (village[points] < 0) | (village[points] == ground.village_of[shapes])
    points, shapes, metres = points[own], shapes[own], metres[own]
    order = np.lexsort((-shapes, -metres))  # the nearest is written last and stays
    ids[points[order]] = ground.finest.region_ids[shapes[order]]
    matches[points] = Match.NEAREST.value
    return ids, matches


def _load() -> _Map:
    fields = ("region_id", "region__path", "region__level", "wkb")
    current = Boundary.objects.current().filter(region__is_active=True).order_by("region_id")
    rows = list(current.values_list(*fields))
    shapes = np.array(shapely.from_wkb([bytes(row[3]) for row in rows]), dtype=object)
    plane = Plane.around(shapes)

    def layer(wanted: list[int]) -> _Layer:
        return _Layer(np.array([rows[i][0] for i in wanted], dtype=np.int64), shapes[wanted], plane)

    grids = [i for i, row in enumerate(rows) if row[2] == Level.GRID]
    villages = [i for i, row in enumerate(rows) if row[2] in _VILLAGES]
    step = Region.steplen
    divided = {rows[i][1][:-step] for i in grids}  # the paths of the villages that have grids
    parents = [i for i in villages if rows[i][1] in divided]
    finest = sorted({*grids, *villages} - {*parents})
    number = {rows[i][1]: n for n, i in enumerate(parents)}
    return _Map(
        finest=layer(finest),
        village_of=np.array([number.get(rows[i][1][:-step], -1) for i in finest], dtype=np.int64),
        villages=layer(parents),
        towns=layer([i for i, row in enumerate(rows) if row[2] == Level.TOWN]),
    )


def _centres() -> dict[int, tuple[float, float]]:
    rows = list(Boundary.objects.current().order_by("region_id").values_list("region_id", "wkb"))
    shapes = np.array(shapely.from_wkb([bytes(wkb) for _region, wkb in rows]), dtype=object)
    points = shapely.get_coordinates(shapely.point_on_surface(shapes)) if rows else []
    return {region: (float(lon), float(lat)) for (region, _wkb), (lon, lat) in zip(rows, points, strict=True)}


def _jurisdiction() -> Region:
    regions = list(Region.objects.active().order_by("path")) or list(Region.objects.order_by("path"))
    if not regions:
        raise Region.DoesNotExist
    regions = _largest_tree(regions)
    above = [r for r in regions if r.level not in _BELOW_TOWN]
    return next(
        (
            r
            for r in reversed(above or regions[:1])
            if all(other.path.startswith(r.path) or r.path.startswith(other.path) for other in regions)
        ),
        regions[0],
    )


def _largest_tree(regions: list[Region]) -> list[Region]:
    sizes = Counter(region.path[: Region.steplen] for region in regions)
    root = min(sizes, key=lambda path: (-sizes[path], path))
    return [region for region in regions if region.path.startswith(root)]


def _paths() -> dict[int, str]:
    return dict(Region.objects.values_list("pk", "path"))


def _unit_paths() -> dict[int, str]:
    return dict(Unit.objects.values_list("pk", "path"))
