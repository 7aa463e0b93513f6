import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import process_time
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.worktime import CalendarMissing, LimitUnit, WorkTime
from tests.conftest import shared_data

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = [(time(9), time(12)), (time(13, 30), time(18))]
DAY_MINUTES = 450
MINUTE, WORKING_HOUR, WORKING_DAY, DAY = LimitUnit


def dates(start: date, end: date) -> list[date]:
    return [start + timedelta(n) for n in range((end - start).days + 1)]


DAYS = {d: chinese_calendar.is_workday(d) for d in dates(date(2024, 1, 1), date(2026, 12, 31))}
WORK = WorkTime(DAYS, HOURS, ZONE)

# Room enough on both sides that no answer leaves the calendar.
spring, summer = datetime(2024, 3, 1), datetime(2026, 6, 1)  # noqa: DTZ001 - the zone is added below
moments = st.datetimes(spring, summer).map(lambda d: d.replace(tzinfo=ZONE))
minutes = moments.map(lambda d: d.replace(second=0, microsecond=0))
units = st.sampled_from(LimitUnit)
amounts = st.integers(0, 60)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def due(start: str, amount: int, unit: LimitUnit, work: WorkTime = WORK) -> str:
    return work.due(local(start), amount, unit).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-09-01 23:50", 15, MINUTE, "2026-09-02 00:05"),
        # Working hours skip lunch, evenings and weekends, and end at closing time rather than next morning.
        ("2026-09-01 09:00", 4, WORKING_HOUR, "2026-09-01 14:30"),
        ("2026-09-01 11:00", 1, WORKING_HOUR, "2026-09-01 12:00"),
        ("2026-09-04 17:00", 1, WORKING_HOUR, "2026-09-04 18:00"),
        ("2026-09-04 17:00", 2, WORKING_HOUR, "2026-09-07 10:00"),
        ("2026-09-05 03:00", 2, WORKING_HOUR, "2026-09-07 11:00"),
        # The day of the start is day 0, early or late, worked or not.
        ("2026-09-01 00:01", 1, WORKING_DAY, "2026-09-02 18:00"),
        ("2026-09-01 23:59", 1, WORKING_DAY, "2026-09-02 18:00"),
        ("2026-09-05 10:00", 1, WORKING_DAY, "2026-09-07 18:00"),
        ("2026-09-01 10:00", 0, WORKING_DAY, "2026-09-01 18:00"),
        ("2026-09-01 20:00", 0, WORKING_DAY, "2026-09-02 18:00"),
        # Calendar days end at 24:00, on a holiday too.
        ("2026-09-01 10:00", 1, DAY, "2026-09-03 00:00"),
        ("2026-09-01 10:00", 30, DAY, "2026-10-02 00:00"),
    ],
)
def test_a_limit_ends_when_its_unit_says(start, amount, unit, end):
    assert due(start, amount, unit) == end


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        # 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October worked.
        ("2026-09-18 10:00", 1, "2026-09-20 18:00"),
        ("2026-09-30 10:00", 1, "2026-10-08 18:00"),
        ("2026-10-09 10:00", 1, "2026-10-10 18:00"),
        # 2025: 28 January to 4 February off, Sunday 26 January and Saturday 8 February worked.
        ("2025-01-24 10:00", 1, "2025-01-26 18:00"),
        ("2025-01-27 10:00", 1, "2025-02-05 18:00"),
        ("2025-02-07 10:00", 1, "2025-02-08 18:00"),
    ],
)
def test_make_up_days_are_worked_and_holidays_are_not(start, amount, end):
    assert due(start, amount, WORKING_DAY) == end
    assert due(start[:10] + " 18:00", 1, WORKING_HOUR) == end[:10] + " 10:00"


def test_a_year_without_a_calendar_is_loud_and_named():
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2027, 1, 4))
    for unit in (WORKING_HOUR, WORKING_DAY):
        with pytest.raises(CalendarMissing) as refusal:
            WORK.due(local("2026-12-30 10:00"), 20, unit)
        assert refusal.value.code == "calendar-missing"
        assert refusal.value.detail == {"year": 2027, "day": "2027-01-01"}
        assert "2027" in refusal.value.message


