"""Rows and piles of the lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from gridloop.core.cases.choices import unit_name
from gridloop.core.cases.due import Due, due
from gridloop.core.cases.labels import Label
from gridloop.core.cases.models import Case, OrderRole, WorkOrder
from gridloop.core.cases.search import Found
from gridloop.core.cases.workflow import ACTIVE_ORDERS
from gridloop.core.org.calendar import work_time
from gridloop.faces.desk.boxes import MOST_COUNTED, Box


@dataclass(frozen=True, slots=True)
class Tab:
    """A pile in the inbox with its number; `is_empty` piles look quieter."""

    name: str
    label: Label
    icon: str
    count: str
    is_empty: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list; `age_m` is minutes since it was reported."""

    case: Case
    due: Due | None
    lead: str
    age_m: int


@dataclass(frozen=True, slots=True)
class WordsPage:
    """A page of found cases in the shape of a keyset page; it goes forwards only."""

    found: Found

    @property
    def rows(self) -> list[Case]:
        return self.found.cases

    @property
    def next_before(self) -> str:
        return str(self.found.next_before or "")


def listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Load what a row of a list shows, in the statement of the list itself."""
    leads = WorkOrder.objects.filter(
        case=OuterRef("pk"), role=OrderRole.LEAD, state__in=sorted(ACTIVE_ORDERS)
    )
    return (
        cases.select_related("category", "region")
        .defer("description", "outcome")
        .annotate(lead_unit=Subquery(leads.values("unit")[:1]))
    )


def shown(cases: Iterable[Case], now: datetime) -> dict[str, Any]:
    """Return what the list shows: its rows, and the column of units only where one has been given work."""
    found = rows(cases, now)
    return {"rows": found, "show_lead": any(row.lead for row in found)}


def rows(cases: Iterable[Case], now: datetime) -> list[Row]:
    """Return the rows of a list that `listed` has loaded."""
    work = work_time()
    return [
        Row(c, due(c.due_at, now, work), unit_name(c.lead_unit), _age(c.reported_at, now))  # type: ignore[attr-defined]
        for c in cases
    ]


def tabs(boxes: list[Box], numbers: dict[str, int], current: Box | None) -> list[Tab]:
    """Return the piles with their numbers, 99+ where nobody needs to know exactly."""
    return [_tab(box, numbers.get(box.name, 0), is_current=box == current) for box in boxes]


def _tab(box: Box, number: int, *, is_current: bool) -> Tab:
    shown = f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)
    return Tab(box.name, box.label, box.icon, shown, number == 0, is_current)


def _age(at: datetime, now: datetime) -> int:
    return max(0, int((now - at).total_seconds() // 60))
