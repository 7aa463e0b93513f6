"""Keeping why each case went where it went, before the model learns from it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gridloop.capabilities.dispatch.actions.rules import count_use
from gridloop.capabilities.dispatch.models import BatchItem, HowChosen, Precedent, Reason
from gridloop.capabilities.dispatch.options import Proposals
from gridloop.capabilities.dispatch.planning import shown
from gridloop.capabilities.dispatch.proposals import propose
from gridloop.capabilities.dispatch.teaching import DISPATCHED, REFUSED
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case

WORDS_LENGTH = 300


def keep_reasons(precedents: Sequence[Precedent], *, since: datetime, at: datetime) -> None:
    """
    Write down why cases were dispatched since a moment, and which of the earlier reasons came back.

    What was imported from long ago has no reasons: nobody was proposed anything. Call it under the lock of
    `Learning`, before the precedents are taken in, so that each is judged by what was known then.
    """
    fresh = _dispatches([row for row in precedents if row.share == DISPATCHED and row.at >= since])
    _write(fresh, at)
    for row in precedents:
        if row.share == REFUSED:
            earlier = Reason.objects.filter(case=row.case_id, unit=row.unit_id, seq__lt=row.seq)
            earlier.filter(sent_back_at=None).update(sent_back_at=row.at)


def reason_of(
    case_id: UUID, seq: int, unit_id: int, proposals: Proposals, *, how: HowChosen, at: datetime
) -> Reason:
    """Return the reason of one dispatch, not stored."""
    return Reason(
        case_id=case_id,
        seq=seq,
        at=at,
        how=how,
        unit_id=unit_id,
        rank=proposals.rank_of(unit_id),
        options=[shown(option) for option in proposals.options],
        boundary=(proposals.boundary.words if proposals.boundary else "")[:WORDS_LENGTH],
        ask=proposals.ask[:WORDS_LENGTH],
    )


def count_rules(reasons: Iterable[Reason]) -> None:
    """Count for each rule that spoke first whether it was followed."""
    for reason in reasons:
        first: dict[str, Any] = reason.options[0] if reason.options else {}
        if rule_id := first.get("rule"):
            count_use(rule_id, is_followed=reason.rank == 1, at=reason.at)


def _dispatches(rows: Sequence[Precedent]) -> list[Precedent]:
    """Return those that are dispatches and not transfers, and have no reason yet."""
    keys = {row.case_id for row in rows}
    lines = Entry.objects.filter(stream__in=keys, verb__in=["dispatch", "adjudicate"])
    made = set(lines.values_list("stream", "seq"))
    known = set(Reason.objects.filter(case__in=keys).values_list("case_id", "seq"))
    return [row for row in rows if (row.case_id, row.seq) in made - known]


def _write(rows: Sequence[Precedent], at: datetime) -> None:
    if not rows:
        return
    items = _items(rows)
    alone = [row for row in rows if (row.case_id, row.seq) not in items]
    cases = Case.objects.in_bulk([row.case_id for row in alone])
    proposed = propose(list(cases.values()), at=at)
    reasons = [_together(row, items[row.case_id, row.seq]) for row in rows if row not in alone]
    reasons += [
        reason_of(row.case_id, row.seq, row.unit_id, proposed[row.case_id], how=HowChosen.BY_HAND, at=row.at)
        for row in alone
    ]
    Reason.objects.bulk_create(reasons)
    count_rules(reasons)


def _items(rows: Sequence[Precedent]) -> dict[tuple[UUID, int], BatchItem]:
    items = BatchItem.objects.filter(case__in=[row.case_id for row in rows], version_after__isnull=False)
    return {(item.case_id, item.version_after or 0): item for item in items}


def _together(row: Precedent, item: BatchItem) -> Reason:
    """Return the reason of a case of a batch: what its preview showed is what was confirmed."""
    return Reason(
        case_id=row.case_id,
        seq=row.seq,
        at=row.at,
        how=HowChosen.TOGETHER,
        unit_id=row.unit_id,
        rank=item.rank,
        options=item.options,
        boundary=item.boundary,
    )
