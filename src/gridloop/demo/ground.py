"""
The ground of the fictional town, in metres around its middle: an outline, and grids that tile it exactly.

Grids are the cells of seeded points that settle where people live (Lloyd's relaxation), so they are small in
the middle and wide in the fields. Every border is one line that two grids share, bent once for both of them;
so there is no gap and no overlap, whatever the seed.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, pi, radians, sin
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

AREA_M2 = 45_000_000
MIDDLE = (120.05, 31.70)  # degrees; nothing of what really lies there is meant
SETTLING_ROUNDS = 25
CROWD = 9_000  # points by which people are spread over the ground
LONGEST_STEP_M = 90  # a border is bent in steps of about this length
BEND = 0.14  # of the step

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """One grid: its ground, and how many of the crowd live on it."""

    shape: Polygon
    crowd: int

    @property
    def middle(self) -> Point:
        point: Point = self.shape.representative_point()
        return point


def lay_out(rng: Random, count: int) -> list[Cell]:
    """Return `count` cells that tile the town, from north-west to south-east."""
    outline = _outline(rng)
    crowd = _crowd(rng, outline)
    seeds = _settle(crowd, crowd[rng.sample(range(len(crowd)), count)])
    shapes = _bent(rng, _tiles(outline, seeds))
    tree = shapely.STRtree(shapes)
    _points, at = tree.query(shapely.points(crowd), predicate="within")
    lives = np.bincount(at, minlength=len(shapes))
    cells = [Cell(shape, int(n)) for shape, n in zip(shapes, lives, strict=True)]
    return sorted(cells, key=lambda cell: (-round(cell.middle.y / 400), cell.middle.x))


def divide(rng: Random, shape: Polygon, count: int) -> list[Polygon]:
    """Return `count` parts that tile the shape."""
    seeds = np.array([(p.x, p.y) for p in scatter(rng, shape, count)])
    for _round in range(6):
        parts = _tiles(shape, seeds)
        seeds = np.array([(p.centroid.x, p.centroid.y) for p in parts])
    return sorted(_tiles(shape, seeds), key=lambda part: (part.centroid.x, part.centroid.y))


def group(cells: list[Cell], count: int, rng: Random) -> list[list[Cell]]:
    """Return `count` groups of neighbouring cells; each group is one piece of ground."""
    points = np.array([(cell.middle.x, cell.middle.y) for cell in cells])
    middles = _settle(points, points[rng.sample(range(len(points)), count)])
    nearest = [int(n) for n in _nearest(points, middles)]
    _join_strays(cells, nearest)
    groups = [[cell for cell, n in zip(cells, nearest, strict=True) if n == k] for k in range(count)]
    return sorted(groups, key=lambda g: -sum(cell.crowd / cell.shape.area for cell in g) / len(g))


def scatter(rng: Random, shape: Polygon, count: int) -> list[Point]:
    """Return random points inside the shape."""
    west, south, east, north = shape.bounds
    shapely.prepare(shape)
    found: list[Point] = []
    while len(found) < count:
        point = Point(rng.uniform(west, east), rng.uniform(south, north))
        if shape.contains(point):
            found.append(point)
    return found


def to_degrees(shape: Polygon) -> Polygon:
    """Return the shape in WGS-84, to a centimetre; equal points stay equal, so borders stay shared."""

    def turn(metres: Floats) -> Floats:
        lon, lat = MIDDLE
        east = metres[:, 0] / (111_320 * cos(radians(lat)))
        degrees: Floats = np.column_stack([lon + east, lat + metres[:, 1] / 110_900]).round(7)
        return degrees

    turned: Polygon = shapely.transform(shape, turn)
    return turned


def _outline(rng: Random) -> Polygon:
    """Return a rounded, uneven outline of the town's area."""
    waves = [(k, rng.uniform(0.2, 1) * 0.16 / k, rng.uniform(0, 2 * pi)) for k in range(2, 13)]
    ring = []
    for step in range(180):
        angle = 2 * pi * step / 180
        reach = 1 + sum(size * sin(k * angle + phase) for k, size, phase in waves)
        ring.append((1.18 * reach * cos(angle), 0.92 * reach * sin(angle)))
    rough = Polygon(ring)
    scale = (AREA_M2 / rough.area) ** 0.5
    outline: Polygon = shapely.transform(rough, lambda points: points * scale)
    return outline


