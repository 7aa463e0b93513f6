"""Chainable reads of regions, boundaries, units, posts and the calendar."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from treebeard.mp_tree import MP_NodeManager, MP_NodeQuerySet

if TYPE_CHECKING:
    from gridloop.core.org.models import Boundary, CalendarDay, Post, Region, Unit


class RegionQuerySet(MP_NodeQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def at_level(self, *levels: str) -> Self:
        return self.filter(level__in=levels)

    def below(self, region: "Region") -> Self:
        """Return `region` and all that lies in it."""
        return self.filter(path__startswith=region.path)


class UnitQuerySet(MP_NodeQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def below(self, unit: "Unit") -> Self:
        """Return `unit` and the units under it."""
        return self.filter(path__startswith=unit.path)


class RegionManager(MP_NodeManager.from_queryset(RegionQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> RegionQuerySet:
        return RegionQuerySet(self.model, using=self._db).order_by("path")


class UnitManager(MP_NodeManager.from_queryset(UnitQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> UnitQuerySet:
        return UnitQuerySet(self.model, using=self._db).order_by("path")


class BoundaryQuerySet(models.QuerySet["Boundary"]):
    def current(self) -> Self:
        return self.filter(valid_to=None)


class PostQuerySet(models.QuerySet["Post"]):
    def held_on(self, day: date) -> Self:
        """Return the posts that are in force on `day`, the first and the last day included."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def with_names(self) -> Self:
        """Load what `actor_of` and a list of posts read."""
        return self.select_related("user", "unit", "region")


class CalendarQuerySet(models.QuerySet["CalendarDay"]):
    def of_year(self, year: int) -> Self:
        return self.filter(date__year=year)
