"""The report on boundaries, against maps whose faults are known."""

import json

import numpy as np
import pytest
import shapely

from gridloop.core.org import actions
from gridloop.core.org.boundaryreport import Problem, boundary_report
from gridloop.core.org.plane import Plane
from gridloop.core.org.regionfile import read
from tests.conftest import shared_data
from tests.core.org.factories import NOW, make_town, square

pytestmark = pytest.mark.django_db

LATER = NOW.replace(hour=2)
M_EAST = 1 / 95_500  # degrees of longitude that are about a metre at 31° north
SQUARE_M2 = 0.01 * 95_500 * 0.01 * 110_870


@pytest.fixture
def town():
    return make_town(boundaries=True)


def found(problem, **options):
    return [f for f in boundary_report(**options).findings if f.problem == problem]


def names(finding):
    return [region.name for region in finding.regions]


def moved(shape, east=0.0):
    return shapely.transform(shape, lambda xy: xy + np.array([east, 0]))


def test_a_town_that_is_tiled_has_nothing_to_report(town):
    report = boundary_report()
    assert report.findings == []
    assert (report.drawn, report.touching) == (5, 2)  # the two grids, the two villages


def test_an_overlap_names_both_and_has_its_area_and_place(town):
    actions.set_boundary(town.other_grid.pk, moved(square(1, 0), east=-0.002), at=LATER)
    [overlap] = found(Problem.OVERLAP)
    assert names(overlap) == ["柳桥第1网格", "柳桥第2网格"]
    assert overlap.area_m2 == pytest.approx(SQUARE_M2 / 5, rel=0.01)
    lon, lat = overlap.at
    assert 120.008 < lon < 120.01
    assert 31 < lat < 31.01


def test_what_grids_leave_open_of_their_village_is_a_gap(town):
    actions.set_boundary(town.other_grid.pk, square(1, 0, size=0.005), at=LATER)
    [gap] = found(Problem.GAP)
    assert "柳桥第2网格" in names(gap)
    assert gap.area_m2 == pytest.approx(SQUARE_M2 * 3 / 4, rel=0.01)


def test_a_hole_between_regions_whose_parent_has_no_boundary_is_a_gap():
    town = make_town()
    ring = shapely.difference(square(0, 0, size=0.03), square(1, 1))
    actions.set_boundary(town.village.pk, ring, at=NOW)
    [gap] = found(Problem.GAP)
    assert gap.area_m2 == pytest.approx(SQUARE_M2, rel=0.01)


@pytest.mark.parametrize("east_m", [-0.5, 0.5])
def test_a_border_that_was_drawn_twice_is_a_sliver_and_no_overlap_or_gap(town, east_m):
    actions.set_boundary(town.other_grid.pk, moved(square(1, 0), east=east_m * M_EAST), at=LATER)
    report = boundary_report()
    assert report.count(Problem.SLIVER) >= 1
    assert report.count(Problem.OVERLAP) == report.count(Problem.GAP) == 0


def test_a_ring_that_crosses_itself_is_told_with_where(town):
    bow_tie = shapely.Polygon([(120, 31), (120.01, 31.01), (120.01, 31), (120, 31.01)])
    actions.set_boundary(town.grid.pk, bow_tie, at=LATER)
    [invalid] = found(Problem.INVALID)
    assert names(invalid) == ["柳桥第1网格"]
    assert "120.005" in invalid.message


def test_a_grid_that_leaves_its_village_is_told(town):
    actions.set_boundary(town.other_grid.pk, square(1, 1), at=LATER)
    [outside] = found(Problem.OUTSIDE)
    assert names(outside) == ["柳桥第2网格", "柳桥村"]
    assert outside.area_m2 == pytest.approx(SQUARE_M2, rel=0.01)


def test_a_village_or_grid_without_boundary_is_told_and_a_retired_one_is_not(town):
    grid = actions.add_region(town.other_village, code="320499101202001", name="东塘第1网格", level="grid")
    assert [names(f) for f in found(Problem.MISSING)] == [["东塘第1网格"]]
    actions.retire_region(grid.pk)
    assert found(Problem.MISSING) == []


@pytest.mark.parametrize(
    ("households", "is_told"), [(299, True), (300, False), (500, False), (501, True), (None, False)]
)
def test_households_outside_300_to_500_are_a_warning(town, households, is_told):
    actions.amend_region(town.grid.pk, households=households)
    assert bool(found(Problem.HOUSEHOLDS)) == is_told


def test_the_range_of_households_is_a_setting(town, settings):
    settings.GRID_HOUSEHOLDS = (500, 800)
    assert [f.message for f in found(Problem.HOUSEHOLDS)] == [
        "“柳桥第1网格”有 400 户，建议 500 至 800 户。",
        "“柳桥第2网格”有 400 户，建议 500 至 800 户。",
    ]


def test_a_report_may_be_about_a_part_and_costs_two_statements(town, django_assert_num_queries):
    actions.set_boundary(town.other_village.pk, square(9, 9), at=LATER)
    with django_assert_num_queries(2):
        assert boundary_report(town.village).findings == []


def test_metres_become_the_degrees_that_they_came_from():
    plane = Plane(120, 31)
    [[east, north]] = plane.project([(120.37, 31.42)])
    assert plane.unproject(east, north) == pytest.approx((120.37, 31.42), abs=1e-7)


def test_the_faults_of_a_real_city_are_found_and_no_others():
    """Known of Ningbo's communities: all rings valid, 873 pairs that touch, one strip that lies in two."""
    collection = json.loads(shared_data("ningbo/communities.geojson").read_bytes())
    for number, feature in enumerate(collection["features"]):
        name = feature["properties"]["社区名称"] or ""  # every polygon by itself, the nameless ones too
        feature["properties"]["社区名称"] = f"{name}#{number}"
    actions.import_regions(read(json.dumps(collection).encode()), at=NOW)
    report = boundary_report()
    assert (report.drawn, report.touching) == (401, 873)
    assert (report.count(Problem.INVALID), report.count(Problem.OVERLAP)) == (0, 0)
    [strip] = [f for f in report.findings if f.problem == Problem.SLIVER]
    assert [name.partition("#")[0] for name in names(strip)] == ["仇毕社区", "殷家社区"]
    assert strip.area_m2 == pytest.approx(68.5, abs=0.1)
