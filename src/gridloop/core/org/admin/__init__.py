"""Django's admin of regions, units, people, posts and the work calendar."""

from gridloop.core.org.admin import calendar, people, regions, units

__all__ = ["calendar", "people", "regions", "units"]
