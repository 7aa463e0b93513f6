"""How much time is left, in the words in which the limit is counted."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gridloop.base.common.worktime import LimitUnit, WorkTime
from gridloop.core.cases.due import clock_due, due
from gridloop.core.cases.models import Clock
from gridloop.core.catalogue.stages import Stage

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
DAYS = {MONDAY + timedelta(days=n): (MONDAY + timedelta(days=n)).weekday() < 5 for n in range(28)}
WORK = WorkTime(DAYS, [(time(9), time(12)), (time(13), time(18))], SHANGHAI)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "end", "text", "tone"),
    [
        (at(2, 9), at(2, 9, 30), "剩 30分钟", "soon"),
        (at(2, 9), at(2, 12), "剩 3工时", "soon"),
        (at(2, 9), at(2, 18), "剩 8工时", "ok"),
        (at(2, 22), at(3, 9, 30), "剩不到1工时", "soon"),
        (at(6, 17), at(9, 10), "剩 2工时", "soon"),  # over a weekend
        (at(2, 9), at(6, 18), "剩 4个工作日", "ok"),
        (at(2, 9), at(2, 8, 50), "超期 10分钟", "late"),
        (at(3, 11), at(2, 9), "超期 1天2小时", "late"),
        (at(9, 9), at(2, 9), "超期 7天", "late"),
    ],
)
def test_a_case_says_how_much_working_time_is_left(now, end, text, tone):
    found = due(end, now, WORK)
    assert (found.text, found.tone) == (text, tone)


def test_a_case_without_a_deadline_says_nothing():
    assert due(None, at(2, 9), WORK) is None


def test_beyond_the_calendar_the_plain_time_is_said_and_no_page_fails():
    assert due(at(31, 9), at(2, 9), WORK).text == "剩 29天0小时"


def clock(unit: LimitUnit, end: datetime, **fields) -> Clock:
    return Clock(stage=Stage.HANDLE, unit=unit, amount=1, started_at=at(2, 9), due_at=end, **fields)


@pytest.mark.parametrize(
    ("unit", "end", "text"),
    [
        (LimitUnit.MINUTE, at(2, 9, 45), "剩 45分钟"),
        (LimitUnit.WORKING_HOUR, at(3, 10), "剩 9工时"),
        (LimitUnit.WORKING_DAY, at(2, 18), "今天到期"),
        (LimitUnit.WORKING_DAY, at(9, 18), "剩 5个工作日"),
        (LimitUnit.DAY, at(5, 0), "剩 2天"),
    ],
)
def test_a_clock_speaks_in_its_own_unit(unit, end, text):
    assert clock_due(clock(unit, end), at(2, 9), WORK).text == text


def test_a_clock_that_is_paused_says_what_it_keeps():
    paused = clock(LimitUnit.WORKING_DAY, at(9, 18), paused_at=at(3, 9), remaining=4)
    found = clock_due(paused, at(20, 9), WORK)
    assert (found.tone, found.text) == ("still", "已暂停，恢复后剩 4个工作日")


def test_a_clock_that_was_late_when_paused_says_so():
    paused = clock(LimitUnit.WORKING_DAY, at(2, 18), paused_at=at(5, 9), remaining=-2)
    assert clock_due(paused, at(20, 9), WORK).text == "已暂停，恢复后已超期"
