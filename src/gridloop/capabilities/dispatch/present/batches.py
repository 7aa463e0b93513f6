"""A batch as its pages show it: by unit, with what each has in hand before and after."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from gridloop.capabilities.dispatch.models import Batch, BatchItem, ItemResult, LeftOut
from gridloop.capabilities.dispatch.room import in_hand
from gridloop.core.cases.choices import unit_name, unit_names
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a batch, with names instead of keys."""

    item: BatchItem
    unit: str
    person: str
    assistants: str


@dataclass(frozen=True, slots=True)
class Group:
    """What one unit gets: `before` is what it had in hand, `after` what it has then."""

    unit_id: int
    unit: str
    lines: list[Line]
    before: int

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def after(self) -> int:
        return self.before + len(self.lines)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """All of a batch: what goes where, what is left to a person, and how far it has come."""

    batch: Batch
    groups: list[Group]
    left: list[Line]
    results: Counter[str]
    may_be_undone: bool

    @property
    def total(self) -> int:
        return self.results.total()

    @property
    def planned(self) -> int:
        return self.results[ItemResult.PLANNED]

    @property
    def through(self) -> int:
        """How many cases the confirmation has come to."""
        return self.total - self.planned

    @property
    def dispatched(self) -> int:
        return self.results[ItemResult.DISPATCHED]

    @property
    def recalled(self) -> int:
        return self.results[ItemResult.RECALLED]

    @property
    def kept(self) -> int:
        return self.results[ItemResult.KEPT]

    @property
    def taken_back(self) -> int:
        """How many cases the undoing has come to."""
        return self.total - self.dispatched

    @property
    def changed(self) -> list[Line]:
        """What was left out by the confirmation itself: changed since the preview, or refused."""
        return [line for line in self.left if line.item.left_out in (LeftOut.CHANGED, LeftOut.REFUSED)]

    @property
    def asked(self) -> list[Line]:
        return [line for line in self.left if line.item.left_out not in (LeftOut.CHANGED, LeftOut.REFUSED)]


def batch_page(batch: Batch, actor: Actor, now: datetime) -> BatchPage:
    """
    Return what the page of a batch shows: three statements, whatever its size.

    While it is under way that is how far it has come, and no list: it is asked for again and again.
    """
    if batch.is_under_way:
        return BatchPage(batch, [], [], _results(batch, actor), may_be_undone=False)
    items = list(
        batch.items.visible_to(actor)
        .select_related("case", "case__region", "case__category")
        .defer("case__description", "case__outcome")
        .order_by("position")
    )
    lines = _lines(items)
    return BatchPage(
        batch=batch,
        groups=_groups([line for line in lines if line.item.result != ItemResult.LEFT_OUT]),
        left=[line for line in lines if line.item.result == ItemResult.LEFT_OUT],
        results=Counter(str(item.result) for item in items),
        may_be_undone=batch.may_be_undone(now),
    )


def _results(batch: Batch, actor: Actor) -> Counter[str]:
    found = batch.items.visible_to(actor).order_by().values_list("result").annotate(n=Count("pk"))
    return Counter(dict(found))


def _groups(lines: Sequence[Line]) -> list[Group]:
    by_unit: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_unit[line.item.unit_id or 0].append(line)
    load = in_hand(by_unit)
    groups = [Group(u, found[0].unit, found, _before(load.get(u, 0), found)) for u, found in by_unit.items()]
    return sorted(groups, key=lambda group: (-group.count, group.unit))


def _before(load: int, lines: Sequence[Line]) -> int:
    # What the batch itself has brought by now is in hand already.
    held = sum(line.item.result in (ItemResult.DISPATCHED, ItemResult.KEPT) for line in lines)
    return max(0, load - held)


def _lines(items: Iterable[BatchItem]) -> list[Line]:
    found = list(items)
    names = _names({item.assignee_id for item in found} - {None})
    return [
        Line(item, unit_name(item.unit_id), names.get(item.assignee_id, ""), unit_names(item.assist_unit_ids))
        for item in found
    ]


def _names(user_ids: set[Any]) -> dict[Any, str]:
    if not user_ids:
        return {}
    return {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=user_ids)}


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in a list, with how many of its cases came to what."""

    batch: Batch
    dispatched: int
    left: int
    recalled: int


def summaries(batches: Sequence[Batch]) -> list[Summary]:
    """Return the batches with their numbers: one statement for all of them."""
    items = BatchItem.objects.filter(batch__in=batches).order_by()
    counted = items.values_list("batch", "result").annotate(n=Count("pk"))
    numbers: dict[int, dict[str, int]] = defaultdict(dict)
    for batch_id, result, n in counted:
        numbers[batch_id][result] = n
    return [_summary(batch, numbers[batch.pk]) for batch in batches]


def _summary(batch: Batch, found: dict[str, int]) -> Summary:
    dispatched = found.get(ItemResult.DISPATCHED, 0) + found.get(ItemResult.KEPT, 0)
    return Summary(batch, dispatched, found.get(ItemResult.LEFT_OUT, 0), found.get(ItemResult.RECALLED, 0))
