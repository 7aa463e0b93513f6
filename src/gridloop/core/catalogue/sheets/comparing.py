"""What a file would change in the rulebook."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from gridloop.core.catalogue.sheets.columns import COLUMNS, Sheet
from gridloop.core.catalogue.sheets.directory import Ambiguous, Directory
from gridloop.core.catalogue.sheets.rows import (
    Book,
    CategoryRow,
    DutyRow,
    LimitsRow,
    Row,
    StandardRow,
    UnitRef,
)


class What(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that differs, with what it said and what it is to say."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is only in the file, in both with other cells, or only in the database."""

    sheet: Sheet
    key: str
    old: Row | None
    new: Row | None

    @property
    def what(self) -> What:
        if self.old is None:
            return What.ADDED
        return What.REMOVED if self.new is None else What.CHANGED

    def cells(self) -> list[Cell]:
        """Return the cells that differ, in the order of the sheet's columns."""
        old = self.old.cells() if self.old else {}
        new = self.new.cells() if self.new else {}
        pairs = ((column, old.get(column, ""), new.get(column, "")) for column in COLUMNS[self.sheet])
        return [Cell(*pair) for pair in pairs if pair[1] != pair[2]]


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, by sheet and key, and from when on they would hold."""

    effective_on: date
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def count(self, what: What) -> int:
        return sum(change.what == what for change in self.changes)

    def counts(self) -> dict[Sheet, Counter[What]]:
        """Return how many rows of each sheet are added, changed and removed; sheets without any left out."""
        found: dict[Sheet, Counter[What]] = {}
        for change in self.changes:
            found.setdefault(change.sheet, Counter())[change.what] += 1
        return found

    def of(self, sheet: Sheet) -> list[Change]:
        return [change for change in self.changes if change.sheet == sheet]

    @property
    def fingerprint(self) -> str:
        """
        What was shown to whoever confirms, in 64 hexadecimal digits.

        It holds the old cells as well, so it is another as soon as the rulebook has changed under them.
        """
        said = [
            [c.sheet, c.key, c.old.cells() if c.old else None, c.new.cells() if c.new else None]
            for c in self.changes
        ]
        text = json.dumps([self.effective_on.isoformat(), said], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def compare(file: Book, held: Book, *, effective_on: date, removes_missing: bool = False) -> Difference:
    """
    Return what is to be done so that the rulebook says what the file says.

    :param removes_missing: rows that the file's sheets lack are removed; otherwise they stay.
    """
    changes = [
        change
        for sheet in Sheet
        if (rows := file.sheet(sheet)) is not None
        for change in _changes(sheet, rows, held.sheet(sheet) or {}, removes_missing=removes_missing)
    ]
    return Difference(effective_on, tuple(changes))


def _changes(
    sheet: Sheet, new: Mapping[str, Row], old: Mapping[str, Row], *, removes_missing: bool
) -> Iterator[Change]:
    for key in sorted({*new, *old}):
        before, after = old.get(key), new.get(key)
        if after is None and before is not None:
            if removes_missing and (change := _removal(sheet, key, before)):
                yield change
        elif isinstance(after, StandardRow | LimitsRow) and after.says_nothing:
            if before:
                yield Change(sheet, key, before, None)
        elif before != after:
            yield Change(sheet, key, before, after)


def _removal(sheet: Sheet, key: str, row: Row) -> Change | None:
    if not isinstance(row, CategoryRow):
        return Change(sheet, key, row, None)
    # Cases keep their category, so it is taken out of use rather than away.
    return Change(sheet, key, row, None) if row.is_active else None


def additions(difference: Difference) -> tuple[Change, ...]:
    """Return those changes of a difference that touch no row which is there."""
    return tuple(change for change in difference.changes if change.what == What.ADDED)


def links(held: Book, directory: Directory) -> tuple[Change, ...]:
    """Return the changes that put units in the place of names under which they have been set up since."""
    rows = (held.duties or {}).values()
    pairs = ((row, _linked(row, directory)) for row in rows)
    return tuple(Change(Sheet.DUTIES, old.key, old, new) for old, new in pairs if new != old)


def _linked(row: DutyRow, directory: Directory) -> DutyRow:
    lead = _now(row.lead, directory) if row.lead else None
    assist = {_now(unit, directory) for unit in row.assist} - {lead}
    return replace(row, lead=lead, assist=tuple(sorted(assist, key=lambda unit: unit.name)))


def _now(unit: UnitRef, directory: Directory) -> UnitRef:
    try:
        return unit if unit.id else directory.unit(unit.name)
    except Ambiguous:
        return unit
