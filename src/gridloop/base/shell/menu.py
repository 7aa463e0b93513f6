"""The main menu: each app registers its entries in `apps.py`; a person sees those that are permitted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise


class MayAct(Protocol):
    """What the shell needs to know of whoever is acting."""

    def can(self, permission: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu; an empty `permission` shows it to everyone, `group` is its heading."""

    label: str | Promise
    url_name: str
    permission: str = ""
    icon: str = "point"
    order: int = 100
    group: str | Promise = ""


@dataclass(frozen=True, slots=True)
class MenuLink:
    """An entry as one request sees it."""

    label: str | Promise
    url: str
    icon: str
    group: str | Promise
    is_current: bool


_ENTRIES: dict[str, MenuEntry] = {}


def register(entry: MenuEntry) -> None:
    """Add an entry; registering the same `url_name` again replaces it."""
    _ENTRIES[entry.url_name] = entry


def entries() -> list[MenuEntry]:
    """Return every registered entry in the order of the menu."""
    return sorted(_ENTRIES.values(), key=lambda entry: (entry.order, entry.url_name))


def links(actor: MayAct | None, path: str) -> list[MenuLink]:
    """Return what `actor` may open, the entry that `path` lies under marked as current."""
    shown = [(entry, url) for entry, url in _addressed(entries()) if _may_open(actor, entry)]
    under = [url for _, url in shown if path == url or (url != "/" and path.startswith(url))]
    current = max(under, key=len, default=None)
    return [MenuLink(entry.label, url, entry.icon, entry.group, url == current) for entry, url in shown]


def _may_open(actor: MayAct | None, entry: MenuEntry) -> bool:
    return not entry.permission or (actor is not None and actor.can(entry.permission))


def _addressed(candidates: Iterable[MenuEntry]) -> Iterable[tuple[MenuEntry, str]]:
    """Leave out what has no address: a town may have switched that app's URLs off."""
    for entry in candidates:
        try:
            yield entry, reverse(entry.url_name)
        except NoReverseMatch:
            continue
