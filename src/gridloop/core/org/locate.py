"""Point → region, in memory: the finest region whose current boundary holds the point, or the nearest one."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from django.conf import settings
from numpy.typing import NDArray

from gridloop.core.org.models import Boundary, Level, Region
from gridloop.core.org.revisions import cached

REVISION = "boundaries"
NEAREST_M = 200.0  # a point in a gap or just across a border is taken to the nearest grid within this
_M_PER_DEGREE = 111_320.0  # of latitude; of longitude at the equator

# A case lies in a grid; in a village that has none, in the village. Micro-grids only divide a grid's work.
_FINEST_FIRST = (Level.GRID, Level.VILLAGE, Level.COMMUNITY, Level.TOWN)

_BELOW_TOWN = frozenset({Level.VILLAGE, Level.COMMUNITY, Level.GRID, Level.MICRO_GRID})

Floats = NDArray[np.float64]


class Match(StrEnum):
    INSIDE = "inside"
    NEAREST = "nearest"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Located:
    """The region of a point, None where it lies outside, and how it was found."""

    region_id: int | None
    match: Match


@dataclass(frozen=True, slots=True)
class _Ground:
    """All boundaries of one level in a search tree; `flat` is in metres around `origin`."""

    tree: shapely.STRtree
    flat: shapely.STRtree
    region_ids: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Map:
    grounds: tuple[_Ground, ...]
    origin: tuple[float, float]

    def metres(self, lons: Floats, lats: Floats) -> Floats:
        """Return points on a plane that touches the earth at the origin; exact to 0.1 % within 100 km."""
        return _project(np.column_stack([lons, lats]), self.origin)


def locate(lon: float, lat: float) -> Located:
    """Return the region of a WGS-84 point: inside, the nearest within `NEAREST_GRID_M`, or outside."""
    ids, matches = locate_many(np.array([lon]), np.array([lat]))
    return Located(int(ids[0]) or None, Match(matches[0]))


def locate_many(lons: Floats, lats: Floats) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """
    Return the region ids (0 = none) and the matches of n WGS-84 points.

    A point on a border goes to the region with the smaller id, so that the answer never depends on the order.
    """
    ground = cached(REVISION, _load)
    ids = np.zeros(len(lons), dtype=np.int64)
    matches = np.full(len(lons), Match.OUTSIDE.value, dtype="U8")
    for level in ground.grounds:
        missing = np.flatnonzero(ids == 0)
        _fill_inside(level, missing, lons, lats, ids)
    matches[ids != 0] = Match.INSIDE.value
    missing = np.flatnonzero(ids == 0)
    if len(missing) and ground.grounds:
        _fill_nearest(ground, missing, lons, lats, ids)
        matches[missing[ids[missing] != 0]] = Match.NEAREST.value
    return ids, matches


def jurisdiction() -> Region:
    """
    Return the region that this installation governs: the lowest one that still holds every other.

    :raises Region.DoesNotExist: no region has been set up yet.
    """
    return cached("regions", _jurisdiction)


def path_of(region_id: int) -> str:
    """Return a region's place in the tree, as treebeard writes it."""
    return cached("regions", _paths)[region_id]


def _fill_inside(level: _Ground, rows: NDArray[np.intp], lons: Floats, lats: Floats, ids: NDArray[np.int64]) -> None:
    if not len(rows):
        return
    points, regions = level.tree.query(shapely.points(lons[rows], lats[rows]), predicate="intersects")
    found = level.region_ids[regions]
    order = np.argsort(-found, kind="stable")  # the smallest id is written last and stays
    ids[rows[points[order]]] = found[order]


def _fill_nearest(ground: _Map, rows: NDArray[np.intp], lons: Floats, lats: Floats, ids: NDArray[np.int64]) -> None:
    finest = ground.grounds[0]
    points = shapely.points(ground.metres(lons[rows], lats[rows]))
    reach = float(getattr(settings, "NEAREST_GRID_M", NEAREST_M))
    near, regions = finest.flat.query_nearest(points, max_distance=reach, all_matches=False)
    ids[rows[near]] = finest.region_ids[regions]


def _load() -> _Map:
    rows = list(
        Boundary.objects.current()
        .filter(region__is_active=True)
        .order_by("region_id")
        .values_list("region_id", "region__level", "wkb")
    )
    shapes = shapely.from_wkb([bytes(wkb) for _id, _level, wkb in rows])
    box = shapely.total_bounds(shapes) if rows else np.zeros(4)
    origin = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
    grounds = []
    for level in _FINEST_FIRST:
        here = [i for i, row in enumerate(rows) if row[1] == level]
        if here:
            geometries = np.asarray(shapes)[here]
            flat = shapely.transform(geometries, lambda xy: _project(xy, origin))
            region_ids = np.array([rows[i][0] for i in here], dtype=np.int64)
            shapely.prepare(geometries)
            grounds.append(_Ground(shapely.STRtree(geometries), shapely.STRtree(flat), region_ids))
    return _Map(tuple(grounds), origin)


def _project(xy: Floats, origin: tuple[float, float]) -> Floats:
    lon0, lat0 = origin
    scale = np.array([_M_PER_DEGREE * np.cos(np.radians(lat0)), _M_PER_DEGREE])
    return (np.asarray(xy) - np.array([lon0, lat0])) * scale


def _jurisdiction() -> Region:
    regions = list(Region.objects.filter(is_active=True).order_by("path"))
    if not regions:
        raise Region.DoesNotExist
    above = [r for r in regions if r.level not in _BELOW_TOWN]
    return next(
        r
        for r in reversed(above or regions[:1])
        if all(other.path.startswith(r.path) or r.path.startswith(other.path) for other in regions)
    )


def _paths() -> dict[int, str]:
    return dict(Region.objects.values_list("pk", "path"))
