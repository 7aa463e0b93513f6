"""
Learning whose such cases are: verbs write down what teaches, a job takes it in, the log can say it all again.

A verb only adds rows, so that no two of them want the same one. Whoever learns holds the row of `Learning`;
in which order the precedents were taken in is written down with them, so that a rebuilding takes them in the
same order and leaves the same numbers, to the last bit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from gridloop.capabilities.dispatch.actions.reasons import keep_reasons
from gridloop.capabilities.dispatch.facts import as_json, facts_of, role_of
from gridloop.capabilities.dispatch.learning.facts import Facts
from gridloop.capabilities.dispatch.learning.model import Cell as Cells
from gridloop.capabilities.dispatch.learning.model import Lesson, Model
from gridloop.capabilities.dispatch.models import Cell, Learning, Precedent
from gridloop.capabilities.dispatch.portions import portions
from gridloop.capabilities.dispatch.teaching import CHANGES, TEACHES, Reading, Taught, taught_by
from gridloop.core.audit.models import Entry
from gridloop.core.cases.bulk import copy_in
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.models import Case, OrderRole
from gridloop.core.cases.workflow import OrderState
from gridloop.core.catalogue.rulebook import rulebook

EXPLAINED = timedelta(days=1)  # what is older was imported: nobody was proposed anything
PORTION = 500  # precedents that are taken in together
_NUMBER = """
    UPDATE dispatch_precedent p SET number = n.number
    FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, number) WHERE p.id = n.id
"""
_AMENDED = ("category_id", "region_id", "demand")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuilding from the log found: precedents in all, those missing, and those wrong or too many."""

    precedents: int
    missing: int
    surplus: int
    cells: int
    is_same: bool  # whether all that was learnt is as it was before


def note_precedents(files: Sequence[CaseFile]) -> None:
    """Write down what the stored lines teach, in the transaction that writes them. One statement at most."""
    book, rows = rulebook(), list[Precedent]()
    for file in files:
        if file.case.is_drill or not any(entry.verb in TEACHES for entry in file.entries):
            continue
        facts, by_seq = facts_of(file.case, book), {entry.seq: entry for entry in file.entries}
        rows += [_row(file.case.pk, taught, facts, by_seq[taught.seq]) for taught in _taught_live(file)]
    if rows:
        Precedent.objects.bulk_create(rows)


def learn_pending(*, at: datetime | None = None, most: int | None = None) -> int:
    """
    Take in what has happened and was not taken in yet; return how much.

    Does nothing where another process is at it.

    :param at: now; dispatches of the last day are given their reasons first. None: nothing is explained.
    """
    taken = 0
    while most is None or taken < most:
        count = _learn_portion(at, min(PORTION, most or PORTION))
        if not count:
            break
        taken += count
    return taken


def rebuild(tell: Callable[[int], None] = lambda _done: None) -> Rebuilt:
    """
    Read from the log what teaches, put right what was written down of it, and learn it all anew.

    Proposals read the old numbers until this is done.
    """
    with transaction.atomic():
        learning = Learning.objects.select_for_update().get_or_create(id=1)[0]
        missing, surplus = _put_right(tell)
        before = {cell.key: cell.value for cell in Cell.objects.iterator()}
        cells: dict[str, Cells] = {}
        count = _learn_all(cells)
        Cell.objects.all().delete()
        copy_in(Cell, [Cell(key=key, value=value) for key, value in cells.items()])
        learning.learnt = count
        learning.save(update_fields=["learnt"])
    return Rebuilt(count, missing, surplus, len(cells), is_same=before == cells)


# while the town works
# -----------------------------------------------------------------------------


def _taught_live(file: CaseFile) -> list[Taught]:
    """Return what the new lines of a file teach; of a new case they are all that it has."""
    reading = Reading() if file.is_new else Reading(_lead_before(file, file.entries[0]))
    lines = ((entry.seq, entry.verb, entry.unit_id, entry.data) for entry in file.entries)
    return [taught for line in lines for taught in reading.read(*line)]


def _lead_before(file: CaseFile, entry: Entry) -> int | None:
    """Return the unit that led the case until the verb was made, as far as the verb asks."""
    if entry.verb == "close":
        lead = file.lead()
        return lead.unit_id if lead else None
    leads = [order for order in file.orders if order.role == OrderRole.LEAD]
    if entry.verb == "recall":
        leads = [o for o in leads if o.state == OrderState.RECALLED and o.ended_at == entry.at]
    else:
        leads = [o for o in leads if str(o.pk) == entry.data.get("order")]
    return leads[-1].unit_id if leads else None


def _row(case_id: UUID, taught: Taught, facts: Facts, entry: Any) -> Precedent:
    return Precedent(
        case_id=case_id,
        seq=taught.seq,
        unit_id=taught.unit_id,
        share=taught.share,
        facts=as_json(facts),
        at=entry.at,
    )


