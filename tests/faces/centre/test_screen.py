"""The screen on the wall and on a phone: its modes, its numbers and the lists behind them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gridloop.base.common.ids import id_at
from gridloop.core.cases import actions
from gridloop.core.org.permissions import Role
from gridloop.faces.centre import board as _board_module
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, MINUTE, World
from tests.faces.centre.conftest import signed_in

pytestmark = pytest.mark.django_db
TOWN = "119.9,30.9,120.1,31.1"


def test_the_screen_shows_numbers_that_lead_to_their_lists(world: World, leader: Client):
    factories.handling(world, AT)
    page = leader.get("/centre/").content.decode()
    assert 'href="/desk/cases/?state=late"' in page
    assert f'href="/oversight/?unit={world.lead_unit}"' in page
    assert f'href="/desk/cases/?region={world.town.village.pk}&amp;state=open"' in page


def test_every_number_leads_to_a_list_of_as_many_cases(world: World, leader: Client):
    now = timezone.now()
    for at in (AT, now - DAY, now):  # the first is months ago, and late
        key = id_at(at, seed=str(at))
        actions.report(factories.intake(world), actor=world.operator, at=at, case_id=key)
    factories.closed(world, now - 10 * MINUTE)
    factories.dispatched(world, now)
    board = leader.get("/centre/").context["board"]
    counted = [(tile.name, tile.url, tile.value) for tile in board["tiles"]]
    counted += [(bar.name, bar.url, str(bar.count)) for bar in (*board["units"], *board["communities"])]
    assert len(counted) == 8 + 1 + 1
    for name, url, value in counted:
        assert (name, str(len(leader.get(url).context["rows"]))) == (name, value)


def test_every_part_of_the_analysis_leads_to_a_list_of_as_many_cases(world: World, leader: Client):
    now = timezone.now()
    for n in range(3):
        key = id_at(now - n * DAY, seed=str(n))
        given = factories.intake(world, lon=120.0051, lat=31.0051, region_id=None)
        actions.report(given, actor=world.operator, at=now - n * DAY, case_id=key)
    factories.closed(world, now - 10 * MINUTE)
    board = leader.get("/centre/?mode=analysis").context["board"]
    bars = (*board["areas"], *board["categories"], *board["channels"])
    counted = [(bar.name, bar.url, str(bar.count)) for bar in bars]
    counted += [(tile.name, tile.url, tile.value) for tile in board["tiles"][:2]]
    counted += [(place.category, url, str(place.count)) for place, url in board["repeated"]]
    assert len(counted) == 1 + 1 + 1 + 2 + 1
    for name, url, value in counted:
        assert (name, str(len(leader.get(url).context["rows"]))) == (name, value)


def test_htmx_gets_the_numbers_without_the_map(world: World, leader: Client):
    part = leader.get("/centre/", headers={"HX-Request": "true"}).content.decode()
    assert "<script" not in part  # htmx would drop it, and the chart with it
    assert "已超期" in part
    assert 'data-module="centre/map"' not in part
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
    page = leader.get("/centre/?mode=analysis").content.decode()
    assert '<th scope="col">上报</th>' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", "duty"), ("?mode=analysis", "analysis"), ("?mode=visit", "visit"), ("?mode=nonsense", "duty")],
)
def test_the_mode_stands_in_the_address(world: World, leader: Client, query: str, shown: str):
    assert leader.get(f"/centre/{query}").context["mode"].name == shown


@pytest.mark.parametrize("mode", ["duty", "analysis", "visit"])
def test_the_page_costs_at_most_eight_statements(
    world: World, leader: Client, mode: str, django_assert_max_num_queries: Any
):
    for n in range(3):
        factories.handling(world, AT + n * MINUTE)
        factories.closed(world, AT + n * MINUTE)
    leader.get(f"/centre/?mode={mode}")
    _board_module._kept.clear()
    with django_assert_max_num_queries(8):
        leader.get(f"/centre/?mode={mode}")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEADER, 200), (Role.OPERATOR, 200), (Role.HANDLER, 403), (Role.ADMIN, 403)]
)
def test_the_screen_is_for_those_who_may_see_it(world: World, role: Role, status: int):
    client = signed_in(world, role)
    assert client.get("/centre/").status_code == status
    assert client.get("/centre/cases.geojson", {"bbox": TOWN}).status_code == status


def test_a_visitor_is_asked_to_sign_in(world: World):
    assert Client().get("/centre/").headers["Location"].startswith("/accounts/login/")
