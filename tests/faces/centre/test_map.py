"""The map: the cases of a window one by one, in squares, and played again."""

import json
import struct
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localtime

from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from gridloop.faces.centre import window
from gridloop.faces.centre.playback import NEVER
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World
from tests.faces.centre import conftest
from tests.faces.centre.conftest import signed_in

pytestmark = pytest.mark.django_db
TOWN = "119.9,30.9,120.1,31.1"
MORNING = localtime(AT).hour * 60 + localtime(AT).minute


def points(client: Client, bbox: str = TOWN, **query: str) -> dict[str, Any]:
    answer = client.get("/centre/cases.geojson", {"bbox": bbox, **query})
    assert answer.status_code == 200
    return json.loads(answer.content)


def squares(client: Client, zoom: str = "12", **query: str) -> dict[str, Any]:
    answer = client.get("/centre/cells.geojson", {"bbox": TOWN, "zoom": zoom, **query})
    assert answer.status_code == 200
    return json.loads(answer.content)


def columns(client: Client, when: str) -> dict[str, Any]:
    """Read the columns as the browser does."""
    answer = client.get("/centre/played.bin", {"when": when})
    assert answer.status_code == 200
    body = answer.content
    count, minutes, lon, lat = struct.unpack_from("<IIdd", body)
    places = np.frombuffer(body, "<f4", 2 * count, 24)
    times = np.frombuffer(body, "<u2", 2 * count, 24 + 8 * count)
    assert len(body) == 24 + 12 * count
    return {
        "minutes": minutes,
        "lon": lon + places[:count].astype(float),
        "lat": lat + places[count:].astype(float),
        "began": times[:count].tolist(),
        "ended": times[count:].tolist(),
    }


def report_at(world: World, at: datetime, *, lon: float = 120.005) -> Case:
    return conftest.report_at(world, at, lon=lon, lat=31.005, region_id=None)


# One by one


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


# In squares


def test_cases_near_each_other_are_one_square_with_what_is_late(world: World, leader: Client):
    factories.handling(world, AT, lon=120.005, lat=31.005, region_id=None)  # months ago, and late
    factories.handling(world, timezone.now() - 10 * MINUTE, lon=120.0051, lat=31.0051, region_id=None)
    factories.handling(world, AT, lon=120.05, lat=31.05, region_id=None)
    found = squares(leader)
    assert sorted((f["properties"]["count"], f["properties"]["late"]) for f in found["features"]) == [
        (1, 1),
        (2, 1),
    ]
    assert found["total"] == 3
    assert squares(leader, late="1")["total"] == 2


def test_the_list_of_a_square_shows_as_many_cases(world: World, leader: Client):
    for n in range(3):
        factories.handling(world, AT + n * MINUTE, lon=120.005, lat=31.005, region_id=None)
    (square,) = squares(leader)["features"]
    x, y, size = (square["properties"][name] for name in ("x", "y", "size"))
    box = f"{x * size:.6f},{y * size:.6f},{(x + 1) * size:.6f},{(y + 1) * size:.6f}"
    rows = leader.get("/desk/cases/", {"state": "open", "bbox": box}).context["rows"]
    assert len(rows) == square["properties"]["count"] == 3


def test_a_closer_look_parts_the_square(world: World, leader: Client):
    factories.handling(world, AT, lon=120.005, lat=31.005, region_id=None)
    factories.handling(world, AT, lon=120.009, lat=31.005, region_id=None)
    assert len(squares(leader, "8")["features"]) == 1
    assert len(squares(leader, "16")["features"]) == 2


def test_squares_of_a_day_hold_what_was_reported_then(world: World, leader: Client):
    report_at(world, AT)
    report_at(world, AT - DAY)
    assert squares(leader, when=f"{localtime(AT):%Y-%m-%d}")["total"] == 1
    assert squares(leader, when=f"{AT - DAY:%Y-%m}")["total"] >= 1