@transaction.atomic
def _learn_portion(at: datetime | None, size: int) -> int:
    Learning.objects.get_or_create(id=1)
    learning = Learning.objects.select_for_update(skip_locked=True).filter(id=1).first()
    if learning is None:
        return 0
    pending = list(Precedent.objects.to_learn()[:size])
    if not pending:
        return 0
    if at is not None:
        keep_reasons(pending, since=at - EXPLAINED, at=at)
    keys = {key for row in pending for key in Model.needs(Facts(**row.facts))}
    model = Model({cell.key: cell.value for cell in Cell.objects.filter(key__in=keys)}, role_of)
    for row in pending:
        learning.learnt += 1
        row.number = learning.learnt
        model.learn(_lesson(row))
    Precedent.objects.bulk_update(pending, ["number"])
    _keep(model)
    learning.save(update_fields=["learnt"])
    return len(pending)


def _lesson(row: Precedent) -> Lesson:
    return Lesson(Facts(**row.facts), str(row.unit_id), row.at, row.share)


def _keep(model: Model) -> None:
    Cell.objects.bulk_create(
        [Cell(key=key, value=model.cells[key]) for key in sorted(model.touched)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["value"],
    )


# all over again
# -----------------------------------------------------------------------------


def _learn_all(cells: dict[str, Cells]) -> int:
    """Take every precedent in, in the order of the first time; what was never taken in comes last."""
    model, number = Model(cells, role_of), 0
    renumbered: list[tuple[int, int]] = []
    for row in Precedent.objects.as_learnt().iterator(chunk_size=PORTION):
        number += 1
        model.learn(_lesson(row))
        if row.number != number:
            renumbered.append((row.pk, number))
    _renumber(renumbered)
    return number


def _renumber(pairs: list[tuple[int, int]]) -> None:
    if not pairs:
        return
    keys, numbers = [pk for pk, _number in pairs], [number for _pk, number in pairs]
    with connection.cursor() as cursor:
        # Free the old numbers first: each is unique.
        cursor.execute("UPDATE dispatch_precedent SET number = NULL WHERE id = ANY(%s)", [keys])
        cursor.execute(_NUMBER, [keys, numbers])


def _put_right(tell: Callable[[int], None]) -> tuple[int, int]:
    """Make the precedents what the log says; return how many were missing, and how many too many or wrong."""
    missing = surplus = done = 0
    for told in map(dict, portions(_cases_of_the_log(), PORTION)):
        wanted = {(row.case_id, row.seq, row.unit_id): row for row in _as_told(told)}
        wrong, right = set[int](), set[tuple[UUID, int, int]]()
        for row in Precedent.objects.filter(case_id__in=told):
            twin = wanted.get(key := (row.case_id, row.seq, row.unit_id))
            if twin is not None and (row.share, row.facts) == (twin.share, twin.facts):
                right.add(key)
            elif row.seq <= told[row.case_id][-1].seq:  # beyond it lies what happened since we began to read
                wrong.add(row.pk)
        Precedent.objects.filter(pk__in=wrong).delete()
        added = [row for key, row in wanted.items() if key not in right]
        copy_in(Precedent, added)
        missing, surplus, done = missing + len(added), surplus + len(wrong), done + len(told)
        tell(done)
    return missing, surplus


def _cases_of_the_log() -> Iterator[tuple[UUID, list[Entry]]]:
    """Yield each case's key with those of its lines that teach or change whose it is, in order."""
    lines = Entry.objects.filter(verb__in=[*TEACHES, *CHANGES]).order_by("stream", "seq")
    for stream, found in groupby(lines.iterator(chunk_size=PORTION), key=lambda entry: entry.stream):
        yield stream, list(found)


def _as_told(told: dict[UUID, list[Entry]]) -> Iterator[Precedent]:
    """Yield what the lines of these cases teach, with the facts of each case as they were then."""
    book = rulebook()
    cases = Case.objects.filter(is_drill=False).in_bulk(list(told))
    for key, entries in told.items():
        if (case := cases.get(key)) is None:
            continue
        by_seq = {entry.seq: entry for entry in entries}
        for one in taught_by((e.seq, e.verb, e.unit_id, e.data) for e in entries):
            facts = facts_of(case, book, **_as_it_was(entries, one.seq))
            yield _row(key, one, facts, by_seq[one.seq])


def _as_it_was(entries: list[Entry], seq: int) -> dict[str, Any]:
    """Return what of the case was another until it was amended later: the first change after tells it."""
    was: dict[str, Any] = {}
    for entry in entries:
        if entry.seq > seq and entry.verb == "amend":
            for name, (old, _new) in entry.data.get("changed", {}).items():
                if name in _AMENDED:
                    was.setdefault(name, old)
    return was
