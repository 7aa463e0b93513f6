"""
Cases of the past, taken in by the thousand. Each goes round the loop in memory by the loop's own verbs and is
stored with its log; a thousand are one transaction, so that a stop in the middle loses nothing that is told.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from gridloop.base.common.errors import DomainError
from gridloop.base.common.ids import id_at
from gridloop.core.cases.actions.intake import numbers
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import CaseFile, Times
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org import actions as org
from gridloop.core.org.actions.calendar import ScheduleNotAnnounced
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import missing_days, work_time
from gridloop.core.org.policies import check_can
from gridloop.faces.exchange.imports.directory import Directory, Kind
from gridloop.faces.exchange.imports.journey import Journey, in_part_of
from gridloop.faces.exchange.imports.making import Maker
from gridloop.faces.exchange.imports.mapping import CaseMap
from gridloop.faces.exchange.imports.records import Record, RowFaulty, RowReader

CHUNK = 1000

Row: TypeAlias = tuple[int, Mapping[str, str]]
Keep: TypeAlias = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that did not become a case: its number in the sheet, its cells, and why."""

    number: int
    cells: Mapping[str, str]
    reason: str


@dataclass(slots=True)
class Outcome:
    """What an import did. `unknown` counts, by kind, the names that nobody knows here."""

    read: int = 0
    stored: int = 0
    known: int = 0
    entries: int = 0
    faulty: list[FaultyRow] = field(default_factory=list)
    made: list[tuple[Kind, str, str]] = field(default_factory=list)
    unknown: dict[Kind, Mapping[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def import_cases(
    rows: Iterable[Row],
    mapping: CaseMap,
    *,
    actor: Actor,
    at: datetime,
    creates_missing: bool = False,
    is_trial: bool = False,
    tell: Callable[[int], None] = lambda _done: None,
) -> Outcome:
    """
    Take every row in as a case that went as far round the loop as the row says.

    A row whose case is there already is passed over, so that a second run changes nothing. A row that cannot
    become a case is told of in the outcome and stops none of the others. Years that the work calendar lacks
    are filled in, and the outcome says so.

    :param rows: (row number, column → text) as `importing.read_rows` gives them, with all columns of the map.
    :param creates_missing: make the categories, regions and units that are named and not known.
    :param is_trial: do everything, then take it all back.
    :param tell: called with the number of rows done, after each thousand.
    :raises NotAllowed: the actor may not import cases.
    """
    check_can(actor, "case.import")
    run = _Run(mapping, actor, at, creates_missing=creates_missing)
    with _collector_at_rest(), transaction.atomic() if is_trial else nullcontext(), _keeper() as keep:
        run.go(rows, keep, tell)
        if is_trial:
            transaction.set_rollback(True)
    return run.outcome


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """
    Keep the collector from looking through a thousand living cases again and again, a fifth of all the time.

    It looks once after each thousand, and not at what was there before.
    """
    was_enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Read:
    """A row that was understood, and the key of its case, which is the same in every run."""

    number: int
    cells: Mapping[str, str]
    record: Record
    key: UUID

    @property
    def source(self) -> tuple[str, str]:
        return self.record.intake.channel.value, self.record.intake.source_ref


_Made: TypeAlias = tuple[_Read, CaseFile]


@contextmanager
def _keeper() -> Iterator[Keep]:
    """
    Yield what stores a thousand while the next thousand goes round the loop, over a connection of its own.

    It waits for the thousand before, so that at most two are in memory. Inside a transaction of the caller,
    whose rows no other connection can see, it stores at once.
    """
    if connection.in_atomic_block:
        yield lambda work: work()
        return
    before: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:

        def keep(work: Callable[[], None]) -> None:
            nonlocal before
            if before:
                before.result()
            before = pool.submit(work)

        try:
            yield keep
        finally:
            pool.submit(connection.close)
    if before:
        before.result()


class _Run:
    def __init__(self, mapping: CaseMap, actor: Actor, at: datetime, *, creates_missing: bool) -> None:
        self._map, self._actor, self._at = mapping, actor, at
        self._reader = RowReader(mapping)
        self._directory = Directory.load()
        self._maker = Maker(mapping, self._directory) if creates_missing else None
        self._seen: dict[tuple[str, str], int] = {}
        self._years: set[int] = set()
        self.outcome = Outcome(unknown={**self._directory.unknown})

    def go(self, rows: Iterable[Row], keep: Keep, tell: Callable[[int], None]) -> None:
        if self._maker:
            self._maker.make_top_region()
            self.outcome.made = self._maker.made
        for chunk in _chunks(rows, CHUNK):
            files = self._take(chunk)
            keep(lambda made=files: self._store(made))  # type: ignore[misc]  # bound now, called later
            gc.collect()
            tell(self.outcome.read)
        keep(lambda: None)
        self.outcome.faulty.sort(key=lambda row: row.number)

    def _take(self, chunk: list[Row]) -> list[_Made]:
        read = [found for number, cells in chunk if (found := self._read(number, cells))]
        self.outcome.read += len(chunk)
        fresh = self._not_yet_here(read)
        with transaction.atomic():
            self._make_missing(fresh)
        self._fill_calendar({timezone.localtime(each.record.reported_at).year for each in fresh})
        return list(self._files(fresh))

    def _read(self, number: int, cells: Mapping[str, str]) -> _Read | None:
        try:
            record = self._reader.read(cells)
        except RowFaulty as fault:
            self._refuse(number, cells, fault)
            return None
        channel, reference = record.intake.channel.value, record.intake.source_ref
        if first := self._seen.get((channel, reference)):
            self._refuse(number, cells, f"来源编号 {reference} 与第 {first} 行重复")
            return None
        self._seen[channel, reference] = number
        return _Read(number, cells, record, id_at(record.reported_at, seed=f"{channel}:{reference}"))

    def _refuse(self, number: int, cells: Mapping[str, str], reason: object) -> None:
        self.outcome.faulty.append(FaultyRow(number, cells, getattr(reason, "message", None) or str(reason)))

    def _not_yet_here(self, read: list[_Read]) -> list[_Read]:
        references = {reference for _channel, reference in (each.source for each in read)}
        channels = {channel for channel, _reference in (each.source for each in read)}
        same = Case.objects.filter(channel__in=channels, source_ref__in=references)
        here = set(same.values_list("channel", "source_ref"))
        keys = set(Case.objects.filter(pk__in=[each.key for each in read]).values_list("pk", flat=True))
        fresh = [each for each in read if each.source not in here and each.key not in keys]
        self.outcome.known += len(read) - len(fresh)
        return fresh

    def _make_missing(self, read: list[_Read]) -> None:
        if self._maker is None:
            return
        wanted = {name: None for each in read for name in self._directory.missing(each.record)}
        for kind, named in wanted:
            # What was made for another name may be it: one unit is written in several ways under one code.
            if self._directory.knows(kind, named):
                continue
            try:
                self._maker.make(kind, named)
            except (RowFaulty, DomainError) as fault:
                # It stays unknown, and its rows say so.
                self._note(str(fault))

    def _fill_calendar(self, years: set[int]) -> None:
        # A deadline of December ends in January.
        for year in sorted((years | {year + 1 for year in years}) - self._years):
            self._years.add(year)
            if not missing_days(year):
                continue
            try:
                org.fill_calendar(year)
                self._note(f"工作日历缺少 {year} 年，已按国务院放假安排补齐。")
            except ScheduleNotAnnounced as refusal:
                if year in years:
                    self._note(refusal.message)

    def _note(self, text: str) -> None:
        if text not in self.outcome.notes:
            self.outcome.notes.append(text)

    def _files(self, read: list[_Read]) -> Iterator[_Made]:
        units = frozenset(unit.id for unit in self._directory.units.values())
        times = Times(work_time(), rulebook(), units | {u.id for u in self._directory.unit_codes.values()})
        taken = _numbers(read)
        for each in read:
            try:
                yield each, self._file(each, taken.pop(each.number), times)
            except (RowFaulty, DomainError) as fault:
                self._refuse(each.number, each.cells, fault)

    def _file(self, each: _Read, number: str, times: Times) -> CaseFile:
        known = self._directory.resolve(each.record)
        unit = (
            in_part_of(self._actor, known.unit.id, known.unit.path, known.unit.name) if known.unit else None
        )
        journey = Journey(each.record, actor=self._actor, now=self._at)
        return journey.travel(
            each.key, number, times, category_id=known.category_id, region_id=known.region_id, unit=unit
        )

    def _store(self, made: list[_Made]) -> None:
        try:
            self._keep(made)
        except (IntegrityError, DataError):
            # Somebody else was quicker with one of them, or one holds what no column takes: find out which.
            for one in made:
                try:
                    self._keep([one])
                except (IntegrityError, DataError) as error:
                    self._refuse(
                        one[0].number, one[0].cells, f"数据库不接受这一行：{str(error).splitlines()[0]}"
                    )

    def _keep(self, made: list[_Made]) -> None:
        entries = sum(len(file.entries) for _each, file in made)
        store_many([file for _each, file in made])
        self.outcome.stored += len(made)
        self.outcome.entries += entries


def _numbers(read: list[_Read]) -> dict[int, str]:
    """Return a case number for each row, of the year in which its case was reported."""
    by_year: defaultdict[int, list[_Read]] = defaultdict(list)
    for each in read:
        by_year[timezone.localtime(each.record.reported_at).year].append(each)
    found: dict[int, str] = {}
    for rows in by_year.values():
        taken = numbers(rows[0].record.reported_at, len(rows))
        found |= zip((row.number for row in rows), taken, strict=True)
    return found


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk
