"""
Counting again from the log: after an import past the engine, after a release that counts something new, or to
prove that the figures are right.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from gridloop.base.common.progress import Step
from gridloop.capabilities.figures.actions.folding import fold, mend_counters
from gridloop.capabilities.figures.actions.tallying import put_right
from gridloop.capabilities.figures.counting import rows, tallies_of
from gridloop.capabilities.figures.models import Exclusion, Progress, Tally
from gridloop.core.audit.models import Entry
from gridloop.core.cases.bulk import copy_in
from gridloop.core.cases.models import Case, Clock

PORTION = 1000
_NEEDED = ("id", "region_id", "category_id", "channel", "is_drill")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many cases were counted, how many of them stood wrong, and how many counters."""

    cases: int
    wrong_cases: int
    wrong_counters: int


def rebuild(*, at: datetime, step: Step) -> Rebuilt:
    """Count every case again from its log, and the counters from that; a town at work is not held up."""
    cases = wrong = 0
    for counted, different in _portions(None):
        cases, wrong = cases + counted, wrong + different
        step(cases)
    fold()
    mended = mend_counters()
    Progress.objects.update_or_create(pk=1, defaults={"done_at": at})
    return Rebuilt(cases, wrong, mended)


def count_history(*, at: datetime, most: int) -> bool:
    """
    Count the next cases that were there before the figures; return whether all are counted.

    Goes on where it was left, by whichever process.

    :param most: portions at a time.
    """
    progress, _made = Progress.objects.get_or_create(pk=1)
    if progress.done_at:
        return True
    for portion in range(most):
        with transaction.atomic():
            progress = Progress.objects.select_for_update().get(pk=1)
            keys = _next_keys(progress.counted_to)
            if keys:
                _count_again(keys)
            progress.counted_to = keys[-1] if keys else progress.counted_to
            progress.done_at = None if keys else at
            progress.save(update_fields=["counted_to", "done_at"])
        if progress.done_at:
            return True
        if portion % 20 == 0:
            fold()
    return False


def _portions(after: UUID | None) -> Iterator[tuple[int, int]]:
    while keys := _next_keys(after):
        with transaction.atomic():
            yield len(keys), _count_again(keys)
        after = keys[-1]


def _next_keys(after: UUID | None) -> list[UUID]:
    cases = Case.objects.order_by("pk") if after is None else Case.objects.filter(pk__gt=after).order_by("pk")
    return list(cases.values_list("pk", flat=True)[:PORTION])


def _count_again(keys: list[UUID]) -> int:
    """Count a portion of cases, locked in the order of their keys, and return how many stood wrong."""
    cases = list(Case.objects.filter(pk__in=keys).order_by("pk").only(*_NEEDED).select_for_update())
    lines = _by_case(
        Entry.objects.filter(stream__in=keys)
        .only("stream", "verb", "at", "unit_id", "data")
        .order_by("stream", "seq"),
        "stream",
    )
    clocks = _by_case(
        Clock.objects.filter(case__in=keys, order__isnull=False).only(
            "case_id", "order_id", "stage", "due_at", "stopped_at"
        ),
        "case_id",
    )
    stored = _by_case(Tally.objects.filter(case__in=keys), "case_id")
    excluded = set(Exclusion.objects.granted().filter(case__in=keys).values_list("case", flat=True))
    wrong, new = 0, []
    for case in cases:
        days = tallies_of(case, lines[case.pk], clocks[case.pk])
        if stored[case.pk]:
            wrong += put_right(case, days, stored[case.pk])
        elif days:
            wrong += 1
            new += rows(case, days, is_excluded=case.pk in excluded)
    copy_in(Tally, new)
    held = Tally.objects.filter(case__in=keys)
    held.filter(case__in=excluded, is_excluded=False).update(is_excluded=True)
    held.exclude(case__in=excluded).filter(is_excluded=True).update(is_excluded=False)
    return wrong


def _by_case(found: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    by_case: dict[Any, list[Row]] = defaultdict(list)
    for row in found:
        by_case[getattr(row, key)].append(row)
    return by_case
