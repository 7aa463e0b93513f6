"""Days as the town lives them."""

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins, aware, in the town's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
