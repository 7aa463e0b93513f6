"""Names of regions and categories as the screen writes them, kept in memory until they change."""

from typing import TypeAlias

from django.utils.translation import gettext as _

from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.models import Level, Region
from gridloop.core.org.revisions import cached

Named: TypeAlias = tuple[int | None, str]
_VILLAGE = (Level.VILLAGE, Level.COMMUNITY)


def main_categories() -> dict[int, Named]:
    """Return for each category its main category."""
    found: dict[int, Named] = {}
    for main in rulebook().main():
        found |= {category.id: (main.id, main.name) for category in (main, *rulebook().sub(main.id))}
    return found


def category_name(category_id: int | None) -> str:
    """Return the name of a category; nothing where the case has none yet."""
    category = rulebook().category(category_id)
    return category.name if category else ""


def villages() -> dict[int, Named]:
    """Return for each region the village or community that it is or lies in."""
    return cached("regions", _villages)


def region_names() -> dict[int, str]:
    """Return the regions' names, a grid's with its village's before it."""
    return cached("regions", _region_names)


def wall_title(title: str, *, is_hidden: bool) -> str:
    """Return what a wall may show of a title: whoever asked not to be named is not found by their words."""
    return _("保密件") if is_hidden else title


def _region_names() -> dict[int, str]:
    above = _villages()
    names = dict(Region.objects.values_list("pk", "name"))
    return {pk: _below(above.get(pk), pk, name) for pk, name in names.items()}


def _below(village: Named | None, pk: int, name: str) -> str:
    # A grid that has its village's name in its own needs it no second time.
    if village is None or village[0] == pk or name.startswith(village[1][:2]):
        return name
    return f"{village[1]}{name}"


def _villages() -> dict[int, Named]:
    rows = list(Region.objects.order_by("path").values_list("pk", "path", "level", "name"))
    lengths = {len(path) for _pk, path, level, _name in rows if level in _VILLAGE}
    found = {path: (pk, name) for pk, path, level, name in rows if level in _VILLAGE}
    above = {pk: [path[:n] for n in lengths if path[:n] in found] for pk, path, _level, _name in rows}
    return {pk: found[max(paths, key=len)] for pk, paths in above.items() if paths}
