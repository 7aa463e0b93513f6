"""
What a proposal is: up to three units for a case, each with a score that is split into its terms. Plain
Python.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Source(StrEnum):
    """What speaks for an option in the first place."""

    DUTY = "duty"
    RULE = "rule"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Term:
    """
    One reason. `value` runs from 0 (speaks against) to 1 (speaks for); `weight` is its share of the score.

    `words` is what a clerk can read out.
    """

    name: str
    label: str
    value: float
    weight: float
    words: str


@dataclass(frozen=True, slots=True)
class Option:
    """A unit that could lead, who could assist, the person where the unit allows it, and why."""

    unit_id: int
    unit_name: str
    assist_unit_ids: tuple[int, ...]
    assignee_id: int | None
    score: float  # 0 to 1
    terms: tuple[Term, ...]
    source: Source
    rule_id: int | None = None


@dataclass(frozen=True, slots=True)
class BoundaryNote:
    """A point near the border of two jurisdictions: both by name, how far off the second begins, in words."""

    first: str
    second: str
    metres: float
    words: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is proposed for a case, the best first; not `is_certain` means that a person has to judge."""

    case_id: UUID
    options: tuple[Option, ...]  # at most three
    is_certain: bool
    boundary: BoundaryNote | None = None
    ask: str = ""  # why a person has to judge, in words; empty where it is certain

    def rank_of(self, unit_id: int) -> int | None:
        """Return the place of a unit among the options, from 1; None where it is not one of them."""
        return next((n for n, option in enumerate(self.options, 1) if option.unit_id == unit_id), None)
