"""
When a time limit ends, counted in minutes, working hours, working days or calendar days.

Pure: a `WorkTime` is built from a calendar and asked; it never reads a clock, and it never guesses a day that
the calendar does not hold.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError

Hours: TypeAlias = Sequence[tuple[time, time]]

_MINUTE = timedelta(minutes=1)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US


class LimitUnit(StrEnum):
    """What a time limit is counted in: 分钟, 工作时, 工作日, 日."""

    MINUTE = "minute"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    DAY = "day"


class CalendarMissing(DomainError):
    """The answer depends on a day of which nobody has said whether it is worked."""

    code = "calendar-missing"

    def __init__(self, day: date) -> None:
        super().__init__(
            _(
                "工作日历缺少 %(day)s，无法计算期限。请在“管理”的“工作日历”中补全 %(year)d 年，"
                "或等国务院办公厅公布放假安排后导入。"
            )
            % {"day": day.isoformat(), "year": day.year},
            year=day.year,
            day=day.isoformat(),
        )


class _Shift:
    """The working hours of one kind of day, in microseconds after its midnight."""

    __slots__ = ("before", "close", "ends", "length", "starts")

    def __init__(self, hours: Hours) -> None:
        spans = [(_us(starts), _us(ends) or _DAY_US) for starts, ends in hours]  # an end at 00:00 means 24:00
        backwards = any(starts >= ends for starts, ends in spans)
        if not spans or backwards or any(a[1] > b[0] for a, b in pairwise(spans)):
            raise ValueError(f"working hours must be in order and must not overlap: {hours}")
        self.starts = [starts for starts, _ends in spans]
        self.ends = [ends for _starts, ends in spans]
        self.before = [0, *accumulate(ends - starts for starts, ends in spans)]
        self.length = self.before[-1]
        self.close = self.ends[-1]

    def worked(self, moment: int) -> int:
        """Return the working time from midnight to `moment`."""
        i = bisect_right(self.starts, moment) - 1
        return 0 if i < 0 else self.before[i] + min(moment, self.ends[i]) - self.starts[i]

    def moment(self, worked: int) -> int:
        """Return the earliest moment by which `worked` (more than 0) has been worked."""
        i = bisect_left(self.before, worked) - 1
        return self.starts[i] + worked - self.before[i]

    def is_open(self, moment: int) -> bool:
        i = bisect_right(self.starts, moment) - 1
        return i >= 0 and moment < self.ends[i]


class WorkTime:
    """
    The arithmetic of time limits over one work calendar.

    Instants go in and come out as aware datetimes, out always in UTC. A day begins and ends at midnight in
    `zone`; working time is read off the wall clock there. Every question takes a few list look-ups.
    """

    def __init__(
        self, days: Mapping[date, bool], hours: Hours | Mapping[date, Hours], zone: ZoneInfo
    ) -> None:
        """
        Prepare the calendar.

        :param days: date → whether it is worked. Make-up days are worked, holidays are not; a date that is
            not in here raises `CalendarMissing` as soon as an answer depends on it.
        :param hours: the working hours of a worked day, in order, as (from, to); a "to" of 00:00 means 24:00.
            Where they change with the season, a mapping from the date on which they come into force; the
            earliest also serve for the days before it.
        :raises ValueError: hours are missing, overlap or are out of order.
        """
        self.zone = zone
        ordinals = sorted(day.toordinal() for day in days)
        self._first = ordinals[0] if ordinals else date.max.toordinal()
        self._size = ordinals[-1] - self._first + 1 if ordinals else 0
        span = [date.fromordinal(self._first + i) for i in range(self._size)]
        worked = [days.get(day, False) for day in span]
        self._gaps = [self._first + i for i, day in enumerate(span) if day not in days]
        self._shifts = [*_shifts(span, hours)]
        # _days_before[i] and _us_before[i] are what is worked before the i-th day of the span.
        self._days_before = [0, *accumulate(int(is_worked) for is_worked in worked)]
        lengths = (s.length if is_worked else 0 for s, is_worked in zip(self._shifts, worked, strict=True))
        self._us_before = [0, *accumulate(lengths)]
        self._workdays = [self._first + i for i, is_worked in enumerate(worked) if is_worked]

    # asking ------------------------------------------------------------------------------------------------

    def due(self, start: datetime, amount: int, unit: LimitUnit) -> datetime:
        """
        Return the moment at which a limit of `amount` units that starts at `start` ends.

        - MINUTE: that many minutes on, day and night.
        - WORKING_HOUR: when that many hours have been worked; the earliest such moment, so a limit that is
          used up at closing time ends then and not on the next morning.
        - WORKING_DAY: closing time of the n-th working day after the day of `start`. The day of `start` is
          not counted, worked or not, early or late.
        - DAY: 24:00 of the n-th day after the day of `start`, whether or not that is a holiday.

        依据: 民法典 §201 (开始的当日不计入，自下一日开始计算；按小时的自约定时间起算), §203
        (截止时间为二十四时，有业务时间的为停止业务活动的时间). The roll of a last day that is a holiday
        (§203 第一款) is left out: the limits of a service catalogue are promised days, which a town states
        in working days where it means them.

        A limit of 0 ends at the first such end that is not before `start`.

        :raises CalendarMissing: a day in between is not in the calendar (never for MINUTE and DAY).
        :raises ValueError: `amount` is negative.
        """
        if amount < 0:
            raise ValueError(f"a time limit cannot be negative: {amount}")
        return self.resume(start, amount * 60 if unit == LimitUnit.WORKING_HOUR else amount, unit)

    def extend(self, due: datetime, amount: int, unit: LimitUnit) -> datetime:
        """
        Return the new end of a limit that ends at `due` and is extended by `amount` units.

        Unlike `due(due, …)` this knows that an end at 24:00 belongs to the day that it ends.
        """
        is_by_day = unit in (LimitUnit.DAY, LimitUnit.WORKING_DAY)
        return self.due(due - _MICROSECOND if is_by_day else due, amount, unit)

    def remaining(self, at: datetime, due: datetime, unit: LimitUnit) -> int:
        """
        Return what is left at `at` of a limit that ends at `due`; below 0 exactly where `due` has passed.

        Minutes for MINUTE, working minutes for WORKING_HOUR, both rounded down; whole working days after
        today for WORKING_DAY and whole days after today for DAY, so that 0 means "today". A WORKING_DAY that
        has passed is counted in closing times: -1 is the last one before `at`.

        :raises CalendarMissing: a day in between is not in the calendar (never for MINUTE and DAY).
        """
        left = self._left(at, due, unit)
        return min(left, -1) if due < at else max(left, 0)

    def resume(self, at: datetime, remaining: int, unit: LimitUnit) -> datetime:
        """
        Return the end of a limit of which `remaining` is left when it runs on from `at`: undoes `remaining`.

        What was overdue stays overdue by as much: a `remaining` below 0 gives an end before `at`. Resuming at
        the moment of the pause gives the very end that `due` gave, but for what whole numbers cannot tell: an
        end at this midnight from one at the next (DAY), and one just passed from one a working minute ago.

        :param remaining: as `remaining()` returned it.
        :raises CalendarMissing: a day in between is not in the calendar (never for MINUTE and DAY).
        """
        match unit:
            case LimitUnit.MINUTE:
                return at.astimezone(UTC) + remaining * _MINUTE
            case LimitUnit.WORKING_HOUR:
                return self._after_work(at, remaining * _MINUTE_US)
            case LimitUnit.WORKING_DAY:
                return self._close_of(self._workday(at, remaining))
            case LimitUnit.DAY:
                return self._instant(self._local(at)[0] + remaining + 1, 0)

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """
        Return the whole minutes worked from `start` to `end`; negative where `end` comes first.

        :raises CalendarMissing: a day in between is not in the calendar.
        """
        return self._worked(start, end) // _MINUTE_US

    def is_working(self, at: datetime) -> bool:
        """
        Return whether work is done at this moment; closing time itself is not worked.

        :raises CalendarMissing: its day is not in the calendar.
        """
        day, moment = self._local(at)
        i = self._index(day)
        return self._is_workday(i) and self._shifts[i].is_open(moment)

    def date_of(self, at: datetime) -> date:
        """Return the local date of a moment."""
        return at.astimezone(self.zone).date()

    # counting ----------------------------------------------------------------------------------------------

    def _left(self, at: datetime, due: datetime, unit: LimitUnit) -> int:
        match unit:
            case LimitUnit.MINUTE:
                return (due - at) // _MINUTE
            case LimitUnit.WORKING_HOUR:
                return self.working_minutes(at, due)
            case LimitUnit.WORKING_DAY:
                left = self._workdays_until(self._last_day(due)) - self._workdays_until_checked(at, due)
                return left - 1 if due < at and self._is_over(*self._local(at)) else left
            case LimitUnit.DAY:
                return self._last_day(due) - self._local(at)[0]

    def _workdays_until(self, day: int) -> int:
        return self._days_before[self._index(day) + 1]

    def _workdays_until_checked(self, at: datetime, due: datetime) -> int:
        day = self._local(at)[0]
        self._check(day, self._last_day(due))
        return self._workdays_until(day)

    def _worked(self, start: datetime, end: datetime) -> int:
        """Return the microseconds worked from `start` to `end`."""
        first, last = self._local(start), self._local(end)
        self._check(first[0], last[0])
        return self._position(*last) - self._position(*first)

    def _position(self, day: int, moment: int) -> int:
        """Return the microseconds worked from the beginning of the calendar."""
        i = self._index(day)
        return self._us_before[i] + (self._shifts[i].worked(moment) if self._is_workday(i) else 0)

    def _after_work(self, at: datetime, amount: int) -> datetime:
        """Return the earliest moment by which `amount` microseconds (below 0: back) are worked."""
        start, moment = self._local(at)
        position = self._position(start, moment) + amount
        if amount == 0:
            return at.astimezone(UTC)
        if position <= 0:
            raise CalendarMissing(date.fromordinal(self._first - 1))
        i = bisect_left(self._us_before, position) - 1
        if i >= self._size:
            raise CalendarMissing(date.fromordinal(self._first + self._size))
        self._check(start, self._first + i)
        return self._instant(self._first + i, self._shifts[i].moment(position - self._us_before[i]))

    def _workday(self, at: datetime, n: int) -> int:
        """Return the n-th working day after the day of `at`; today, or the next if it is over, for 0."""
        start, moment = self._local(at)
        # Once today's work is over, 0 is the next closing time and -1 the one just past.
        step = n + 1 if n <= 0 and self._is_over(start, moment) else n
        number = self._workdays_until(start) - 1 + step
        if number < 0:
            raise CalendarMissing(date.fromordinal(self._first - 1))
        if number >= len(self._workdays):
            self._check(start, self._first + self._size)
        self._check(start, self._workdays[number])
        return self._workdays[number]

    # days --------------------------------------------------------------------------------------------------

    def _is_workday(self, i: int) -> bool:
        return self._days_before[i + 1] > self._days_before[i]

    def _is_over(self, day: int, moment: int) -> bool:
        i = self._index(day)
        return not self._is_workday(i) or moment > self._shifts[i].close

    def _index(self, day: int) -> int:
        self._check(day, day)
        return day - self._first

    def _check(self, one: int, other: int) -> None:
        """Raise unless every day from one to the other, both included, is in the calendar."""
        start, end = (one, other) if one <= other else (other, one)
        if start < self._first:
            raise CalendarMissing(date.fromordinal(start))
        gap = bisect_left(self._gaps, start)
        if gap < len(self._gaps) and self._gaps[gap] <= end:
            raise CalendarMissing(date.fromordinal(self._gaps[gap]))
        if end >= self._first + self._size:
            raise CalendarMissing(date.fromordinal(max(start, self._first + self._size)))

    def _last_day(self, due: datetime) -> int:
        """Return the day that an end belongs to: 24:00 is still the day before."""
        return self._local(due - _MICROSECOND)[0]

    def _local(self, at: datetime) -> tuple[int, int]:
        """Return the local day as an ordinal, and the microseconds after its midnight."""
        if at.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {at}")
        local = at.astimezone(self.zone)
        return local.toordinal(), _us(local.time())

    def _close_of(self, day: int) -> datetime:
        return self._instant(day, self._shifts[day - self._first].close)

    def _instant(self, day: int, moment: int) -> datetime:
        midnight = datetime.combine(date.fromordinal(day), time(), self.zone)
        return (midnight + timedelta(microseconds=moment)).astimezone(UTC)


def _us(moment: time) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond


def _shifts(span: Iterable[date], hours: Hours | Mapping[date, Hours]) -> Iterable[_Shift]:
    """Yield the shift of each day, one object for each kind."""
    by_date = hours if isinstance(hours, Mapping) else {date.min: hours}
    starts = sorted(by_date)
    kinds = [_Shift(by_date[day]) for day in starts]
    if not kinds:
        raise ValueError("working hours are missing")
    return (kinds[max(bisect_right(starts, day) - 1, 0)] for day in span)
