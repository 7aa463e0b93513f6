"""The work calendar in memory: what every deadline is counted with."""

from zoneinfo import ZoneInfo

from django.conf import settings

from gridloop.base.common.worktime import WorkTime
from gridloop.core.org.models import CalendarDay, WorkingHours
from gridloop.core.org.revisions import cached

REVISION = "calendar"


def work_time() -> WorkTime:
    """
    Return the calendar as the tables have it now, kept in memory by revision.

    A date without a row stays unknown: counting across it raises `CalendarMissing`.
    """
    return cached(REVISION, _load)


def _load() -> WorkTime:
    days = dict(CalendarDay.objects.values_list("date", "is_workday"))
    latest = WorkingHours.objects.order_by("-valid_from", "starts")
    hours = [(row.starts, row.ends) for row in latest if row.valid_from == latest[0].valid_from]
    return WorkTime(days, hours, ZoneInfo(settings.TIME_ZONE))
