"""The hours in which nobody is woken for what can wait."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from gridloop.core.org.calendar import work_time

Hours = tuple[time, time]


def goes_out_at(at: datetime, *, is_urgent: bool) -> datetime:
    """
    Return when a message that arises at `at` may leave the house: at once, or when the quiet hours are over.

    The hours are `settings.QUIET_HOURS` on the wall clock of the town's work calendar; None is never quiet.
    """
    hours = settings.QUIET_HOURS
    return at if is_urgent or hours is None else _awake(at, hours, work_time().zone)


def _awake(at: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    starts, ends = hours
    local = at.astimezone(zone)
    now = local.time()
    is_quiet = starts <= now < ends if starts <= ends else now >= starts or now < ends
    if not is_quiet:
        return at
    # An evening's message waits for the end of the night that has begun.
    day = local.date() + timedelta(days=1) if now >= ends else local.date()
    return datetime.combine(day, ends, zone).astimezone(at.tzinfo)
