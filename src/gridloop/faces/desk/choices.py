"""What can be chosen in the selects, kept in memory until org or catalogue change."""

from typing import Any

from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.models import Level, Region, Unit
from gridloop.core.org.revisions import cached

Grouped = list[tuple[str, list[tuple[int, str]]]]


def category_choices() -> Grouped:
    """Return the sub-categories under their main categories."""
    book = rulebook()
    return [(main.name, [(c.id, c.name) for c in book.sub(main.id)]) for main in book.main()]


def region_choices() -> list[tuple[int, str]]:
    """Return villages and communities in the order of the tree."""
    return cached("regions", _regions)


def unit_choices() -> list[tuple[int, str]]:
    """Return the units that work can be given to, in the order of the tree."""
    return cached("units", _units)


def _regions() -> list[tuple[int, Any]]:
    places = Region.objects.filter(level__in=[Level.VILLAGE, Level.COMMUNITY], is_active=True)
    return list(places.order_by("path").values_list("pk", "name"))


def _units() -> list[tuple[int, Any]]:
    return list(Unit.objects.filter(is_active=True).order_by("path").values_list("pk", "name"))
