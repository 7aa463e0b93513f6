"""The work calendar in memory: what every deadline is counted with."""

from datetime import date, time
from zoneinfo import ZoneInfo

from django.conf import settings

from gridloop.base.common.worktime import WorkTime
from gridloop.core.org.models import CalendarDay, WorkingHours
from gridloop.core.org.revisions import cached

REVISION = "calendar"


def work_time() -> WorkTime:
    """
    Return the calendar as the tables have it now, kept in memory by revision.

    A date without a row stays unknown: counting across it raises `CalendarMissing`. Hours change on the date
    from which they are valid.
    """
    return cached(REVISION, _load)


def missing_days(year: int) -> int:
    """Return how many dates of a year the calendar does not know: 0 where it is complete."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days - CalendarDay.objects.of_year(year).count()


def _load() -> WorkTime:
    days = dict(CalendarDay.objects.values_list("date", "is_workday"))
    hours: dict[date, list[tuple[time, time]]] = {}
    for row in WorkingHours.objects.order_by("valid_from", "starts"):
        hours.setdefault(row.valid_from, []).append((row.starts, row.ends))
    return WorkTime(days, hours or settings.WORKING_HOURS, ZoneInfo(settings.TIME_ZONE))
