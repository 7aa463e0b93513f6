"""
Who closes such cases, learnt one case after the other.

Each context (this sub-category in this village, …) keeps decayed counts of the units that closed its cases,
and of the roles that they play there. What the contexts say is weighed by a softmax over the units in
question, whose weights are learnt along the way (AdaGrad), by how much each context has seen. The reasons
stand in docs/adr/0010.

All that is learnt lies in cells, found by key: a dict in a replay, rows of a table in a town. The same
lessons in the same order leave the same numbers, to the last bit.
"""

import math
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from gridloop.capabilities.dispatch.learning.facts import (
    CONTEXTS,
    INCLINATIONS,
    ROLE_CONTEXTS,
    Facts,
    keys,
)

Cell: TypeAlias = dict[str, Any]
Role: TypeAlias = Callable[[str, Facts], str]

MEMORY_CASES = 20.0  # of a context's further cases, until a case counts half
MEMORY_DAYS = 60.0  # of silence in a context, until what it has seen counts half
RATE, FIRST_WEIGHT, FIRST_SQUARE = 0.1, 3.0, 0.1
INCLINATION_RATE, INCLINATION_SQUARE = 0.1, 0.01
FLOOR = 0.02  # of a share, so that one that is never seen is no minus infinity
SMOOTHING = 1.0  # cases that stand for all units a context has not seen
MOST_OF_A_CONTEXT = 6  # units that one context brings in
LEAST = 1e-3  # a count, or an error, too small to matter
EVIDENCE = (1.5, 3.5, 8.0, 16.0)
GAPS_DAYS = (1 / 24, 1.0, 7.0, 28.0)
WEIGHTS, SEEN = "weights", "seen"
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """
    What really happened: a case of these facts was the unit's (`share` 1), or after all was not (negative).

    Only a share of 1 moves the weights; less is counted in the contexts alone.
    """

    facts: Facts
    unit: str
    at: datetime
    share: float = 1.0


@dataclass(slots=True)
class Guess:
    """The units in question with their probabilities, which sum to 1, and what each was judged by."""

    facts: Facts
    at: float
    chances: dict[str, float] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    features: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    evidence: float = 0.0  # decayed number of cases of the same sub-category

    def ranked(self) -> list[str]:
        """Return the units, the likeliest first; ties by name."""
        return sorted(self.chances, key=lambda unit: (-self.chances[unit], unit))


