"""Replay of history in time order, learning as it goes: how often the unit was foreseen, and could be."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from gridloop.capabilities.dispatch.learning.facts import Facts
from gridloop.capabilities.dispatch.learning.model import Lesson, Model, Role

RANKS = 3


@dataclass(slots=True)
class Tally:
    """How many cases were asked, and in how many the unit stood at rank 1, and within the first three."""

    asked: int = 0
    first: int = 0
    among: int = 0

    def count(self, rank: int | None) -> None:
        self.asked += 1
        self.first += rank == 1
        self.among += rank is not None

    @property
    def first_share(self) -> float:
        return self.first / self.asked if self.asked else 0.0

    @property
    def among_share(self) -> float:
        return self.among / self.asked if self.asked else 0.0


@dataclass(slots=True)
class Replay:
    """The result over the rows that were counted. `unseen`: the unit had never closed a case before."""

    whole: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    unseen: int = 0
    ceiling: Tally = field(default_factory=Tally)


def replay(lessons: Iterable[Lesson], *, first: int, role: Role, last: int | None = None) -> Replay:
    """
    Guess each case before it is learnt, and count the rows from `first` to `last`, which are numbered from 1.

    :param lessons: in the order of time.
    """
    model, result, seen = Model({}, role), Replay(), set[str]()
    counted: list[Lesson] = []
    for number, lesson in enumerate(lessons, 1):
        guess = model.guess(lesson.facts, lesson.at)
        if number >= first and (last is None or number <= last):
            rank = rank_of(lesson.unit, guess.ranked())
            result.whole.count(rank)
            result.by_kind[lesson.facts.kind].count(rank)
            result.unseen += lesson.unit not in seen
            counted.append(lesson)
        model.learn(lesson, guess)
        seen.add(lesson.unit)
    result.ceiling = ceiling(counted)
    return result


def rank_of(unit: str, ranked: list[str]) -> int | None:
    """Return the place of the unit among the first three, from 1; None where it is not there."""
    return ranked.index(unit) + 1 if unit in ranked[:RANKS] else None


def ceiling(lessons: Iterable[Lesson]) -> Tally:
    """
    Return what somebody would reach who knew beforehand which units get the cases of each set of equal facts.

    Cases with the same facts that went to different units cannot all be foreseen: of each such set the most
    frequent unit is right at rank 1, and the three most frequent within the first three.
    """
    groups: dict[Facts, Counter[str]] = defaultdict(Counter)
    for lesson in lessons:
        groups[lesson.facts][lesson.unit] += 1
    best = Tally()
    for units in groups.values():
        counts = [count for _unit, count in units.most_common(RANKS)]
        best.asked += units.total()
        best.first += counts[0]
        best.among += sum(counts)
    return best
