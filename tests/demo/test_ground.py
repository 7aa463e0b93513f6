"""The ground of the town, before anything is stored."""

from random import Random

import pytest
import shapely

from gridloop.demo import ground

SEEDS = (1, 2, 20, 99)


@pytest.mark.parametrize("seed", SEEDS)
def test_grids_tile_the_town_without_gap_or_overlap(seed: int) -> None:
    shapes = [ground.to_degrees(cell.shape) for cell in ground.lay_out(Random(seed), 240)]
    assert len(shapes) == 240
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert (whole.geom_type, len(whole.interiors)) == ("Polygon", 0)
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_villages_are_each_one_piece(seed: int) -> None:
    rng = Random(seed)
    cells = ground.lay_out(rng, 240)
    groups = ground.group(cells, 22, rng)
    assert sum(map(len, groups)) == 240
    assert {shapely.coverage_union_all([c.shape for c in g]).geom_type for g in groups} == {"Polygon"}


def test_the_town_is_45_square_kilometres_with_wide_fields_and_narrow_streets() -> None:
    areas = sorted(cell.shape.area for cell in ground.lay_out(Random(20), 240))
    assert sum(areas) == pytest.approx(45_000_000, rel=0.01)
    assert areas[-12] > 4 * areas[12]


def test_a_grid_is_divided_into_parts_that_tile_it() -> None:
    rng = Random(3)
    grid = ground.lay_out(rng, 60)[0].shape
    parts = ground.divide(rng, grid, 5)
    assert len(parts) == 5
    assert shapely.coverage_is_valid(parts)
    assert shapely.union_all(parts).symmetric_difference(grid).area == pytest.approx(0, abs=1e-3)
