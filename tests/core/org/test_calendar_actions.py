"""The work calendar is filled from what was announced, corrected by hand, and never guessed."""

import json
from datetime import date, time

import pytest

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org import actions
from gridloop.core.org.actions.calendar import BY_HAND, ScheduleNotAnnounced
from gridloop.core.org.models import CalendarDay, WorkingHours
from tests.conftest import shared_data

pytestmark = pytest.mark.django_db


def schedule(year):
    return json.loads(shared_data(f"holidays/{year}.json").read_text())


def is_workday(*ymd):
    return CalendarDay.objects.get(pk=date(*ymd)).is_workday


def test_a_year_is_filled_day_by_day_with_holidays_and_make_up_days():
    filled = actions.fill_calendar(2026)
    assert (filled.written, CalendarDay.objects.of_year(2026).count()) == (365, 365)
    assert not is_workday(2026, 10, 1)
    assert is_workday(2026, 10, 10)  # a Saturday that makes up for the National Day week
    assert CalendarDay.objects.get(pk=date(2026, 10, 1)).name == "国庆节"


def test_filling_again_changes_nothing():
    actions.fill_calendar(2026)
    assert (actions.fill_calendar(2026).written, actions.fill_calendar(2026).unchanged) == (0, 365)


def test_a_year_that_is_not_announced_is_refused_aloud():
    with pytest.raises(ScheduleNotAnnounced, match="2027 年的放假调休安排尚未公布，不能推算"):
        actions.fill_calendar(2027)
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_announced_schedule_and_the_library_agree(year):
    actions.fill_calendar(year)
    before = dict(CalendarDay.objects.of_year(year).values_list("date", "is_workday"))
    actions.import_calendar(schedule(year))
    assert dict(CalendarDay.objects.of_year(year).values_list("date", "is_workday")) == before


def test_an_empty_schedule_is_no_schedule():
    with pytest.raises(ScheduleNotAnnounced):
        actions.import_calendar(schedule(2027))


@pytest.mark.parametrize(
    "broken",
    [{}, {"year": 2026}, {"year": 2026, "days": [{"date": "2026-13-01", "name": "x", "isOffDay": True}]}],
)
def test_a_file_of_another_shape_is_refused(broken):
    with pytest.raises(InvalidInput, match="无法读取节假日文件"):
        actions.import_calendar(broken)


def test_an_off_day_is_true_or_false_and_nothing_like_it():
    with pytest.raises(InvalidInput, match="isOffDay"):
        actions.import_calendar(
            {"year": 2026, "days": [{"date": "2026-01-01", "name": "元旦", "isOffDay": "no"}]}
        )


def test_a_day_set_by_hand_survives_every_load():
    actions.fill_calendar(2026)
    actions.set_day(date(2026, 6, 1), is_workday=False, name="镇运动会")
    assert actions.fill_calendar(2026).kept_by_hand == 1
    row = CalendarDay.objects.get(pk=date(2026, 6, 1))
    assert (row.is_workday, row.source) == (False, BY_HAND)


def test_working_hours_replace_what_was_planned_for_that_date():
    day = date(2026, 7, 1)
    actions.set_working_hours([(time(9), time(12))], valid_from=day)
    actions.set_working_hours([(time(14), time(18)), (time(9), time(12))], valid_from=day)
    assert [str(row) for row in WorkingHours.objects.order_by("starts")] == ["09:00-12:00", "14:00-18:00"]


@pytest.mark.parametrize(
    "intervals", [[], [(time(12), time(9))], [(time(9), time(12)), (time(11), time(15))]]
)
def test_empty_backward_or_overlapping_hours_are_refused(intervals):
    with pytest.raises(InvalidInput, match="互不重叠"):
        actions.set_working_hours(intervals, valid_from=date(2026, 7, 1))
