"""
How a deadline stands, in the words in which its limit is counted: a limit in working hours never says
that it ends in the night.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridloop.base.common.worktime import CalendarMissing, LimitUnit, WorkTime
from gridloop.base.shell.templatetags.gridloop_time import span
from gridloop.core.cases.models import Clock

SOON_M = 240  # working minutes: half a day's work
MANY_DAYS_M = 3 * 24 * 60
_HOUR, _MINUTE_S = 60, 60


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline, what is left of it in words, and how it looks: late, soon, ok or still."""

    at: datetime
    tone: str
    text: str

    @property
    def is_late(self) -> bool:
        return self.tone == "late"


def due(at: datetime | None, now: datetime, work: WorkTime) -> Due | None:
    """Return how the deadline of a case stands, whose unit is not known: by the town's working time."""
    if at is None:
        return None
    minutes = _minutes(now, at)
    worked = _worked(now, at, work)
    if minutes < 0:
        return Due(at, "late", _late(minutes))
    tone = "soon" if worked < SOON_M else "ok"
    return Due(at, tone, _left(minutes, worked, work, now, at))


def clock_due(clock: Clock, now: datetime, work: WorkTime) -> Due:
    """Return how a clock that has not stopped stands; one that is paused says what it keeps."""
    unit = LimitUnit(clock.unit)
    if clock.paused_at is not None:
        kept = _in_unit(clock.remaining or 0, unit)
        return Due(clock.due_at, "still", _("已暂停，恢复后%(left)s") % {"left": kept})
    minutes = _minutes(now, clock.due_at)
    if minutes < 0:
        return Due(clock.due_at, "late", _late(minutes))
    tone = "soon" if _worked(now, clock.due_at, work) < SOON_M else "ok"
    try:
        return Due(clock.due_at, tone, _in_unit(work.remaining(now, clock.due_at, unit), unit))
    except CalendarMissing:
        return Due(clock.due_at, tone, _("剩 %(time)s") % {"time": span(minutes)})


def _minutes(now: datetime, at: datetime) -> int:
    # Whole minutes, a started one late as soon as the moment has passed.
    return int((at - now).total_seconds() // _MINUTE_S)


def _worked(now: datetime, at: datetime, work: WorkTime) -> int:
    try:
        return work.working_minutes(now, at)
    except CalendarMissing:
        return _minutes(now, at)


def _late(minutes: int) -> str:
    # After some days nobody counts the hours.
    if -minutes >= MANY_DAYS_M:
        return _("超期 %(days)s天") % {"days": -minutes // (24 * _HOUR)}
    return _("超期 %(time)s") % {"time": span(minutes)}


def _left(minutes: int, worked: int, work: WorkTime, now: datetime, at: datetime) -> str:
    if minutes < _HOUR:
        return _("剩 %(time)s") % {"time": span(minutes)}
    try:
        days = work.remaining(now, at, LimitUnit.WORKING_DAY)
    except CalendarMissing:
        return _("剩 %(time)s") % {"time": span(minutes)}
    return _in_unit(days, LimitUnit.WORKING_DAY) if days > 1 else _in_unit(worked, LimitUnit.WORKING_HOUR)


def _in_unit(left: int, unit: LimitUnit) -> str:
    if left < 0:
        return _("已超期")
    match unit:
        case LimitUnit.MINUTE:
            return _("剩 %(time)s") % {"time": span(left)}
        case LimitUnit.WORKING_HOUR if left < _HOUR:
            return _("剩不到1工时")
        case LimitUnit.WORKING_HOUR:
            return _hours(left // _HOUR)
        case LimitUnit.WORKING_DAY if left > 0:
            return ngettext("剩 %(days)s个工作日", "剩 %(days)s个工作日", left) % {"days": left}
        case LimitUnit.DAY if left > 0:
            return _("剩 %(days)s天") % {"days": left}
    return _("今天到期")


def _hours(left: int) -> str:
    return ngettext("剩 %(hours)s工时", "剩 %(hours)s工时", left) % {"hours": left}
