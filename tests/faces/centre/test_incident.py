"""The incident screen: one emergency, who was called, its steps and its log."""

from typing import Any

import pytest
from django.test import Client

from gridloop.capabilities.incidents.actions import follow_plan
from gridloop.capabilities.incidents.models import IncidentLevel
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.emergency import emergency
from tests.capabilities.incidents import factories as incidents
from tests.capabilities.incidents.factories import called, incident, plan, resource, skilled
from tests.core.cases.factories import AT, MINUTE, World
from tests.faces.centre.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> World:
    skilled(world)
    return world


def test_where_nothing_is_going_on_the_screen_says_where_one_begins(world: World, leader: Client):
    page = leader.get("/centre/?mode=incident")
    assert page.status_code == 200
    assert "现在没有应急事件" in page.content.decode()


def test_an_emergency_shows_who_was_called_and_its_log(world: World, leader: Client):
    made, calls = called(world, resource(world, "供气抢修队"), resource(world, "义务消防队", steps=2))
    page = leader.get("/centre/?mode=incident")
    text = page.content.decode()
    assert made.title in text
    assert all(call.resource.name in text for call in calls)
    assert f'href="/incidents/{made.pk}/"' in text
    tiles = {tile.name: tile.value for tile in page.context["board"]["tiles"]}
    assert tiles["called"] == "2"
    assert page.context["map"]["told"]["focus"]["lon"] == incidents.SPOT[0]


def test_of_several_the_wanted_one_is_shown_and_the_gravest_otherwise(world: World):
    first, second = incident(world), incident(world, title="东塘村火灾", level=IncidentLevel.MAJOR)
    found = emergency(world.leader, AT + MINUTE)
    assert [choice.id for choice in found.choices if choice.is_current] == [found.board.incident.pk]
    for one in (first, second):
        shown = emergency(world.leader, AT + MINUTE, wanted=one.pk).board
        assert shown is not None
        assert shown.incident.pk == one.pk


def test_a_wanted_one_that_is_over_gives_way(world: World, leader: Client):
    made = incident(world)
    page = leader.get("/centre/?mode=incident&incident=0197c0de-0000-7000-8000-000000000000")
    assert made.title in page.content.decode()
    assert leader.get("/centre/?mode=incident&incident=nonsense").status_code == 200


def test_who_commands_none_sees_none(world: World):
    made = incident(world)
    page = signed_in(world, Role.SECRETARY).get("/centre/?mode=incident")
    assert made.title not in page.content.decode()


def test_the_incident_screen_costs_at_most_eight_statements(
    world: World, leader: Client, django_assert_max_num_queries: Any, settings: Any
):
    settings.CENTRE_KEPT_S = 0
    made, _calls = called(world, resource(world, "供气抢修队"), resource(world, "义务消防队", steps=2))
    follow_plan(made.pk, plan(world).pk, actor=world.leader, at=AT)
    leader.get("/centre/?mode=incident")
    with django_assert_max_num_queries(8):
        leader.get("/centre/?mode=incident")
