"""What can be chosen in the selects, kept in memory until org or catalogue change."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.models import Level, Post, Region, Unit
from gridloop.core.org.revisions import cached

Grouped = list[tuple[str, list[tuple[int, str]]]]


def category_choices() -> Grouped:
    """Return the sub-categories under their main categories."""
    book = rulebook()
    return [(main.name, [(c.id, c.name) for c in book.sub(main.id)]) for main in book.main()]


def region_choices() -> list[tuple[int, str]]:
    """Return villages and communities in the order of the tree."""
    return cached("regions", _regions)


def unit_groups() -> Grouped:
    """Return the units that work can be given to, under the kinds of unit that they are."""
    return cached("units", _unit_groups)


def named_people() -> Grouped:
    """Return the people to whom a case can be given by name, under the units that allow it."""
    groups: dict[str, dict[int, str]] = {}
    today = timezone.localdate()
    for post in cached("posts", _named_posts):
        if post.starts_on <= today and (post.ends_on is None or today <= post.ends_on):
            groups.setdefault(post.unit.name, {})[post.user_id] = post.user.get_full_name()
    return [(unit, list(people.items())) for unit, people in groups.items()]


def without(groups: Grouped, ids: set[int]) -> Grouped:
    """Leave some of the choices out."""
    return [(label, [pair for pair in pairs if pair[0] not in ids]) for label, pairs in groups]


def unit_name(unit_id: int | None) -> str:
    """Return a unit's name, of one that was closed down too; nothing where there is no unit."""
    return cached("units", _unit_names).get(unit_id, "") if unit_id else ""


def unit_names(unit_ids: Iterable[int]) -> str:
    """Return several units' names as one would write them down."""
    return _("、").join(name for name in map(unit_name, unit_ids) if name)


def region_name(region_id: int | None) -> str:
    """Return a region's name, of one that is no longer there too."""
    return cached("regions", _region_names).get(region_id, "") if region_id else ""


def _region_names() -> dict[int, str]:
    return dict(Region.objects.values_list("pk", "name"))


def _regions() -> list[tuple[int, Any]]:
    places = Region.objects.filter(level__in=[Level.VILLAGE, Level.COMMUNITY], is_active=True)
    return list(places.order_by("path").values_list("pk", "name"))


def _unit_groups() -> Grouped:
    groups: dict[str, list[tuple[int, str]]] = {}
    for unit in Unit.objects.filter(is_active=True).order_by("path"):
        groups.setdefault(unit.get_kind_display(), []).append((unit.pk, unit.name))
    return list(groups.items())


def _named_posts() -> list[Post]:
    posts = Post.objects.filter(unit__takes_named=True, unit__is_active=True, user__is_active=True)
    return list(posts.with_names().order_by("unit__path", "user__full_name", "pk"))


def _unit_names() -> dict[int, str]:
    return dict(Unit.objects.values_list("pk", "name"))