class Model:
    """
    The model over a store of cells.

    :param cells: what is learnt so far; `learn` changes and adds cells, and names them in `touched`.
    :param role: what part a unit plays for a case of these facts: one word for each village's own committee.
    """

    def __init__(self, cells: MutableMapping[str, Cell], role: Role = lambda unit, _facts: unit) -> None:
        self.cells = cells
        self.role = role
        self.touched: set[str] = set()

    @staticmethod
    def needs(facts: Facts) -> set[str]:
        """Return the keys of all cells that a guess or a lesson about such a case may read."""
        named = (
            *keys(facts, CONTEXTS, "u"),
            *keys(facts, ROLE_CONTEXTS, "r"),
            *keys(facts, INCLINATIONS, "i"),
        )
        return {key for _name, key in named} | {WEIGHTS, SEEN}

    def guess(self, facts: Facts, at: datetime) -> Guess:
        """Return who is likely to close such a case; nobody where nothing like it was ever seen."""
        guess = Guess(facts, at.timestamp() / DAY_S)
        known = [(name, cell) for name, key in keys(facts, CONTEXTS, "u") if (cell := self.cells.get(key))]
        for _name, cell in known:
            for unit in _largest(cell["n"]):
                guess.features.setdefault(unit, [])
        guess.roles = {unit: self.role(unit, facts) for unit in guess.features}
        self._judge_by_units(guess, known)
        self._judge_by_roles(guess)
        scores = {unit: self._score(guess, unit) for unit in guess.features}
        guess.chances = _softmax(scores)
        sub = self.cells.get(next(key for _name, key in keys(facts, (("sub",),), "u")))
        guess.evidence = sum(sub["n"].values()) if sub else 0.0
        return guess

    def learn(self, lesson: Lesson, guess: Guess | None = None) -> None:
        """
        Take in what happened.

        :param guess: what the model thought of it before, if it was asked.
        """
        if lesson.share >= 1.0:
            guess = guess or self.guess(lesson.facts, lesson.at)
            if lesson.unit in guess.chances and len(guess.chances) > 1:
                self._correct(guess, lesson.unit)
        self._count(lesson)

    # judging -----------------------------------------------------------------------------------------------

    def _judge_by_units(self, guess: Guess, known: Iterable[tuple[str, Cell]]) -> None:
        for name, cell in known:
            counts, seen = cell["n"], sum(cell["n"].values())
            feature = f"u:{name}:{_bucket(seen, EVIDENCE)}"
            for unit, features in guess.features.items():
                if count := counts.get(unit):
                    features.append((feature, _support(count, seen)))
            if cell["last"] in guess.features:
                gap = _bucket(guess.at - cell["at"], GAPS_DAYS)
                guess.features[cell["last"]].append((f"last:{name}:{gap}", 1.0))
        seen_at = self.cells.get(SEEN, {})
        for unit, features in guess.features.items():
            gap = _bucket(guess.at - seen_at.get(unit, 0.0), GAPS_DAYS)
            features.append((f"seen:{gap}", 1.0))

    def _judge_by_roles(self, guess: Guess) -> None:
        for name, key in keys(guess.facts, ROLE_CONTEXTS, "r"):
            if not (cell := self.cells.get(key)):
                continue
            counts, seen = cell["n"], sum(cell["n"].values())
            feature = f"r:{name}:{_bucket(seen, EVIDENCE)}"
            for unit, features in guess.features.items():
                if count := counts.get(guess.roles[unit]):
                    features.append((feature, _support(count, seen)))

    def _score(self, guess: Guess, unit: str) -> float:
        weights = self.cells.get(WEIGHTS, {})
        score = sum(weights.get(name, _FIRST(name))[0] * value for name, value in guess.features[unit])
        for cell, who in self._inclinations(guess, unit):
            if cell and who in cell:
                score += cell[who][0]
        return score

    def _inclinations(self, guess: Guess, unit: str) -> Iterable[tuple[Cell | None, str]]:
        for name, key in keys(guess.facts, INCLINATIONS, "i"):
            cell = self.cells.get(key)
            yield cell, f"r:{guess.roles[unit]}"
            if not name:
                yield cell, f"u:{unit}"

    # learning ----------------------------------------------------------------------------------------------

    def _correct(self, guess: Guess, right: str) -> None:
        """Move the weights along the gradient of the log-likelihood of what happened."""
        gradient: dict[str, float] = {}
        for unit, chance in guess.chances.items():
            error = (unit == right) - chance
            if abs(error) < LEAST:
                continue
            for name, value in guess.features[unit]:
                gradient[name] = gradient.get(name, 0.0) + error * value
            self._incline(guess, unit, error)
        weights = self._cell(WEIGHTS)
        for name, slope in gradient.items():
            weight, square = weights.get(name, _FIRST(name))
            square += slope * slope
            weights[name] = [weight + RATE * slope / math.sqrt(square), square]

    def _incline(self, guess: Guess, unit: str, error: float) -> None:
        for name, key in keys(guess.facts, INCLINATIONS, "i"):
            cell = self._cell(key)
            for who in (f"r:{guess.roles[unit]}", *(() if name else (f"u:{unit}",))):
                weight, square = cell.get(who, (0.0, INCLINATION_SQUARE))
                square += error * error
                cell[who] = [weight + INCLINATION_RATE * error / math.sqrt(square), square]

    def _count(self, lesson: Lesson) -> None:
        at = lesson.at.timestamp() / DAY_S
        role = self.role(lesson.unit, lesson.facts)
        for _name, key in keys(lesson.facts, CONTEXTS, "u"):
            _add(self._cell(key), lesson.unit, at, lesson.share)
        for _name, key in keys(lesson.facts, ROLE_CONTEXTS, "r"):
            _add(self._cell(key), role, at, lesson.share)
        if lesson.share > 0:
            seen = self._cell(SEEN)
            seen[lesson.unit] = max(at, seen.get(lesson.unit, at))

    def _cell(self, key: str) -> Cell:
        self.touched.add(key)
        if key not in self.cells:
            self.cells[key] = {}
        return self.cells[key]


def _FIRST(name: str) -> tuple[float, float]:  # noqa: N802
    """Return weight and squared slopes of a feature that was never corrected."""
    share = FIRST_WEIGHT / (len(CONTEXTS) + len(ROLE_CONTEXTS))
    return (share if name[:2] in ("u:", "r:") else 0.0), FIRST_SQUARE


def _largest(counts: dict[str, float]) -> Iterable[str]:
    if len(counts) <= MOST_OF_A_CONTEXT:
        return counts
    return sorted(counts, key=lambda unit: (-counts[unit], unit))[:MOST_OF_A_CONTEXT]


def _support(count: float, seen: float) -> float:
    return math.log(max(count, 0.0) / (seen + SMOOTHING) + FLOOR) - math.log(FLOOR)


def _bucket(value: float, bounds: tuple[float, ...]) -> int:
    return sum(value > bound for bound in bounds)


def _softmax(scores: dict[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    top = max(scores.values())
    raised = {unit: math.exp(score - top) for unit, score in scores.items()}
    whole = sum(raised.values())
    return {unit: value / whole for unit, value in raised.items()}


def _add(cell: Cell, who: str, at: float, share: float) -> None:
    """Count one more; what was counted before fades by that case and by the days that passed."""
    counts: dict[str, float] = cell.setdefault("n", {})
    if share > 0:
        gap = max(0.0, at - cell.get("at", at))
        fading = 0.5 ** (share / MEMORY_CASES + gap / MEMORY_DAYS)
        for one in list(counts):
            counts[one] *= fading
            if counts[one] < LEAST:
                del counts[one]
        cell["last"], cell["at"] = who, max(at, cell.get("at", at))
    left = counts.get(who, 0.0) + share
    if left >= LEAST:
        counts[who] = left
    else:
        counts.pop(who, None)
    cell.setdefault("last", "")
    cell.setdefault("at", at)
