"""The work calendar: which dates are worked, and between which hours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import chinese_calendar
from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.org.models import CalendarDay, WorkingHours
from gridloop.core.org.revisions import bump

REVISION = "calendar"
BY_HAND = "手工设置"
LIBRARY = "chinesecalendar"


class ScheduleNotAnnounced(DomainError):
    """Nobody knows yet which days of this year are worked."""

    code = "schedule-not-announced"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a load of the calendar did; days set by hand are kept."""

    year: int
    written: int
    unchanged: int
    kept_by_hand: int


@transaction.atomic
def fill_calendar(year: int) -> Filled:
    """
    Fill a whole year from the State Council's schedule as the chinesecalendar library knows it.

    :raises ScheduleNotAnnounced: the library does not cover the year; nothing is guessed.
    """
    try:
        days = [_from_library(day) for day in _dates(year)]
    except NotImplementedError as error:
        raise _not_announced(year) from error
    return _write(year, days)


@transaction.atomic
def import_calendar(schedule: Mapping[str, Any], *, source: str = "") -> Filled:
    """
    Fill a year from a holiday-cn schedule: the days that differ from Monday to Friday are listed.

    :param schedule: `{"year": 2026, "papers": [url], "days": [{"name", "date", "isOffDay"}]}`.
    :raises ScheduleNotAnnounced: it lists no day, as before the notice is published.
    :raises InvalidInput: it is not in that shape; says where.
    """
    year, listed = _read(schedule)
    if not listed:
        raise _not_announced(year)
    origin = (source or "；".join(map(str, schedule.get("papers", []))) or "holiday-cn")[:200]
    days = {d: CalendarDay(date=d, is_workday=d.weekday() < 5, source=origin) for d in _dates(year)}
    # A schedule may name a day of the neighbouring year; it is as good a source as that year's own.
    days |= {d: CalendarDay(date=d, is_workday=not off, name=name, source=origin) for d, name, off in listed}
    return _write(year, days.values())


@transaction.atomic
def set_day(day: date, *, is_workday: bool, name: str = "") -> CalendarDay:
    """Set one date by hand. No later fill or import overwrites it."""
    bump(REVISION)
    row, _made = CalendarDay.objects.update_or_create(
        date=day, defaults={"is_workday": is_workday, "name": name, "source": BY_HAND}
    )
    return row


@transaction.atomic
def set_working_hours(intervals: Sequence[tuple[time, time]], *, valid_from: date) -> list[WorkingHours]:
    """
    Work between these hours from `valid_from` on; replaces what was planned for that date.

    :raises InvalidInput: there is no interval, one ends before it starts, or two overlap.
    """
    ordered = sorted(intervals)
    backwards = any(starts >= ends for starts, ends in ordered)
    if not ordered or backwards or any(a[1] > b[0] for a, b in pairwise(ordered)):
        raise InvalidInput(
            _("工作时间应至少有一段，每段先上班后下班，且互不重叠。"), fields={"starts": _("时间有误")}
        )
    bump(REVISION)
    WorkingHours.objects.filter(valid_from=valid_from).delete()
    return WorkingHours.objects.bulk_create(
        WorkingHours(starts=starts, ends=ends, valid_from=valid_from) for starts, ends in ordered
    )


def _write(year: int, days: Iterable[CalendarDay]) -> Filled:
    bump(REVISION)
    wanted = {d.date: d for d in days}
    existing = CalendarDay.objects.select_for_update().in_bulk(list(wanted))
    by_hand = {d for d, row in existing.items() if row.source == BY_HAND}
    same = {d for d, row in existing.items() if d not in by_hand and _same(row, wanted[d])}
    changed = [row for d, row in wanted.items() if d not in by_hand and d not in same]
    CalendarDay.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["is_workday", "name", "source"],
    )
    return Filled(year, written=len(changed), unchanged=len(same), kept_by_hand=len(by_hand))


def _same(a: CalendarDay, b: CalendarDay) -> bool:
    return (a.is_workday, a.name, a.source) == (b.is_workday, b.name, b.source)


def _from_library(day: date) -> CalendarDay:
    is_off, name = chinese_calendar.get_holiday_detail(day)  # type: ignore[no-untyped-call]
    return CalendarDay(date=day, is_workday=not is_off, name=_CHINESE.get(name, ""), source=LIBRARY)


def _dates(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _read(schedule: Mapping[str, Any]) -> tuple[int, list[tuple[date, str, bool]]]:
    try:
        year = int(schedule["year"])
        days = [(date.fromisoformat(d["date"]), str(d["name"])[:40], d["isOffDay"]) for d in schedule["days"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            _(
                "无法读取节假日文件：应为含 year 与 days（每项有 name、date、isOffDay）的 JSON。"
                "出错处：%(where)s"
            )
            % {"where": repr(error)},
            fields={"file": _("格式不符")},
        ) from error
    if not all(isinstance(off, bool) for _day, _name, off in days):
        raise InvalidInput(_("节假日文件中 isOffDay 应为 true 或 false。"), fields={"file": _("格式不符")})
    return year, days


def _not_announced(year: int) -> ScheduleNotAnnounced:
    return ScheduleNotAnnounced(
        _(
            "%(year)d 年的放假调休安排尚未公布，不能推算。"
            "公布后请用 gridloop import calendar 导入，或在“管理”的“工作日历”中逐日设置。"
        )
        % {"year": year},
        year=year,
    )


_CHINESE = {
    holiday.value: holiday.chinese  # type: ignore[attr-defined]  # set by its __new__
    for holiday in chinese_calendar.Holiday
}
