"""
Parts of the case page that capabilities bring along, on cases of every kind.

A capability registers its own in its `apps.py`; what only one kind of case has is that kind's own panel, see
`kinds`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from gridloop.core.cases.casefile import CaseFile
from gridloop.core.org.actors import Actor

Context: TypeAlias = Callable[[CaseFile, Actor, datetime], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class CasePanel:
    """
    A template, and what makes its context of a case, its reader and the moment; None where nothing is to be
    shown.

    It stands in the main column in the order of `order`, or beside it. `statements` is the most that the
    context may ask of the database; the case page's own test adds them up.
    """

    name: str
    template: str
    context: Context
    order: int = 100
    is_beside: bool = False
    statements: int = 1


_panels: dict[str, CasePanel] = {}


def register(panel: CasePanel) -> None:
    """Add a panel; registering the same name again replaces it."""
    _panels[panel.name] = panel


def panels() -> list[CasePanel]:
    """Return the registered panels in the order of the page."""
    return sorted(_panels.values(), key=lambda panel: (panel.order, panel.name))
