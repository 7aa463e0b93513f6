"""
Proof that the log was not altered: every line by its hash, every stream by its chain, every day by its seal,
and what a stream is about by its last line. One snapshot, read once in the order of writing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gridloop.core.audit.chain import GENESIS
from gridloop.core.audit.models import Seal
from gridloop.core.audit.reader import Line, all_lines, lines_of
from gridloop.core.audit.seals import SealDigest

STEP = 5_000
_START = (0, GENESIS, "")


class Fault(StrEnum):
    """What was done to the log."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    SEAL = "seal"  # a seal was altered, or one between two others was taken out
    HEAD = "head"  # what the stream is about does not stand where its log ends


class StreamHead(NamedTuple):
    """Where a stream must end, by what it is about; `target` is the state after the last line."""

    stream: str
    seq: int
    hash: bytes
    target: str


Heads: TypeAlias = Callable[[], Iterator[StreamHead]]
Tell: TypeAlias = Callable[[int], None]
_sources: list[Heads] = []


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link that does not hold: a line of a stream, or all lines of a sealed day."""

    fault: Fault
    message: str
    stream: str = ""
    seq: int = 0
    day: date | None = None


@dataclass(slots=True)
class Proof:
    """What was looked at, and what was found: nothing where the log is whole."""

    lines: int = 0
    streams: int = 0
    seals: int = 0
    unsealed: int = 0
    broken: list[Broken] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.broken


def register_heads(source: Heads) -> None:
    """Have `verify` compare the ends of these streams with what they are about. Call it in `ready()`."""
    if source not in _sources:
        _sources.append(source)


def verify(tell: Tell = lambda _lines: None) -> Proof:
    """
    Read the whole log and say whether it is as it was written.

    The first stream that is broken is looked into. A day whose seal does not fit is reported before a stream
    that ends too early or too late, because the seal alone does not say which line is missing.

    :param tell: called with the number of lines read so far, every few thousand.
    """
    with _snapshot():
        return _Reading(tell).run()


def line_count() -> int:
    """Return about how many lines there are, without counting them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE relname = 'audit_entry'")
        found = cursor.fetchone()
    return int(found[0]) if found else 0


class _Reading:
    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.proof = Proof()
        self.heads: dict[str, tuple[int, bytes, str]] = {}
        self.seals = _Seals(list(Seal.objects.in_order()))

    def run(self) -> Proof:
        stream = self._first_broken_stream()
        self.seals.finish()
        proof = self.proof
        proof.seals, proof.unsealed, proof.streams = self.seals.checked, self.seals.unsealed, len(self.heads)
        proof.broken += self.seals.broken
        proof.broken += self._wrong_ends() if stream is None else [_diagnose(stream)]
        self.tell(proof.lines)
        return proof

    def _first_broken_stream(self) -> str | None:
        # Read to the end in any case: the days after it are proven by their seals even so.
        broken = None
        for number, line in enumerate(all_lines(), 1):
            self.seals.add(line)
            if broken is None and not self._holds(line):
                broken = line.stream
            self.proof.lines = number
            if number % STEP == 0:
                self.tell(number)
        return broken

    def _holds(self, line: Line) -> bool:
        seq, prev, _target = self.heads.get(line.stream, _START)
        self.heads[line.stream] = (line.seq, line.hash, line.target)
        return line.seq == seq + 1 and line.prev == prev and line.rehash() == line.hash

    def _wrong_ends(self) -> list[Broken]:
        """Return the first stream of each kind of thing that does not end where the thing stands."""
        return [wrong for source in _sources if (wrong := next(self._compared(source()), None))]

    def _compared(self, source: Iterator[StreamHead]) -> Iterator[Broken]:
        for head in source:
            seq, digest, target = self.heads.get(head.stream, _START)
            if seq < head.seq:
                yield _gone(head.stream, seq + 1)
            elif seq > head.seq:
                text = _("%(stream)s 的第 %(seq)d 条不是系统写入的。")
                yield _broken(Fault.INSERTED, text, head.stream, head.seq + 1)
            elif digest != head.hash or target != head.target:
                text = _("%(stream)s 的现状与其最后一条记录（第 %(seq)d 条）不符。")
                yield _broken(Fault.HEAD, text, head.stream, seq)


