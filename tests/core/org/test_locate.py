"""A point finds its grid, and the answer says how."""

import numpy as np
import pytest
import shapely

from gridloop.core.org import actions
from gridloop.core.org.locate import Match, jurisdiction, locate, locate_many
from gridloop.core.org.models import Region
from gridloop.core.org.plane import Plane
from tests.core.org.factories import NOW, give_boundaries, make_town, square

pytestmark = pytest.mark.django_db

M_EAST = 1 / 95_500  # degrees of longitude that are about a metre at 31° north


@pytest.fixture
def town():
    return make_town(boundaries=True)


def test_a_point_in_a_grid_lies_inside_it(town):
    assert locate(120.005, 31.005).region_id == town.grid.pk
    assert locate(120.015, 31.005).match == Match.INSIDE


def test_a_village_without_grids_holds_its_points_itself(town):
    found = locate(120.025, 31.005)
    assert (found.region_id, found.match) == (town.other_village.pk, Match.INSIDE)


def test_a_point_on_a_shared_border_always_goes_to_the_same_grid(town):
    assert {locate(120.01, 31.005).region_id for _ in range(3)} == {min(town.grid.pk, town.other_grid.pk)}


def test_a_micro_grid_is_passed_over(town):
    micro = actions.add_region(town.grid, code="3204991012010011", name="微网格", level="micro_grid")
    actions.set_boundary(micro.pk, square(0, 0, size=0.005), at=NOW)
    assert locate(120.002, 31.002).region_id == town.grid.pk


@pytest.mark.parametrize(
    ("metres", "match"), [(150, Match.NEAREST), (195, Match.NEAREST), (205, Match.OUTSIDE)]
)
def test_outside_the_town_the_nearest_grid_answers_within_200_metres(town, metres, match):
    found = locate(120 - metres * M_EAST, 31.005)
    assert found.match == match
    assert found.region_id == (town.grid.pk if match == Match.NEAREST else None)


def test_the_distance_is_a_setting(town, settings):
    settings.NEAREST_GRID_M = 50
    assert locate(120 - 100 * M_EAST, 31.005).match == Match.OUTSIDE


def test_in_a_gap_the_nearest_grid_of_the_same_village_answers(town):
    half = shapely.box(120.0195, 31, 120.02, 31.01)  # what is left of the other grid, at the far border
    actions.set_boundary(town.other_grid.pk, half, at=NOW.replace(hour=2))
    near_other_village = locate(120.0193, 31.005)
    assert (near_other_village.region_id, near_other_village.match) == (town.other_grid.pk, Match.NEAREST)
    in_the_middle = locate(120.015, 31.005)
    assert (in_the_middle.region_id, in_the_middle.match) == (town.village.pk, Match.INSIDE)


def test_a_gap_is_never_given_to_the_grid_of_another_village(town):
    neighbour = actions.add_region(
        town.other_village, code="320499101202001", name="东塘第1网格", level="grid"
    )
    actions.set_boundary(neighbour.pk, square(2, 0, size=0.005), at=NOW)
    actions.set_boundary(town.other_grid.pk, square(1, 0, size=0.002), at=NOW.replace(hour=2))
    found = locate(120.0199, 31.002)  # ten metres from the neighbour's grid, in our own village
    assert (found.region_id, found.match) == (town.village.pk, Match.INSIDE)


def test_within_the_town_but_in_no_village_the_town_answers(town):
    actions.set_boundary(town.town.pk, square(0, 0, size=0.1), at=NOW.replace(hour=2))
    found = locate(120.05, 31.05)
    assert (found.region_id, found.match) == (town.town.pk, Match.INSIDE)


def test_a_new_boundary_counts_at_once_and_a_retired_region_no_more(town):
    assert locate(120.005, 31.005).region_id == town.grid.pk
    actions.set_boundary(town.grid.pk, square(0, 5), at=NOW.replace(hour=2))
    assert locate(120.005, 31.055).region_id == town.grid.pk
    actions.retire_region(town.grid.pk)
    assert locate(120.005, 31.055).region_id is None


def test_without_any_boundary_every_point_lies_outside():
    make_town()
    assert locate(120.005, 31.005).match == Match.OUTSIDE


def test_many_points_get_the_answers_that_each_gets_alone(town):
    rng = np.random.default_rng(1)
    lons, lats = rng.uniform(119.99, 120.04, 400), rng.uniform(30.995, 31.015, 400)
    ids, matches = locate_many(lons, lats)
    alone = [locate(lon, lat) for lon, lat in zip(lons, lats, strict=True)]
    assert [(i or None, m) for i, m in zip(ids.tolist(), matches.tolist(), strict=True)] == [
        (found.region_id, found.match) for found in alone
    ]
    assert set(matches) == set(Match)


def test_placing_a_point_costs_no_query_once_the_map_is_loaded(town, django_assert_num_queries):
    locate(120.005, 31.005)
    with django_assert_num_queries(0):
        locate(120.015, 31.005)


def test_giving_the_same_boundaries_again_is_no_change(town):
    give_boundaries(town)
    assert locate(120.005, 31.005).region_id == town.grid.pk


class TestJurisdiction:
    """What the whole installation governs."""

    def test_it_is_the_lowest_region_that_holds_every_other(self, town):
        assert jurisdiction() == town.town
        city = actions.add_region(None, code="320400000000", name="常州市", level="city")
        actions.move_region(town.town.pk, city.pk)
        assert jurisdiction() == town.town
        actions.add_region(city, code="320499102000", name="石桥镇", level="town")
        assert jurisdiction() == city

    def test_of_several_trees_it_is_that_of_the_largest(self, town):
        actions.add_region(None, code="320412000000", name="武进区", level="district")
        assert jurisdiction() == town.town

    def test_it_is_there_even_where_no_region_is_in_use(self, town):
        for region in Region.objects.all():
            actions.retire_region(region.pk)
        assert jurisdiction() == town.town

    def test_without_any_region_there_is_none(self, db):
        with pytest.raises(Region.DoesNotExist):
            jurisdiction()


class TestPlane:
    """Lengths against published ones: a degree on the WGS-84 ellipsoid."""

    @pytest.mark.parametrize(
        ("lat", "lat_degree_m", "lon_degree_m"),
        [(0, 110_574, 111_320), (30, 110_852, 96_486), (45, 111_132, 78_847)],
    )
    def test_a_degree_has_its_published_length(self, lat, lat_degree_m, lon_degree_m):
        xy = Plane(120, lat).project([(120, lat - 0.05), (120, lat + 0.05), (119.95, lat), (120.05, lat)])
        assert (xy[1] - xy[0])[1] * 10 == pytest.approx(lat_degree_m, rel=2e-4)
        assert (xy[3] - xy[2])[0] * 10 == pytest.approx(lon_degree_m, rel=2e-4)

    def test_a_kilometre_is_one_60_km_from_the_origin_too(self):
        plane = Plane(120, 31)
        xy = plane.project([(120, 31.54), (120.01, 31.54)])
        assert np.linalg.norm(xy[1] - xy[0]) == pytest.approx(
            0.01 * 111_320 * np.cos(np.radians(31.54)), rel=1.5e-3
        )