@pytest.mark.parametrize("unit", [WORKING_HOUR, WORKING_DAY])
def test_no_question_reaches_outside_the_calendar(unit):
    inside, before, after = local("2025-05-01 10:00"), local("2023-12-31 10:00"), local("2027-01-01 10:00")
    for ask in (
        lambda: WORK.due(before, 1, unit),
        lambda: WORK.due(after, 1, unit),
        lambda: WORK.remaining(inside, after, unit),
        lambda: WORK.remaining(before, inside, unit),
        lambda: WORK.remaining(inside, before, unit),
        lambda: WORK.resume(inside, -1_000_000, unit),
        lambda: WORK.resume(inside, 1_000_000, unit),
        lambda: WORK.working_minutes(before, inside),
        lambda: WORK.is_working(after),
        lambda: WorkTime({}, HOURS, ZONE).due(inside, 1, unit),
    ):
        with pytest.raises(CalendarMissing):
            ask()


def test_minutes_and_days_need_no_calendar():
    assert due("2027-01-31 10:00", 1, DAY) == "2027-02-02 00:00"
    assert due("2027-01-31 10:00", 5, MINUTE) == "2027-01-31 10:05"
    assert WORK.remaining(local("2027-01-31 10:00"), local("2027-02-02 00:00"), DAY) == 1


@pytest.mark.parametrize("unit", [WORKING_HOUR, WORKING_DAY])
def test_a_gap_is_found_wherever_the_answer_crosses_it(unit):
    work = WorkTime({d: w for d, w in DAYS.items() if d != date(2026, 9, 5)}, HOURS, ZONE)
    assert work.due(local("2026-09-03 10:00"), 1, unit) == WORK.due(local("2026-09-03 10:00"), 1, unit)
    for ask in (
        lambda: work.due(local("2026-09-03 10:00"), 20, unit),
        lambda: work.resume(local("2026-09-08 10:00"), -20 * 60 if unit == WORKING_HOUR else -3, unit),
        lambda: work.remaining(local("2026-09-03 10:00"), local("2026-09-08 10:00"), unit),
        lambda: work.remaining(local("2026-09-08 10:00"), local("2026-09-03 10:00"), unit),
    ):
        with pytest.raises(CalendarMissing, match="2026-09-05"):
            ask()


def test_the_state_council_schedule_agrees_with_the_library():
    for year in (2024, 2025, 2026):
        for day in json.loads(shared_data(f"holidays/{year}.json").read_text())["days"]:
            assert DAYS.get(date.fromisoformat(day["date"])) in (None, not day["isOffDay"]), day


def test_hours_may_change_with_the_season():
    summer = [(time(9), time(12)), (time(14), time(18))]
    work = WorkTime(DAYS, {date(2026, 5, 1): summer, date(2026, 1, 1): HOURS, date(2026, 10, 1): HOURS}, ZONE)
    assert due("2026-04-29 17:30", 4, WORKING_HOUR, work) == "2026-04-30 14:00"
    assert due("2026-06-01 09:00", 4, WORKING_HOUR, work) == "2026-06-01 15:00"
    assert due("2025-06-02 09:00", 4, WORKING_HOUR, work) == "2025-06-03 14:30"


def test_a_shift_may_last_till_midnight():
    work = WorkTime(DAYS, [(time(0), time(0))], ZONE)
    assert due("2026-09-04 23:00", 2, WORKING_HOUR, work) == "2026-09-07 01:00"
    assert due("2026-09-03 23:00", 1, WORKING_DAY, work) == "2026-09-05 00:00"
    end = work.due(local("2026-09-03 23:00"), 1, WORKING_DAY)
    assert work.remaining(local("2026-09-03 10:00"), end, WORKING_DAY) == 1
    assert work.extend(end, 1, WORKING_DAY) == local("2026-09-08 00:00")


@pytest.mark.parametrize(
    "hours",
    [
        [],
        {},
        [(time(12), time(9))],
        [(time(9), time(12)), (time(11), time(13))],
        [(time(13), time(18)), (time(9), time(12))],
    ],
)
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(ValueError, match="working hours"):
        WorkTime(DAYS, hours, ZONE)


