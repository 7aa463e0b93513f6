"""What a resident can choose from: public categories, villages and communities. No query once it is kept."""

from gridloop.core.catalogue.rulebook import CategoryView, rulebook
from gridloop.core.org.models import Level, Region
from gridloop.core.org.revisions import cached

Grouped = list[tuple[str, list[tuple[int, str]]]]


def public_subjects() -> list[tuple[CategoryView, list[CategoryView]]]:
    """Return the main categories with those of their sub-categories that residents may report."""
    book = rulebook()
    found = ((main, [c for c in book.sub(main.id) if c.is_public]) for main in book.main() if main.is_public)
    return [(main, subs) for main, subs in found if subs]


def category_choices() -> Grouped:
    """Return the same as choices of a select."""
    return [(main.name, [(c.id, c.name) for c in subs]) for main, subs in public_subjects()]


def village_choices() -> list[tuple[int, str]]:
    """Return villages and communities in the order of the tree."""
    return cached("regions", _villages)


def _villages() -> list[tuple[int, str]]:
    places = Region.objects.active().at_level(Level.VILLAGE, Level.COMMUNITY)
    return list(places.order_by("path").values_list("pk", "name"))
