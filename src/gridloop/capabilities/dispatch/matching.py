"""
The town's own rules of dispatch: which of them speaks for a case. Plain Python; in the order that the town
gave them, the first that fits decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from gridloop.core.catalogue.suggestion import CONJUNCTION, normalised

ANY_TIME, WITHIN, OUTSIDE = "", "within", "outside"  # of the working hours


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    All must hold; what is empty asks for nothing.

    `category_ids` name main categories or sub-categories, `region_paths` regions with all that lies in them.
    `words`: one of them is in the text; `A+B` is where both are. `weekdays` count from Monday, 1. From
    `starts` to `ends` may go over midnight.
    """

    category_ids: frozenset[int] = frozenset()
    region_paths: tuple[str, ...] = ()
    channels: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    weekdays: frozenset[int] = frozenset()
    starts: time | None = None
    ends: time | None = None
    working_time: str = ANY_TIME


@dataclass(frozen=True, slots=True)
class RuleView:
    """
    A rule: where its conditions hold, this unit leads, these assist, this person has it by name.

    Without a lead it only adds to who leads by the duty list. `beats_duty`: it goes before the duty list, and
    says so; any other rule may name only the duty list's own lead, or speak where that is silent.
    """

    id: int | None
    name: str
    conditions: Conditions
    lead_unit_id: int | None = None
    assist_unit_ids: tuple[int, ...] = ()
    assignee_id: int | None = None
    beats_duty: bool = False

    def may_lead(self, duty_unit_id: int | None) -> bool:
        """Return whether the rule may speak beside a duty list that names this unit, or none."""
        return self.beats_duty or duty_unit_id is None or self.lead_unit_id in (None, duty_unit_id)


@dataclass(frozen=True, slots=True)
class Matter:
    """A case as rules see it: at a local moment, with its text without differences that nobody means."""

    category_id: int | None
    main_id: int | None
    region_path: str
    channel: str
    text: str
    at: datetime
    is_working_time: bool


def first_match(rules: Iterable[RuleView], matter: Matter, duty_unit_id: int | None) -> RuleView | None:
    """Return the first rule that fits and may speak beside the duty list."""
    return next(
        (r for r in rules if r.may_lead(duty_unit_id) and fits(r.conditions, matter)),
        None,
    )


def fits(asked: Conditions, matter: Matter) -> bool:
    """Return whether all conditions hold."""
    return (
        (not asked.category_ids or bool(asked.category_ids & {matter.category_id, matter.main_id}))
        and (not asked.region_paths or matter.region_path.startswith(asked.region_paths))
        and (not asked.channels or matter.channel in asked.channels)
        and (not asked.words or any(is_in(word, matter.text) for word in asked.words))
        and (not asked.weekdays or matter.at.isoweekday() in asked.weekdays)
        and _is_between(asked.starts, asked.ends, matter.at.time())
        and (asked.working_time == ANY_TIME or (asked.working_time == WITHIN) == matter.is_working_time)
    )


def is_in(word: str, text: str) -> bool:
    """Return whether the word, or each part of `A+B`, stands in a normalised text."""
    parts = [part for part in normalised(word).split(CONJUNCTION) if part]
    return bool(parts) and all(part in text for part in parts)


def _is_between(starts: time | None, ends: time | None, at: time) -> bool:
    if starts is None or ends is None:
        return True
    return starts <= at < ends if starts < ends else (at >= starts or at < ends)
