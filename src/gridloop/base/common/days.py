"""Days as the town lives them."""

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins, aware, in the town's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def in_words(day: date) -> str:
    """Return a day as a paper writes it: 2026年3月5日."""
    return _("%(y)s年%(m)s月%(d)s日") % {"y": day.year, "m": day.month, "d": day.day}
