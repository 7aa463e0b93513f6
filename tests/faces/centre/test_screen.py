"""The screen on the wall and on a phone, and its map."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gridloop.base.common.ids import id_at
from gridloop.core.cases import actions
from gridloop.core.org.permissions import Role
from gridloop.faces.centre import window
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, MINUTE, World
from tests.faces.centre.conftest import signed_in

pytestmark = pytest.mark.django_db
TOWN = "119.9,30.9,120.1,31.1"


def points(client: Client, bbox: str = TOWN) -> dict[str, Any]:
    answer = client.get("/centre/cases.geojson", {"bbox": bbox})
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_screen_shows_numbers_that_lead_to_their_lists(world: World, leader: Client):
    factories.handling(world, AT)
    page = leader.get("/centre/").content.decode()
    assert 'href="/desk/cases/?state=late"' in page
    assert f'href="/desk/cases/?state=late&amp;unit={world.lead_unit}"' in page
    assert f'href="/desk/cases/?state=open&amp;region={world.town.village.pk}"' in page


def test_every_number_leads_to_a_list_of_as_many_cases(world: World, leader: Client):
    now = timezone.now()
    for at in (AT, now - DAY, now):  # the first is months ago, and late
        key = id_at(at, seed=str(at))
        actions.report(factories.intake(world), actor=world.operator, at=at, case_id=key)
    factories.closed(world, now - 10 * MINUTE)
    tiles = {tile.name: tile for tile in leader.get("/centre/").context["board"].tiles}
    for name in ("reported", "closed", "open", "due", "late"):
        rows = leader.get(tiles[name].url).context["rows"]
        assert (name, str(len(rows))) == (name, tiles[name].value)


def test_htmx_gets_the_numbers_without_the_map(world: World, leader: Client):
    part = leader.get("/centre/", headers={"HX-Request": "true"}).content.decode()
    assert "<script" not in part  # htmx would drop it, and the chart with it
    assert "已超期" in part
    assert 'data-module="case-map"' not in part
    assert "<html" not in part


def test_the_numbers_are_made_anew_only_every_few_seconds(world: World, leader: Client, settings: Any):
    settings.CENTRE_KEPT_S = 60
    leader.get("/centre/")
    factories.reported(world, timezone.now())
    assert (
        '"tile-open" href="/desk/cases/?state=open" aria-label="在办 0"'
        in leader.get("/centre/").content.decode()
    )
    settings.CENTRE_KEPT_S = 0
    assert (
        '"tile-open" href="/desk/cases/?state=open" aria-label="在办 1"'
        in leader.get("/centre/").content.decode()
    )


def test_the_charts_have_a_table_for_those_who_do_not_see_them(world: World, leader: Client):
    page = leader.get("/centre/").content.decode()
    assert '<th scope="col">上报</th>' in page


@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEADER, 200), (Role.OPERATOR, 200), (Role.HANDLER, 403), (Role.ADMIN, 403)]
)
def test_the_screen_is_for_those_who_may_see_it(world: World, role: Role, status: int):
    client = signed_in(world, role)
    assert client.get("/centre/").status_code == status
    assert client.get("/centre/cases.geojson", {"bbox": TOWN}).status_code == status


def test_a_visitor_is_asked_to_sign_in(world: World):
    assert Client().get("/centre/").headers["Location"].startswith("/accounts/login/")


# The map


def test_the_map_shows_the_open_cases_of_its_window(world: World, leader: Client):
    case = factories.handling(world, lon=120.005, lat=31.005, region_id=None)
    factories.closed(world, lon=120.005, lat=31.006, region_id=None)
    factories.reported(world)  # without a point
    found = points(leader)
    assert [f["properties"]["number"] for f in found["features"]] == [case.number]
    feature = found["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [120.005, 31.005]}
    assert feature["properties"] | {"url": "", "id": ""} == {
        "id": "",
        "number": case.number,
        "title": case.title,
        "state": "处置中",
        "late": True,
        "url": "",
    }
    assert not points(leader, "120.5,31.5,120.6,31.6")["features"]


def test_a_case_within_its_time_is_not_red(world: World, leader: Client):
    factories.handling(world, timezone.now() - 10 * MINUTE, lon=120.005, lat=31.005, region_id=None)
    assert [f["properties"]["late"] for f in points(leader)["features"]] == [False]


def test_the_map_of_a_secretary_shows_the_own_village_alone(world: World):
    factories.reported(world, lon=120.005, lat=31.005, region_id=None)
    actions.report(
        factories.intake(world, lon=120.025, lat=31.005, region_id=None), actor=world.operator, at=AT
    )
    assert len(points(signed_in(world, Role.SECRETARY))["features"]) == 1
    assert len(points(signed_in(world, Role.LEADER))["features"]) == 2


def test_too_many_cases_are_cut_and_said_to_be(world: World, leader: Client, monkeypatch: Any):
    monkeypatch.setattr(window, "MOST_POINTS", 2)
    for n in range(3):
        factories.reported(world, AT + n * MINUTE, lon=120.005, lat=31.005, region_id=None)
    found = points(leader)
    assert (len(found["features"]), found["truncated"]) == (2, True)


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "1,0,0,1", "0,0,1,1,2", "inf,0,1,1"])
def test_a_window_that_is_none_is_refused_kindly(world: World, leader: Client, bbox: str):
    answer = leader.get("/centre/cases.geojson", {"bbox": bbox}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_the_map_costs_one_statement_beside_those_of_signing_in(
    world: World, leader: Client, django_assert_max_num_queries: Any
):
    for n in range(5):
        factories.reported(world, AT + n * MINUTE, lon=120.005, lat=31.005, region_id=None)
    points(leader)
    with django_assert_max_num_queries(4):
        points(leader)