class _Seals:
    """Follows the lines from seal to seal, and keeps the first seal that does not fit."""

    def __init__(self, seals: list[Seal]) -> None:
        self._rest = iter(seals)
        self._seal: Seal | None = None
        self._digest: SealDigest | None = None
        self._before = (0, GENESIS)
        self.checked = self.unsealed = 0
        self.broken: list[Broken] = []
        self._next()

    def add(self, line: Line) -> None:
        while self._seal is not None and line.id > self._seal.last_id:
            self._close()
        if self._digest is None:
            self.unsealed += 1
        else:
            self._digest.add(line)

    def finish(self) -> None:
        """Close the seals that lie behind the last line."""
        while self._seal is not None:
            self._close()

    def _next(self) -> None:
        self._seal = next(self._rest, None)
        self._digest = None
        if (seal := self._seal) is None:
            return
        last_id, digest = self._before
        if bytes(seal.prev) != digest or seal.first_id != last_id + 1:
            self._break(seal, Fault.SEAL, _("%(day)s 的封存与前一日的不相接，封存记录被改动或删除。"))
        self._digest = SealDigest(bytes(seal.prev), seal.day, seal.first_id)

    def _close(self) -> None:
        seal, digest = self._seal, self._digest
        if seal is None or digest is None:
            return
        if digest.count < seal.count:
            self._break(
                seal, Fault.REMOVED, _("%(day)s 封存的记录少了 %(count)d 条。"), seal.count - digest.count
            )
        elif digest.count > seal.count:
            self._break(
                seal, Fault.INSERTED, _("%(day)s 封存的记录多了 %(count)d 条。"), digest.count - seal.count
            )
        elif digest.digest(seal.last_id) != bytes(seal.digest):
            self._break(seal, Fault.SEAL, _("%(day)s 的封存与其记录不符，封存或记录的次序、时间被改动。"))
        self.checked += 1
        self._before = (seal.last_id, bytes(seal.digest))
        self._next()

    def _break(self, seal: Seal, fault: Fault, text: str, count: int = 0) -> None:
        if not self.broken:
            self.broken.append(Broken(fault, text % {"day": seal.day, "count": count}, day=seal.day))


def _diagnose(stream: str) -> Broken:
    """Say what was done to a stream whose chain does not hold, and where first."""
    lines = lines_of(stream)
    written = [_first_number(line, len(lines)) for line in lines]
    for place, (line, number) in enumerate(zip(lines, written, strict=True), 1):
        if number == line.seq != place:
            return _gone(stream, place)
        if number != place or written.count(number) > 1:
            return _misplaced(stream, lines, written, place)
        if place == 1 and line.prev != GENESIS:
            return _changed(stream, place)
        # The next line is as it was written, but tied to something else: this line's hash was made anew.
        if written[place : place + 1] == [place + 1] and lines[place].prev != line.hash:
            return _changed(stream, place)
    return _broken(Fault.REORDERED, _("%(stream)s 的记录被调换了次序。"), stream, 1)


def _misplaced(stream: str, lines: list[Line], written: list[int | None], place: int) -> Broken:
    """Say why a line stands where it was not written; None among `written` is a line that never was."""
    known = sorted(number for number in written if number is not None)
    is_renumbered = any(n not in (None, line.seq) for n, line in zip(written, lines, strict=True))
    number = written[place - 1]
    if known == list(range(1, len(lines) + 1)):
        return _broken(Fault.REORDERED, _("%(stream)s 的第 %(seq)d 条被调换了次序。"), stream, place)
    if known.count(number or 0) > 1 or (number is None and is_renumbered):
        return _broken(Fault.INSERTED, _("%(stream)s 的第 %(seq)d 条是后来插入的。"), stream, place)
    return _changed(stream, place) if number is None else _gone(stream, place)


def _first_number(line: Line, count: int) -> int | None:
    """Return the number under which the line was written, None where its content is not what was written."""
    near = sorted(range(1, count + 2), key=lambda number: abs(number - line.seq))
    return next((number for number in [line.seq, *near] if line.rehash(number) == line.hash), None)


def _broken(fault: Fault, text: str, stream: str, seq: int) -> Broken:
    return Broken(fault, text % {"stream": stream, "seq": seq}, stream, seq)


def _changed(stream: str, seq: int) -> Broken:
    return _broken(Fault.CHANGED, _("%(stream)s 的第 %(seq)d 条被改动。"), stream, seq)


def _gone(stream: str, seq: int) -> Broken:
    return _broken(Fault.REMOVED, _("%(stream)s 的第 %(seq)d 条被删除。"), stream, seq)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Let all reads see one moment, so that a writer at work is no fault."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
