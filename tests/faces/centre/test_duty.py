"""The duty screen: what waits, what runs out, what is late and whose, and at what price."""

from typing import Any

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from gridloop.base.common.days import midnight
from gridloop.core.cases import actions
from gridloop.core.cases.workflow import State
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.duty import duty
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World
from tests.faces.centre.conftest import report_at

pytestmark = pytest.mark.django_db
NOON = AT + 3 * HOUR  # AT is a Monday, nine in the morning


def test_an_empty_town_has_a_screen_too(world: World):
    found = duty(world.leader, NOON)
    assert (found.open, found.late, found.reported_today, found.closed_today) == (0, 0, 0, 0)
    assert (found.queue, found.soon, found.overdue, found.late_units) == ([], [], [], [])


def test_today_is_counted_from_midnight_in_shanghai(world: World):
    report_at(world, midnight(localdate(AT)))
    report_at(world, midnight(localdate(AT)) - MINUTE)
    case = report_at(world, AT - DAY)
    actions.close_on_spot(case.pk, actor=world.worker, at=AT, note="已清扫")
    found = duty(world.leader, NOON)
    assert (found.reported_today, found.closed_today) == (1, 1)


def test_what_nobody_has_taken_up_waits_and_the_urgent_stands_first(world: World):
    reported = factories.reported(world, AT)
    registered = factories.registered(world, AT)
    dispatched = factories.dispatched(world, AT)
    factories.handling(world, AT)
    urgent = factories.reported(world, AT + HOUR)
    type(urgent).objects.filter(pk=urgent.pk).update(urgency="critical")
    waiting = duty(world.leader, NOON).queue
    assert waiting[0].number == urgent.number
    assert {w.number for w in waiting[1:]} == {reported.number, registered.number, dispatched.number}


def test_the_longest_queue_is_cut_and_each_state_keeps_its_part(world: World, monkeypatch: Any):
    monkeypatch.setattr("gridloop.faces.centre.duty.MOST_QUEUED", 3)
    for n in range(4):
        factories.reported(world, AT + n * MINUTE)
    factories.dispatched(world, AT)
    waiting = duty(world.leader, NOON).queue
    assert len(waiting) == 3
    assert [w.due_at for w in waiting] == sorted(w.due_at for w in waiting)


def test_clocks_say_what_runs_out_whose_it_is_and_where(world: World):
    case = factories.handling(world)  # four working hours from 9:03: due at 14:03
    (clock,) = duty(world.leader, NOON).soon
    assert (clock.number, clock.unit, str(clock.stage)) == (case.number, "综合执法局", "处置")
    assert clock.place == "柳桥第1网格"
    evening = duty(world.leader, AT + 8 * HOUR)
    assert [late.number for late in evening.overdue] == [case.number]
    assert [(unit.name, unit.count) for unit in evening.late_units] == [("综合执法局", 1)]


def test_a_clock_of_the_case_itself_is_the_centres(world: World):
    factories.reported(world)
    assert [clock.unit for clock in duty(world.leader, AT).soon] == ["指挥中心"]
    assert [(unit.key, unit.name, unit.count) for unit in duty(world.leader, AT + 7 * DAY).late_units] == [
        (0, "指挥中心", 1)
    ]


def test_late_and_due_today_follow_the_clocks(world: World):
    factories.handling(world)
    assert (duty(world.leader, NOON).late, duty(world.leader, NOON).due_today) == (0, 1)
    evening = duty(world.leader, AT + 8 * HOUR)
    assert (evening.late, evening.due_today) == (1, 0)


def test_a_confidential_case_shows_no_title_on_the_wall(world: World):
    factories.reported(world, is_confidential=True, description="王二麻子举报邻居")
    factories.handling(world, is_confidential=True, description="王二麻子举报邻居")
    found = duty(world.leader, NOON)
    assert {w.title for w in [*found.queue, *found.soon]} == {"保密件"}


def test_open_cases_are_parted_by_state_and_community(world: World):
    factories.reported(world)
    factories.handling(world, region_id=world.town.other_village.pk)
    factories.closed(world)
    found = duty(world.leader, NOON)
    assert {(s.key, s.count) for s in found.by_state} == {(State.REPORTED, 1), (State.HANDLING, 1)}
    assert {(s.name, s.count) for s in found.communities} == {("柳桥村", 1), ("东塘村", 1)}


def test_a_case_without_a_place_comes_last_and_is_not_lost(world: World):
    factories.reported(world, region_id=world.town.town.pk)
    factories.reported(world)
    found = duty(world.leader, NOON)
    assert [(s.key, s.count) for s in found.communities][-1] == (None, 1)


def test_a_village_secretary_sees_the_own_village_alone(world: World):
    mine = factories.reported(world)
    factories.reported(world, region_id=world.town.other_village.pk)
    found = duty(world.actors[Role.SECRETARY], NOON)
    assert (found.open, [w.number for w in found.queue]) == (1, [mine.number])


def test_a_drill_is_no_part_of_the_numbers(world: World):
    case = factories.reported(world)
    type(case).objects.filter(pk=case.pk).update(is_drill=True)
    found = duty(world.leader, NOON)
    assert (found.open, found.queue, found.reported_today) == (0, [], 0)


def test_the_duty_screen_costs_four_statements_however_many_cases(
    world: World, django_assert_num_queries: Any
):
    factories.handling(world)
    duty(world.leader, NOON)
    with django_assert_num_queries(4):
        duty(world.leader, NOON)
    for n in range(4):
        factories.handling(world, AT + n * MINUTE)
        factories.closed(world, AT + n * MINUTE)
        actions.report(factories.intake(world), actor=world.operator, at=AT)
    with django_assert_num_queries(4):
        duty(world.leader, timezone.now())
