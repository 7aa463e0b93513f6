"""What the centre counts, for whom, and at what price."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gridloop.core.cases import actions
from gridloop.core.cases.workflow import State
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.figures import figures
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, holder_of

pytestmark = pytest.mark.django_db
NOON = AT + 3 * HOUR  # AT is a Monday, nine in the morning


def test_an_empty_town_has_figures_too(world: World):
    found = figures(world.leader, NOON)
    assert (found.open, found.late, found.reported_today, found.closed_today) == (0, 0, 0, 0)
    assert (found.median, found.average, found.satisfied) == (None, None, None)
    assert (len(found.days), found.late_units) == (30, [])


def test_today_is_counted_from_midnight_in_shanghai(world: World):
    factories.reported(world, AT)
    factories.reported(world, AT - DAY)
    factories.reported(world, AT - 9 * HOUR - MINUTE)  # a minute before midnight
    factories.closed(world, AT)
    found = figures(world.leader, NOON)
    assert (found.reported_today, found.closed_today) == (2, 1)
    assert [day.reported for day in found.days[-2:]] == [2, 2]


def test_open_cases_are_parted_by_state_category_and_community(world: World):
    factories.reported(world)
    factories.handling(world, region_id=world.town.other_village.pk)
    factories.closed(world)
    found = figures(world.leader, NOON)
    assert found.open == 2
    assert {(s.key, s.count) for s in found.by_state} == {(State.REPORTED, 1), (State.HANDLING, 1)}
    assert [(s.key, s.name, s.count) for s in found.by_category] == [(world.catalogue.main.pk, "市容环境", 2)]
    assert {(s.name, s.count) for s in found.by_community} == {("柳桥村", 1), ("东塘村", 1)}


def test_a_case_without_category_or_place_comes_last_and_is_not_lost(world: World):
    factories.reported(world, category_id=None, region_id=world.town.town.pk)
    factories.reported(world)
    found = figures(world.leader, NOON)
    assert [(s.key, s.count) for s in found.by_category][-1] == (None, 1)
    assert [(s.key, s.count) for s in found.by_community][-1] == (None, 1)


def test_late_and_due_today_follow_the_clocks(world: World):
    factories.handling(world)  # four working hours from 9:03: due at 14:03
    assert (figures(world.leader, NOON).late, figures(world.leader, NOON).due_today) == (0, 1)
    evening = figures(world.leader, AT + 8 * HOUR)
    assert (evening.late, evening.due_today) == (1, 0)
    assert [(unit.name, unit.count) for unit in evening.late_units] == [("综合执法局", 1)]


def test_handling_time_leaves_out_what_was_solved_on_the_spot(world: World):
    factories.closed(world, AT)  # registered after a minute, closed after six
    slow = factories.verified(world, AT)
    actions.close(slow.pk, actor=world.operator, at=AT + 21 * MINUTE)
    spot = factories.reported(world, AT)
    actions.close_on_spot(spot.pk, actor=world.worker, at=AT + 2 * HOUR, note="已清扫")
    found = figures(world.leader, NOON)
    assert found.closed_today == 3
    assert found.average == timedelta(minutes=12, seconds=30)
    assert found.median == timedelta(minutes=12, seconds=30)


def test_satisfaction_is_the_share_of_ratings_that_are_at_least_fair(world: World):
    for score in (5, 3, 2):
        case = factories.closed(world, AT)
        actions.rate(case.pk, actor=holder_of(case), at=AT + HOUR, attitude=5, result=score)
    found = figures(world.leader, NOON)
    assert (found.satisfied, found.ratings) == (pytest.approx(2 / 3), 3)


def test_of_a_case_that_was_rated_again_the_last_word_counts(world: World):
    case = factories.closed(world, AT)
    for hours, score in ((1, 1), (2, 4)):
        actions.rate(case.pk, actor=holder_of(case), at=AT + hours * HOUR, attitude=5, result=score)
    found = figures(world.leader, NOON + HOUR)
    assert (found.satisfied, found.ratings) == (1.0, 1)


def test_ratings_older_than_the_window_are_left_out(world: World):
    case = factories.closed(world, AT)
    actions.rate(case.pk, actor=holder_of(case), at=AT + HOUR, attitude=5, result=5)
    assert figures(world.leader, AT + 31 * DAY).ratings == 0


def test_a_village_secretary_counts_the_own_village_alone(world: World):
    factories.reported(world)
    factories.reported(world, region_id=world.town.other_village.pk)
    secretary = world.actors[Role.SECRETARY]
    assert (figures(secretary, NOON).open, figures(world.leader, NOON).open) == (1, 2)


def test_figures_cost_six_statements_however_many_cases(world: World, django_assert_num_queries: Any):
    factories.handling(world)
    figures(world.leader, NOON)
    with django_assert_num_queries(6):
        figures(world.leader, NOON)
    for n in range(4):
        factories.handling(world, AT + n * MINUTE)
        factories.closed(world, AT + n * MINUTE)
    with django_assert_num_queries(6):
        figures(world.leader, timezone.now())