def test_a_secretary_counts_the_own_village_alone(world: World):
    factories.reported(world, lon=120.005, lat=31.005, region_id=None)
    other = factories.intake(world, lon=120.025, lat=31.005, region_id=None)
    actions.report(other, actor=world.operator, at=AT)
    assert squares(signed_in(world, Role.SECRETARY))["total"] == 1
    assert squares(signed_in(world, Role.LEADER))["total"] == 2


@pytest.mark.parametrize("zoom", ["", "x", "-1", "99", "nan"])
def test_a_zoom_that_is_none_is_refused_kindly(world: World, leader: Client, zoom: str):
    query = {"bbox": TOWN, "zoom": zoom}
    answer = leader.get("/centre/cells.geojson", query, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


@pytest.mark.parametrize("bbox", ["1,2,3", "x", "nan,0,1,1"])
def test_a_window_in_the_lists_address_that_is_none_finds_nothing_and_says_so(
    world: World, leader: Client, bbox: str
):
    page = leader.get("/desk/cases/", {"bbox": bbox})
    assert (page.status_code, list(page.context["rows"])) == (200, [])
    assert "地图范围应为" in page.content.decode()


def test_squares_cost_one_statement_beside_those_of_signing_in(
    world: World, leader: Client, django_assert_max_num_queries: Any
):
    for n in range(5):
        factories.reported(world, AT + n * MINUTE, lon=120.005, lat=31.005, region_id=None)
    squares(leader)
    with django_assert_max_num_queries(4):
        squares(leader)


# Played again


def test_a_day_is_played_from_when_each_case_came_to_when_it_ended(world: World, leader: Client):
    case = report_at(world, AT)
    actions.close_on_spot(case.pk, actor=world.worker, at=AT + HOUR, note="已清扫")
    report_at(world, AT + 2 * HOUR, lon=120.006)
    report_at(world, AT - DAY)
    found = columns(leader, f"{AT:%Y-%m-%d}")
    assert found["minutes"] == 24 * 60
    assert found["began"] == [MORNING, MORNING + 120]
    assert found["ended"] == [MORNING + 60, NEVER]
    assert found["lon"] == pytest.approx([120.005, 120.006], abs=1e-6)
    assert found["lat"] == pytest.approx([31.005, 31.005], abs=1e-6)


def test_what_ended_after_the_day_has_not_ended_in_it(world: World, leader: Client):
    case = report_at(world, AT)
    actions.close_on_spot(case.pk, actor=world.worker, at=AT + DAY, note="已清扫")
    assert columns(leader, f"{AT:%Y-%m-%d}")["ended"] == [NEVER]


def test_a_month_is_played_whole(world: World, leader: Client):
    report_at(world, AT)
    found = columns(leader, f"{AT:%Y-%m}")
    assert found["minutes"] in {28 * 1440, 29 * 1440, 30 * 1440, 31 * 1440}
    assert found["began"] == [MORNING + (AT.day - 1) * 1440]


def test_a_day_without_cases_is_empty_and_no_error(world: World, leader: Client):
    assert columns(leader, "2020-01-01")["began"] == []


def test_a_secretary_plays_the_own_village_alone(world: World):
    report_at(world, AT)
    report_at(world, AT + MINUTE, lon=120.025)
    assert len(columns(signed_in(world, Role.SECRETARY), f"{AT:%Y-%m-%d}")["began"]) == 1


@pytest.mark.parametrize("when", ["", "2026", "2026-13", "2026-02-30", "99999-01", "1900-01", "9999-12"])
def test_a_day_that_is_none_is_refused_kindly(world: World, leader: Client, when: str):
    answer = leader.get("/centre/played.bin", {"when": when}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_playing_costs_one_statement_beside_those_of_signing_in(
    world: World, leader: Client, django_assert_max_num_queries: Any
):
    report_at(world, AT)
    columns(leader, f"{AT:%Y-%m}")
    with django_assert_max_num_queries(4):
        columns(leader, f"{AT:%Y-%m}")
