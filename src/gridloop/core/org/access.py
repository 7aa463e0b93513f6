"""Which permission each page asks for. A page that the table does not name is refused."""

from collections.abc import Mapping
from typing import TypeAlias

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from gridloop.core.org.actors import Actor

PUBLIC = "public"
SIGNED_IN = "signed-in"

AccessTable: TypeAlias = Mapping[str, str]


def access_table() -> AccessTable | None:
    """Return the table that `settings.ACCESS_TABLE` names by dotted path; None where none is named."""
    path: str | None = getattr(settings, "ACCESS_TABLE", None)
    return import_string(path) if path else None


def required(table: AccessTable, view_name: str) -> str | None:
    """
    Return what `view_name` asks for, or None where the table does not say.

    An entry `desk:*` or `mfa_*` stands for every name that begins so; a full name wins, then the longest.
    """
    if view_name in table:
        return table[view_name]
    prefixes = [key for key in table if key.endswith("*") and view_name.startswith(key[:-1])]
    return table[max(prefixes, key=len)] if prefixes else None


def is_met(needed: str | None, actor: Actor, *, is_signed_in: bool) -> bool:
    """Say whether what a page asks for is there; what the table does not name is refused to everybody."""
    if needed is None:
        return False
    if needed == PUBLIC:
        return True
    return is_signed_in and (needed == SIGNED_IN or actor.can(needed))


def may_open(url: str, actor: Actor) -> bool:
    """Say whether a signed-in actor may open an address of this site, with or without a query string."""
    table = access_table()
    try:
        view_name = resolve(url.partition("?")[0].partition("#")[0]).view_name
    except Resolver404:
        return False
    return table is None or is_met(required(table, view_name), actor, is_signed_in=True)
