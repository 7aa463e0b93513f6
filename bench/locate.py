"""
How many points a second find their grid: `python bench/locate.py [--points N] [--rounds N]`, JSON to stdout.

Uses the boundaries of the database that DATABASE_URL or GRIDLOOP_DATA names, or, where it has no grids, a
made-up town of 22 villages and 242 grids, which is rolled back. Points fall evenly over the town and a little
beyond it, so that some lie in no grid.
"""

import argparse
import json
import os
import platform
import time
from contextlib import nullcontext
from datetime import UTC, datetime

import django
import numpy as np
import shapely

WEST, SOUTH, SIDE = 120.0, 31.6, 0.066  # about 45 km²
VILLAGES, GRIDS = (11, 2), (11, 1)  # columns and rows of villages in the town, of grids in a village
RAGGED = 24  # corners on each side of a grid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridloop.config.settings")
    django.setup()
    from gridloop.config import postgres
    from gridloop.config.cli import data_folder
    from gridloop.config.cli.database import bring_up_to_date

    with nullcontext() if os.environ.get("DATABASE_URL") else postgres.running(data_folder()):
        bring_up_to_date()
        print(json.dumps(measure(options.points, options.rounds), ensure_ascii=False, indent=2))


def measure(points: int, rounds: int) -> dict[str, object]:
    from django.db import transaction

    from gridloop.core.org.locate import Match, locate, locate_many
    from gridloop.core.org.models import Boundary

    with transaction.atomic():
        drawn = Boundary.objects.current().filter(region__level="grid")
        is_made_up = not drawn.exists()
        if is_made_up:
            make_town()
        shapes = shapely.from_wkb([bytes(wkb) for wkb in drawn.values_list("wkb", flat=True)])
        west, south, east, north = shapely.total_bounds(shapes)
        rng = np.random.default_rng(1)
        edge = (east - west) * 0.02
        lons = rng.uniform(west - edge, east + edge, points)
        lats = rng.uniform(south - edge, north + edge, points)

        began = time.perf_counter()
        locate(float(lons[0]), float(lats[0]))
        load_s = time.perf_counter() - began
        _ids, matches = locate_many(lons, lats)
        times, cpu = [], time.process_time()
        for _round in range(rounds):
            began = time.perf_counter()
            locate_many(lons, lats)
            times.append(time.perf_counter() - began)
        cpu_s = time.process_time() - cpu
        singles = 2_000
        began = time.perf_counter()
        for lon, lat in zip(lons[:singles].tolist(), lats[:singles].tolist(), strict=True):
            locate(lon, lat)
        single_s = time.perf_counter() - began
        transaction.set_rollback(True)
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "shapely": shapely.__version__,
        "grids": len(shapes),
        "vertices": int(shapely.get_num_coordinates(shapes).sum()),
        "made_up": is_made_up,
        "points": points,
        "inside": int((matches == Match.INSIDE).sum()),
        "nearest": int((matches == Match.NEAREST).sum()),
        "outside": int((matches == Match.OUTSIDE).sum()),
        "load_ms": round(load_s * 1000, 1),
        "points_per_s_median": round(points / float(np.median(times))),
        "points_per_s_worst": round(points / max(times)),
        "points_per_cpu_s": round(points * rounds / cpu_s),  # what remains on a machine that others use, too
        "single_point_us": round(single_s / singles * 1e6, 1),
    }


def make_town() -> None:
    """Draw villages in rows and grids in each, with borders as ragged as real ones."""
    from gridloop.core.org import actions

    now = datetime.now(UTC)
    town = actions.add_region(None, code="999999101000", name="测试镇", level="town")
    columns, rows = VILLAGES[0] * GRIDS[0], VILLAGES[1] * GRIDS[1]
    xs = np.linspace(WEST, WEST + SIDE, columns + 1)
    ys = np.linspace(SOUTH, SOUTH + SIDE, rows + 1)
    for n in range(VILLAGES[0] * VILLAGES[1]):
        code = f"999999101{201 + n:03d}"
        village = actions.add_region(town, code=code, name=f"第{n + 1}村", level="village")
        left, bottom = (n % VILLAGES[0]) * GRIDS[0], n // VILLAGES[0]
        cells = [cell(xs, ys, left + k, bottom) for k in range(GRIDS[0])]
        for k, shape in enumerate(cells):
            grid = actions.add_region(village, code=f"{code}{k + 1:03d}", name=f"第{k + 1}网格", level="grid")
            actions.set_boundary(grid.pk, shape, at=now)
        actions.set_boundary(village.pk, shapely.union_all(cells), at=now)


def cell(xs: np.ndarray, ys: np.ndarray, column: int, row: int) -> shapely.Polygon:
    west, east = wavy(xs[column], ys[row], ys[row + 1]), wavy(xs[column + 1], ys[row], ys[row + 1])
    return shapely.Polygon(np.vstack([west, east[::-1]]))


def wavy(x: float, south: float, north: float) -> np.ndarray:
    """A border that wanders by a few metres, the same for both of its sides."""
    along = np.linspace(0, 1, RAGGED)
    aside = 4e-4 * np.sin(along * np.pi * 6) * along * (1 - along)
    return np.column_stack([x + aside, south + along * (north - south)])


if __name__ == "__main__":
    main()
