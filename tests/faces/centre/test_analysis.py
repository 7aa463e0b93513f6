"""The analysis screen: how much, where, of what kind, by which door, and which places come back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from gridloop.base.common.days import midnight
from gridloop.core.cases import actions
from gridloop.core.cases.labels import Channel
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.analysis import analysis
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, holder_of
from tests.faces.centre.conftest import report_at

pytestmark = pytest.mark.django_db
NOON = AT + 3 * HOUR  # AT is a Monday, nine in the morning


def test_an_empty_town_has_an_analysis_too(world: World):
    found = analysis(world.leader, NOON)
    assert (found.reported, found.closed, len(found.days)) == (0, 0, 30)
    assert (found.median, found.average, found.satisfied) == (None, None, None)
    assert (found.areas, found.categories, found.channels, found.repeated) == ([], [], [], [])


def test_each_day_of_the_period_has_its_numbers(world: World):
    today = midnight(localdate(AT))
    report_at(world, today)
    report_at(world, today - MINUTE)
    case = report_at(world, AT - DAY)
    actions.close_on_spot(case.pk, actor=world.worker, at=AT, note="已清扫")
    factories.closed(world, AT)
    found = analysis(world.leader, NOON)
    assert [(day.reported, day.closed) for day in found.days[-2:]] == [(2, 0), (2, 2)]


def test_parts_of_the_period_stand_beside_the_period_before(world: World):
    report_at(world, AT)
    report_at(world, AT - 40 * DAY)
    report_at(world, AT - 41 * DAY, channel=Channel.HOTLINE, region_id=world.town.other_village.pk)
    report_at(world, AT - 70 * DAY)  # before both
    found = analysis(world.leader, NOON)
    assert (found.reported, found.reported_before) == (1, 2)
    assert [(p.name, p.count, p.before) for p in found.areas] == [("柳桥村", 1, 1), ("东塘村", 0, 1)]
    assert [(p.name, p.count, p.before) for p in found.categories] == [("市容环境", 1, 2)]
    assert [(p.key, p.count, p.before) for p in found.channels] == [("grid", 1, 1), ("hotline", 0, 1)]


def test_a_case_without_a_category_comes_last_and_is_not_lost(world: World):
    factories.reported(world, category_id=None)
    factories.reported(world)
    assert [(p.key, p.count) for p in analysis(world.leader, NOON).categories][-1] == (None, 1)


def test_a_place_that_comes_back_three_times_for_the_same_is_told(world: World):
    for n in range(3):
        factories.reported(world, AT - n * DAY, lon=120.0051, lat=31.0051, region_id=None)
    for n in range(2):
        factories.reported(world, AT - n * DAY, lon=120.0151, lat=31.0051, region_id=None)
    (place,) = analysis(world.leader, NOON).repeated
    assert (place.category, place.count, place.place) == ("暴露垃圾", 3, "柳桥第1网格")
    assert abs(place.lon - 120.0051) < 0.0005


def test_handling_time_leaves_out_what_was_solved_on_the_spot(world: World):
    factories.closed(world, AT)  # registered after a minute, closed after six
    slow = factories.verified(world, AT)
    actions.close(slow.pk, actor=world.operator, at=AT + 21 * MINUTE)
    spot = factories.reported(world, AT)
    actions.close_on_spot(spot.pk, actor=world.worker, at=AT + 2 * HOUR, note="已清扫")
    found = analysis(world.leader, NOON)
    assert found.closed == 3
    assert found.average == timedelta(minutes=12, seconds=30)
    assert found.median == timedelta(minutes=12, seconds=30)


def test_satisfaction_is_the_share_of_ratings_that_are_at_least_fair(world: World):
    for score in (5, 3, 2):
        case = factories.closed(world, AT)
        actions.rate(case.pk, actor=holder_of(case), at=AT + HOUR, attitude=5, result=score)
    found = analysis(world.leader, NOON)
    assert (found.satisfied, found.ratings) == (pytest.approx(2 / 3), 3)


def test_of_a_case_that_was_rated_again_the_last_word_counts(world: World):
    case = factories.closed(world, AT)
    for hours, score in ((1, 1), (2, 4)):
        actions.rate(case.pk, actor=holder_of(case), at=AT + hours * HOUR, attitude=5, result=score)
    found = analysis(world.leader, NOON + HOUR)
    assert (found.satisfied, found.ratings) == (1.0, 1)


def test_ratings_older_than_the_period_are_left_out(world: World):
    case = factories.closed(world, AT)
    actions.rate(case.pk, actor=holder_of(case), at=AT + HOUR, attitude=5, result=5)
    assert analysis(world.leader, AT + 31 * DAY).ratings == 0


def test_a_village_secretary_analyses_the_own_village_alone(world: World):
    factories.reported(world)
    factories.reported(world, region_id=world.town.other_village.pk)
    secretary = world.actors[Role.SECRETARY]
    assert (analysis(secretary, NOON).reported, analysis(world.leader, NOON).reported) == (1, 2)


def test_the_analysis_costs_four_statements_however_many_cases(world: World, django_assert_num_queries: Any):
    factories.closed(world)
    analysis(world.leader, NOON)
    with django_assert_num_queries(4):
        analysis(world.leader, NOON)
    for n in range(4):
        factories.handling(world, AT + n * MINUTE)
        factories.closed(world, AT + n * MINUTE)
    with django_assert_num_queries(4):
        analysis(world.leader, timezone.now(), days=365)
