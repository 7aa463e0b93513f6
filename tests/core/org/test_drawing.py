"""The regions as maps draw them: public, small, and sent again only when they changed."""

import gzip
import json

import pytest
import shapely
from django.urls import reverse

from gridloop.core.org import actions
from tests.core.org.factories import NOW, make_town, square

pytestmark = pytest.mark.django_db

URL = reverse("org:regions")


@pytest.fixture
def town():
    return make_town(boundaries=True)


def names(answer):
    return [feature["properties"]["name"] for feature in answer.json()["features"]]


@pytest.mark.parametrize(
    ("level", "drawn"),
    [
        ("town", ["云溪镇"]),
        ("village", ["柳桥村", "东塘村"]),
        ("grid", ["柳桥第1网格", "柳桥第2网格"]),
        ("micro_grid", []),
    ],
)
def test_a_visitor_gets_the_regions_of_a_level(client, town, level, drawn):
    answer = client.get(URL, {"level": level})
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert names(answer) == drawn


def test_villages_and_communities_are_drawn_where_no_level_is_named(client, town):
    community = actions.add_region(town.town, code="320499101003", name="河滨社区", level="community")
    actions.set_boundary(community.pk, square(4, 0), at=NOW)
    answer = client.get(URL)
    assert names(answer) == ["柳桥村", "东塘村", "河滨社区"]
    assert answer.json()["bbox"] == pytest.approx([120, 31, 120.05, 31.01])


def test_a_region_says_its_code_name_and_level_and_nothing_else(client, town):
    feature = client.get(URL, {"level": "grid"}).json()["features"][0]
    assert feature["id"] == town.grid.pk
    assert feature["properties"] == {"code": "320499101201001", "name": "柳桥第1网格", "level": "grid"}
    assert feature["geometry"]["type"] == "MultiPolygon"


def test_neighbours_still_share_their_border_when_small_corners_are_left_out(client, town):
    border = [(120.01, 31 + n / 1000 + (n % 2) * 1e-6) for n in range(11)]
    west = shapely.Polygon([(120, 31), *border, (120, 31.01)])
    east = shapely.Polygon([(120.02, 31), *border, (120.02, 31.01)])
    for region, shape in ((town.grid, west), (town.other_grid, east)):
        actions.set_boundary(region.pk, shape, at=NOW.replace(hour=2))
    left, right = (
        shapely.from_geojson(json.dumps(f["geometry"]))
        for f in client.get(URL, {"level": "grid"}).json()["features"]
    )
    assert shapely.get_num_coordinates(left) < shapely.get_num_coordinates(west)
    assert (left.intersection(right).area, left.touches(right)) == (0, True)


def test_what_the_browser_has_is_not_sent_again_until_a_region_changes(client, town):
    etag = client.get(URL).headers["ETag"]
    unchanged = client.get(URL, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    actions.amend_region(town.village.pk, name="新柳桥村")
    changed = client.get(URL, headers={"If-None-Match": etag})
    assert (changed.status_code, names(changed)[0]) == (200, "新柳桥村")


def test_a_retired_region_is_drawn_no_more(client, town):
    actions.retire_region(town.grid.pk)
    assert names(client.get(URL, {"level": "grid"})) == ["柳桥第2网格"]


def test_drawing_again_asks_the_database_nothing(client, town, django_assert_num_queries):
    client.get(URL)
    with django_assert_num_queries(0):
        client.get(URL)


def test_it_travels_compressed(client, town):
    packed = client.get(URL, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content))["type"] == "FeatureCollection"


def test_an_unknown_level_is_refused_with_those_that_there_are(client, town):
    refusal = client.get(URL, {"level": "planet"}, headers={"Accept": "application/json"})
    assert refusal.status_code == 422
    assert "village" in refusal.json()["detail"]


def test_without_a_boundary_the_map_is_empty_and_sound(client):
    assert client.get(URL).json() == {"type": "FeatureCollection", "features": []}
