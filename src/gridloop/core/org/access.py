"""Which permission each page asks for. A page that the table does not name is refused."""

from collections.abc import Mapping
from typing import TypeAlias

from django.conf import settings
from django.utils.module_loading import import_string

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