def test_a_moment_without_a_zone_and_a_negative_limit_are_refused():
    with pytest.raises(ValueError, match="zone"):
        WORK.due(datetime(2026, 9, 1), 1, DAY)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="negative"):
        WORK.due(local("2026-09-01"), -1, DAY)


def test_an_extension_counts_from_the_day_that_the_limit_ends():
    assert WORK.extend(local("2026-09-03 00:00"), 1, DAY) == local("2026-09-04 00:00")
    assert WORK.extend(local("2026-09-04 18:00"), 1, WORKING_DAY) == local("2026-09-07 18:00")
    assert WORK.extend(local("2026-09-04 18:00"), 1, WORKING_HOUR) == local("2026-09-07 10:00")


def test_work_is_done_inside_the_hours_of_a_worked_day():
    assert WORK.is_working(local("2026-10-10 09:00"))  # a Saturday that makes up
    assert not WORK.is_working(local("2026-10-10 12:00"))
    assert not WORK.is_working(local("2026-10-10 08:59"))
    assert not WORK.is_working(local("2026-10-01 10:00"))
    assert WORK.date_of(datetime(2026, 10, 9, 16, tzinfo=UTC)) == date(2026, 10, 10)


@pytest.mark.parametrize(
    ("at", "end", "unit", "left"),
    [
        ("2026-09-01 10:00:30", "2026-09-01 10:02:00", MINUTE, 1),
        ("2026-09-01 10:00:30", "2026-09-01 10:00:00", MINUTE, -1),
        ("2026-09-04 17:30", "2026-09-07 09:30", WORKING_HOUR, 60),
        ("2026-09-07 09:30", "2026-09-04 17:30", WORKING_HOUR, -60),
        ("2026-09-05 10:00", "2026-09-04 18:00", WORKING_HOUR, -1),  # overdue though nothing was worked since
        ("2026-09-04 10:00", "2026-09-08 18:00", WORKING_DAY, 2),
        ("2026-09-08 17:59", "2026-09-08 18:00", WORKING_DAY, 0),
        ("2026-09-08 18:01", "2026-09-08 18:00", WORKING_DAY, -1),
        ("2026-09-10 09:00", "2026-09-08 18:00", WORKING_DAY, -2),
        ("2026-09-09 18:01", "2026-09-08 18:00", WORKING_DAY, -2),  # the closings of the 8th and the 9th
        ("2026-09-12 10:00", "2026-09-11 18:00", WORKING_DAY, -1),
        ("2026-09-08 23:59", "2026-09-09 00:00", DAY, 0),
        ("2026-09-09 00:01", "2026-09-09 00:00", DAY, -1),
        ("2026-09-01 00:00", "2026-09-09 00:00", DAY, 7),
    ],
)
def test_what_remains_is_below_zero_once_it_is_overdue(at, end, unit, left):
    assert WORK.remaining(local(at), local(end), unit) == left


def test_a_limit_that_was_overdue_stays_overdue_after_a_pause():
    for unit in LimitUnit:
        left = WORK.remaining(local("2026-09-10 09:30"), WORK.due(local("2026-09-01 10:00"), 1, unit), unit)
        resumed = local("2026-09-21 09:30")
        assert left < 0
        assert WORK.resume(resumed, left, unit) < resumed
        assert WORK.remaining(resumed, WORK.resume(resumed, left, unit), unit) == left


@given(start=moments, amount=amounts, unit=units)
def test_at_the_start_the_whole_limit_remains_and_resuming_gives_its_end(start, amount, unit):
    end = WORK.due(start, amount, unit)
    left = WORK.remaining(start, end, unit)
    assert end >= start
    assert end.tzinfo is UTC
    if amount or unit != WORKING_DAY:
        assert left == (amount * 60 if unit == WORKING_HOUR else amount)
    assert WORK.resume(start, left, unit) == end


@given(start=minutes, pause=minutes, amount=amounts, unit=units)
def test_resuming_at_the_moment_of_the_pause_changes_nothing(start, pause, amount, unit):
    # A limit of no working hours ends at its start, which may lie outside them and then is no end of any work.
    end = WORK.due(start, amount or int(unit == WORKING_HOUR), unit)
    left = WORK.remaining(pause, end, unit)
    assert (left < 0) == (end < pause)
    resumed = WORK.resume(pause, left, unit)
    is_midnight = unit == DAY and pause == end
    is_just_past = unit == WORKING_HOUR and end < pause and not WORK.working_minutes(end, pause)
    if not (is_midnight or is_just_past):
        assert resumed == end
    assert (resumed < pause) == (left < 0)
    assert WORK.remaining(pause, resumed, unit) == left


