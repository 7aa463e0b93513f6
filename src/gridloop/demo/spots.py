"""Where in the town something happens: mostly where people live, and again and again at the same corners."""

from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from gridloop.core.org.models import Boundary, GridKind, Level, Region
from gridloop.demo import names

HOT_CORNERS = 4  # for each kind of problem
HOT_SHARE = 0.4
CORNER_DEG = 0.0006  # about 60 m
BORDER_DEG = 0.0001  # about 10 m


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, the grid and the village that it lies in, and what people call the place."""

    lon: float
    lat: float
    grid_id: int
    village_id: int
    words: dict[str, str]

    @property
    def address(self) -> str:
        return self.words["address"]


@dataclass(frozen=True, slots=True)
class _Grid:
    region: Region
    village: Region
    shape: Polygon
    road: str
    estate: str


class Spots:
    """All grids of the town, to draw places from."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.grids = _load(Random(f"{seed}/streets"))
        self.weights = [float(grid.region.population or 1) for grid in self.grids]
        self.hot: dict[str, list[tuple[_Grid, Point]]] = {}
        self.borders: list[tuple[_Grid, LineString | MultiLineString]] = []

    def draw(self, rng: Random, subject: str) -> Spot:
        """Return a place for a problem of this kind."""
        if rng.random() < HOT_SHARE:
            grid, corner = rng.choice(self._hot_corners(subject))
            point = _near(rng, grid, corner)
        else:
            grid = rng.choices(self.grids, self.weights)[0]
            point = _inside(rng, grid.shape)
        return _spot(rng, grid, point)

    def draw_in_first_grid(self, rng: Random) -> Spot:
        """Return a place in the first grid of the first community."""
        return _spot(rng, self.grids[0], _inside(rng, self.grids[0].shape))

    def draw_in(self, rng: Random, village_id: int) -> Spot:
        """Return a place in this village or community."""
        grid = rng.choice([grid for grid in self.grids if grid.village.pk == village_id])
        return _spot(rng, grid, _inside(rng, grid.shape))

    def draw_at_home(self, rng: Random) -> Spot:
        """Return a place in the first community."""
        grid = rng.choice([grid for grid in self.grids if grid.village == self.grids[0].village])
        return _spot(rng, grid, _inside(rng, grid.shape))

    def draw_at_border(self, rng: Random) -> Spot:
        """Return a place a few metres from where another village or community begins."""
        grid, line = rng.choice(self._borders())
        edge = line.interpolate(rng.random(), normalized=True)
        inside = grid.shape.representative_point()
        step = BORDER_DEG / max(edge.distance(inside), BORDER_DEG)
        near = Point(
            round(edge.x + (inside.x - edge.x) * step, 6), round(edge.y + (inside.y - edge.y) * step, 6)
        )
        return _spot(rng, grid, near if grid.shape.contains(near) else _inside(rng, grid.shape))

    def _borders(self) -> list[tuple[_Grid, LineString | MultiLineString]]:
        if not self.borders:
            tree = shapely.STRtree([grid.shape for grid in self.grids])
            for n, grid in enumerate(self.grids):
                for k in sorted(int(k) for k in tree.query(grid.shape, predicate="touches")):
                    line = grid.shape.intersection(self.grids[k].shape)
                    if self.grids[k].village != grid.village and k != n and line.length > BORDER_DEG:
                        self.borders.append((grid, line))
        return self.borders

    def _hot_corners(self, subject: str) -> list[tuple[_Grid, Point]]:
        if subject not in self.hot:
            rng = Random(f"{self.seed}/hot/{subject}")
            chosen = rng.choices(self.grids, self.weights, k=HOT_CORNERS)
            self.hot[subject] = [(grid, _inside(rng, grid.shape)) for grid in chosen]
        return self.hot[subject]


def again(rng: Random, spot: Spot) -> Spot:
    """Return the same place as somebody else points it out, a few metres off."""
    lon, lat = (x + rng.uniform(-1, 1) * CORNER_DEG / 8 for x in (spot.lon, spot.lat))
    return Spot(round(lon, 6), round(lat, 6), spot.grid_id, spot.village_id, spot.words)


def _load(rng: Random) -> list[_Grid]:
    regions = Region.objects.filter(level__in=[Level.GRID, Level.VILLAGE, Level.COMMUNITY]).order_by("code")
    by_code = {region.code: region for region in regions}
    shapes = dict(Boundary.objects.current().filter(region__level=Level.GRID).values_list("region_id", "wkb"))
    return [_grid(rng, by_code, region, shapes) for region in by_code.values() if region.level == Level.GRID]


def _grid(
    rng: Random, by_code: dict[str, Region], region: Region, shapes: dict[int, bytes | memoryview]
) -> _Grid:
    shape = shapely.from_wkb(bytes(shapes[region.pk])).geoms[0]
    shapely.prepare(shape)
    estate = (
        region.name.removesuffix("专属网格")
        if region.grid_kind == GridKind.EXCLUSIVE
        else rng.choice(names.ESTATES)
    )
    return _Grid(region, by_code[region.code[:12]], shape, rng.choice(names.ROADS), estate)


def _inside(rng: Random, shape: Polygon) -> Point:
    west, south, east, north = shape.bounds
    for _try in range(200):
        point = Point(round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6))
        if shape.contains(point):
            return point
    found: Point = shape.representative_point()
    return found


def _near(rng: Random, grid: _Grid, corner: Point) -> Point:
    near = Point(round(rng.gauss(corner.x, CORNER_DEG / 2), 6), round(rng.gauss(corner.y, CORNER_DEG / 2), 6))
    return near if grid.shape.contains(near) else corner


def _spot(rng: Random, grid: _Grid, point: Point) -> Spot:
    words = {
        "road": grid.road,
        "no": str(rng.randrange(1, 360)),
        "estate": grid.estate,
        "building": str(rng.randrange(1, 38)),
        "unit": str(rng.randrange(1, 5)),
        "floor": str(rng.randrange(2, 19)),
        "landmark": rng.choice(names.LANDMARKS),
        "village": grid.village.name,
        "shop": rng.choice(names.SHOPS),
        "firm": rng.choice(names.FIRMS),
    }
    is_exclusive = grid.region.grid_kind == GridKind.EXCLUSIVE
    words["place"] = _place(rng, words, is_exclusive=is_exclusive)
    words["address"] = f"{names.TOWN}{grid.village.name}{words['place']}"
    return Spot(point.x, point.y, grid.region.pk, grid.village.pk, words)


def _place(rng: Random, words: dict[str, str], *, is_exclusive: bool) -> str:
    if is_exclusive:
        shapes = ["{estate}{landmark}", "{estate}东门", "{estate}{building}号楼旁"]
    else:
        shapes = [
            "{road}{no}号",
            "{road}{no}号附近",
            "{road}与棹歌路路口",
            "{estate}{building}幢",
            "{estate}{building}幢{unit}单元",
            "{estate}{landmark}",
            "{road}{landmark}",
        ]
    return rng.choice(shapes).format_map(words)