def _crowd(rng: Random, outline: Polygon) -> Floats:
    """Return points where people live: half of them around the middle and two markets, half anywhere."""
    markets = [(0.0, 0.0, 1100.0), (2100.0, 900.0, 700.0), (-1900.0, -1200.0, 650.0)]
    shapely.prepare(outline)
    west, south, east, north = outline.bounds
    found: list[tuple[float, float]] = []
    while len(found) < CROWD:
        if rng.random() < 0.5:
            x, y, spread = rng.choice(markets)
            spot = (rng.gauss(x, spread), rng.gauss(y, spread))
        else:
            spot = (rng.uniform(west, east), rng.uniform(south, north))
        if shapely.contains_xy(outline, *spot):
            found.append(spot)
    return np.array(found)


def _settle(crowd: Floats, seeds: Floats) -> Floats:
    """Move every seed to the middle of those nearest to it, again and again."""
    for _round in range(SETTLING_ROUNDS):
        nearest = _nearest(crowd, seeds)
        seeds = np.array(
            [crowd[nearest == k].mean(axis=0) if (nearest == k).any() else s for k, s in enumerate(seeds)]
        )
    return seeds


def _nearest(points: Floats, seeds: Floats) -> NDArray[np.int64]:
    return np.asarray(shapely.STRtree(shapely.points(seeds)).nearest(shapely.points(points)), dtype=np.int64)


def _tiles(outline: Polygon, seeds: Floats) -> list[Polygon]:
    """Return the cells of the seeds inside the outline, made from one set of lines."""
    lines = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=outline, only_edges=True)
    # Not clipped: where a line only ends at the outline, rounding could leave it short of it.
    return _faces(shapely.unary_union([lines, outline.exterior]), outline)


def _faces(lines: BaseGeometry, outline: Polygon) -> list[Polygon]:
    found = shapely.polygonize(list(shapely.get_parts(lines))).geoms
    return [face for face in found if outline.contains(face.representative_point())]


def _bent(rng: Random, tiles: list[Polygon]) -> list[Polygon]:
    """Bend every border between two corners, once for both sides."""
    lines = shapely.line_merge(shapely.unary_union([tile.exterior for tile in tiles]))
    borders = sorted(shapely.get_parts(lines), key=lambda line: line.coords[0] + line.coords[-1])
    outline = shapely.unary_union(tiles)
    bent = [_bend(rng, border) for border in borders]
    faces = _faces(MultiLineString(bent), outline.buffer(200))
    # A bend that crosses another would make or lose a face; then the straight borders are good enough.
    return faces if len(faces) == len(tiles) and _fits(bent) else tiles


def _fits(lines: list[LineString]) -> bool:
    return len(shapely.get_parts(shapely.unary_union(lines))) == len(lines)


def _bend(rng: Random, line: LineString) -> LineString:
    points = [line.coords[0]]
    for start, end in pairwise(line.coords):
        dx, dy = end[0] - start[0], end[1] - start[1]
        steps = max(1, round(hypot(dx, dy) / LONGEST_STEP_M))
        for k in range(1, steps):
            # Freely in the middle, hardly at the corners, where other borders are near.
            room = BEND * min(k, steps - k, 2)
            along, aside = k / steps, rng.uniform(-room, room) / steps
            points.append((start[0] + dx * along - dy * aside, start[1] + dy * along + dx * aside))
        points.append(end)
    return LineString(points)


def _join_strays(cells: list[Cell], nearest: list[int]) -> None:
    """Give a cell that is cut off from its group to the neighbouring group that it touches most."""
    for _round in range(10):
        strays = [i for k in set(nearest) for i in _cut_off(cells, nearest, k)]
        if not strays:
            return
        for i in strays:
            nearest[i] = _best_neighbour(cells, nearest, i)


def _cut_off(cells: list[Cell], nearest: list[int], k: int) -> list[int]:
    members = [i for i, n in enumerate(nearest) if n == k]
    parts = shapely.get_parts(shapely.coverage_union_all([cells[i].shape for i in members]))
    main = max(parts, key=lambda part: part.area)
    return [i for i in members if not main.buffer(1).contains(cells[i].shape)]


def _best_neighbour(cells: list[Cell], nearest: list[int], i: int) -> int:
    touched: dict[int, float] = {}
    for j, other in enumerate(cells):
        if nearest[j] != nearest[i]:
            shared = cells[i].shape.intersection(other.shape).length
            touched[nearest[j]] = touched.get(nearest[j], 0.0) + shared
    return max(touched, key=lambda k: (touched[k], -k))
