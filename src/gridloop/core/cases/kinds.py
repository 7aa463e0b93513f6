"""
What kinds of case there are. A domain registers its own in its `apps.py`; the engine asks only whether one is
known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.labels import Label
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor

GENERAL = "general"

Context: TypeAlias = Callable[[Case, Actor], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the case page that a kind brings along: a template, and what makes its context."""

    template: str
    context: Context


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of case. `name` is stored with each case and never changes."""

    name: str
    label: Label
    panel: Panel | None = None


_kinds: dict[str, Kind] = {GENERAL: Kind(GENERAL, _("一般事项"))}


def register(kind: Kind) -> None:
    """
    Make a kind known. Call it in `ready()`.

    :raises ValueError: two domains take the same name.
    """
    if _kinds.get(kind.name, kind) != kind:
        raise ValueError(f"there is a kind {kind.name!r} already")
    _kinds[kind.name] = kind


def kinds() -> Mapping[str, Kind]:
    """Return the kinds that are known, by name."""
    return MappingProxyType(_kinds)
