"""
What is open, counted once by state, category and region, and summed up by whatever part of it is asked for.

The statement reads the indexes of open cases: it costs what the town has in hand, never what it has closed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import BigIntegerField, CharField, Count, Q, Value

from gridloop.core.cases.querysets import CaseQuerySet
from gridloop.core.cases.workflow import OPEN, State
from gridloop.faces.centre.places import Named, main_categories, villages

Cases: TypeAlias = CaseQuerySet


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of a list: `key` is what the desk's list is filtered by, None where it has no filter for it."""

    key: int | str | None
    name: str
    count: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """So many open cases of one state, category and region."""

    state: str
    category_id: int | None
    region_id: int
    count: int
    late: int
    due_today: int


def open_groups(visible: Cases, now: datetime, tomorrow: datetime) -> list[Group]:
    """Return the open cases in groups. One statement."""
    return [Group(*row) for row in _grouped(visible, now, tomorrow)]


def groups_beside(
    visible: Cases, now: datetime, tomorrow: datetime, others: Iterable[Cases]
) -> tuple[list[Group], list[int]]:
    """Return the open cases in groups, and how many cases there are of each of the others. One statement."""
    counted = [_counted_as(str(n), cases) for n, cases in enumerate(others)]
    rows = [Group(*row) for row in _grouped(visible, now, tomorrow).union(*counted, all=True)]
    counts = {row.state: row.count for row in rows}
    return [row for row in rows if row.state in OPEN], [counts.get(str(n), 0) for n in range(len(counted))]


def _grouped(visible: Cases, now: datetime, tomorrow: datetime) -> Any:
    return (
        visible.open()
        .order_by()
        .values_list("state", "category_id", "region_id")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(due_at__lt=now)),
            due_today=Count("pk", filter=Q(due_at__gte=now, due_at__lt=tomorrow)),
        )
    )


def _counted_as(name: str, cases: Cases) -> Any:
    """Return a row like those of the groups that counts all the cases, named in the place of a state."""
    zero = Value(0, BigIntegerField())
    named = cases.order_by().annotate(as_=Value(name, CharField()), of=zero, at=zero)
    return named.values_list("as_", "of", "at").annotate(count=Count("pk"), late=zero, due_today=zero)


def by_state(groups: Iterable[Group]) -> list[Share]:
    """Return the states that hold any case, in the order of the loop."""
    counts: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for group in groups:
        counts[group.state] += group.count
        late[group.state] += group.late
    return [Share(s.value, "", counts[s], late[s]) for s in State if counts[s]]


def by_category(groups: Iterable[Group]) -> list[Share]:
    """Return the main categories, the fullest first."""
    mains = main_categories()
    return shares(groups, lambda g: mains.get(g.category_id or 0))


def by_community(groups: Iterable[Group]) -> list[Share]:
    """Return villages and communities, the fullest first."""
    found = villages()
    return shares(groups, lambda g: found.get(g.region_id))


def shares(groups: Iterable[Group], part: Callable[[Group], Named | None]) -> list[Share]:
    """Sum the groups by the part of the whole that each belongs to; what belongs to none comes last."""
    counts: Counter[Named] = Counter()
    late: Counter[Named] = Counter()
    for group in groups:
        key = part(group) or (None, "")
        counts[key] += group.count
        late[key] += group.late
    ranked = sorted(counts, key=lambda key: (key[0] is None, -counts[key], key[1]))
    return [Share(*key, counts[key], late[key]) for key in ranked]