@pytest.mark.parametrize(
    "at", ["2026-09-08 18:01", "2026-09-08 23:59", "2026-09-12 10:00", "2026-10-04 09:00"]
)
def test_a_working_day_limit_missed_before_an_evening_or_a_holiday_is_the_same_after_a_pause_of_no_time(at):
    for end in ("2026-09-03 18:00", "2026-09-08 18:00"):
        left = WORK.remaining(local(at), local(end), WORKING_DAY)
        assert WORK.resume(local(at), left, WORKING_DAY) == local(end)


@pytest.mark.parametrize(
    ("pause", "end", "unit", "resumed"),
    [
        # 24:00 belongs to the day that ends; a pause at that very moment begins with the day after it.
        ("2026-09-09 00:00", "2026-09-09 00:00", DAY, "2026-09-10 00:00"),
        # Passed at closing time and nothing worked since: the smallest debt is a minute.
        ("2026-09-05 10:00", "2026-09-04 18:00", WORKING_HOUR, "2026-09-04 17:59"),
    ],
)
def test_what_whole_numbers_cannot_tell_is_a_day_in_favour_or_a_minute_against(pause, end, unit, resumed):
    left = WORK.remaining(local(pause), local(end), unit)
    assert WORK.resume(local(pause), left, unit) == local(resumed)


@given(start=moments, later=moments, amount=amounts, unit=units)
def test_starting_later_or_being_given_more_never_ends_earlier(start, later, amount, unit):
    first, last = sorted((start, later))
    assert WORK.due(first, amount, unit) <= WORK.due(last, amount, unit)
    assert WORK.due(start, amount, unit) <= WORK.due(start, amount + 1, unit)


@given(at=moments, ends=st.lists(moments, min_size=2, max_size=4), unit=units)
def test_more_remains_of_a_limit_that_ends_later(at, ends, unit):
    left = [WORK.remaining(at, end, unit) for end in sorted(ends)]
    assert all(a <= b for a, b in pairwise(left))


def brute_is_worked(minute: datetime) -> bool:
    there = minute.astimezone(ZONE)
    return DAYS[there.date()] and any(a <= there.time() < b for a, b in HOURS)


@given(start=minutes, length=st.integers(0, 9 * 24 * 60))
def test_working_minutes_agree_with_counting_them_one_by_one(start, length):
    begin = start.astimezone(UTC)
    counted = sum(brute_is_worked(begin + timedelta(minutes=n)) for n in range(length))
    end = begin + timedelta(minutes=length)
    assert WORK.working_minutes(start, end) == counted
    assert WORK.working_minutes(end, start) == -counted
    assert WORK.is_working(start) == brute_is_worked(start)


@given(start=minutes, amount=st.integers(1, 16))
def test_working_hours_end_where_counting_the_minutes_one_by_one_ends(start, amount):
    minute, counted = start.astimezone(UTC), 0
    while counted < amount * 60:
        counted += brute_is_worked(minute)
        minute += timedelta(minutes=1)
    assert WORK.due(start, amount, WORKING_HOUR) == minute


@given(start=minutes, amount=st.integers(1, 40))
def test_working_days_end_where_counting_the_days_one_by_one_ends(start, amount):
    day, counted = start.astimezone(ZONE).date(), 0
    while counted < amount:
        day += timedelta(1)
        counted += DAYS[day]
    assert WORK.due(start, amount, WORKING_DAY) == datetime.combine(day, time(18), ZONE)


def test_fifty_thousand_limits_a_second_are_no_trouble():
    start, count = local("2025-03-05 16:40"), 20_000
    began = process_time()
    for n in range(count):
        WORK.due(start, n % 50, WORKING_HOUR)
    # Far below what is usual, so that a busy machine does not fail the test.
    assert count / (process_time() - began) > 25_000
