"""
From what is proposed for each case of a batch to one plan for all of them. Plain Python over `assignment`.

What stands fixed: a case for which a person has to judge is left to a person; where the duty lists or a rule
of the town speak, no other unit is taken for the sake of balance; what a person chose is taken as it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.assignment import NOBODY, Seats, assign
from gridloop.capabilities.dispatch.options import Option, Proposals, Source

SCALE = 10_000  # a score of 1 in whole numbers
UNIT_RISE = 60  # each further case of the batch at a unit weighs as much as 0.006 of a score
PERSON_RISE = 400  # and at a person as much as 0.04
NOT_FIRST = 200  # of a unit's people, the one that the proposal names comes first by 0.02
WORDS = 3  # reasons that the preview shows of each choice


class Seat(NamedTuple):
    """Who gets a case: a unit, or a person of it."""

    unit_id: int
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Room:
    """
    What units and their people have in hand and may have at most (None: no limit), by their keys.

    `people` names those of a unit to whom work may be given by name; a unit that is not in it takes it as a
    whole.
    """

    in_hand: Mapping[int, int] = field(default_factory=dict)
    most: Mapping[int, int | None] = field(default_factory=dict)
    people: Mapping[int, Sequence[int]] = field(default_factory=dict)
    in_hand_of: Mapping[int, int] = field(default_factory=dict)
    most_each: Mapping[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person chose for a case: one of the proposals by its place from 1, or any unit."""

    rank: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """
    Where a case goes and why, or why it goes nowhere: then `unit_id` is None and `left_out` says what stands
    against it (`ask` or `full`).
    """

    case_id: UUID
    unit_id: int | None = None
    person_id: int | None = None
    assist_unit_ids: tuple[int, ...] = ()
    rank: int | None = None
    is_by_hand: bool = False
    words: str = ""
    left_out: str = ""
    reason: str = ""


def plan(
    proposed: Sequence[Proposals], room: Room, wishes: Mapping[UUID, Wish] | None = None
) -> list[Planned]:
    """
    Return the plan of each case, in their order: as many as can be, at the highest scores, evenly spread.
    """
    wishes = wishes or {}
    wished = {p.case_id: _by_wish(p, wishes[p.case_id]) for p in proposed if p.case_id in wishes}
    free = [p for p in proposed if p.case_id not in wished and p.is_certain and p.options]
    taken = Counter(made.unit_id for made in wished.values())
    seated = dict(zip((p.case_id for p in free), _seat(free, room, taken), strict=True))
    return [wished.get(p.case_id) or seated.get(p.case_id) or _asked(p) for p in proposed]


def eligible(proposals: Proposals) -> list[tuple[int, Option]]:
    """
    Return the proposals among which balance may choose, with their places from 1.

    Where a duty list or a rule speaks, only those that it speaks for.
    """
    first = proposals.options[0].source
    hard = first in (Source.DUTY, Source.RULE)
    return [(n, o) for n, o in enumerate(proposals.options, 1) if not hard or o.source == first]


def reasons(option: Option) -> str:
    """Return the reasons that count most, as a clerk reads them out."""
    telling = sorted((t for t in option.terms if t.words), key=lambda t: -t.weight * t.value)
    return "".join(t.words if t.words.endswith("。") else f"{t.words}；" for t in telling[:WORDS]).rstrip(
        "；"
    )


def shown(option: Option) -> dict[str, Any]:
    """Return an option as a preview keeps it: what the person saw is what is explained later."""
    return {
        "unit": option.unit_id,
        "name": option.unit_name,
        "assist": list(option.assist_unit_ids),
        "assignee": option.assignee_id,
        "score": round(option.score, 3),
        "source": str(option.source),
        "rule": option.rule_id,
        "words": reasons(option),
        "terms": [
            {
                "label": str(t.label),
                "value": round(t.value, 3),
                "weight": round(t.weight, 3),
                "words": t.words,
            }
            for t in option.terms
        ],
    }


def _by_wish(proposals: Proposals, wish: Wish) -> Planned:
    rank = wish.rank or (proposals.rank_of(wish.unit_id) if wish.unit_id else None)
    if rank is not None and 1 <= rank <= len(proposals.options):
        return _taking(proposals, rank, proposals.options[rank - 1].assignee_id, is_by_hand=True)
    if wish.unit_id is not None:
        return Planned(proposals.case_id, wish.unit_id, is_by_hand=True, words=_("由经办人选定。"))
    return _asked(proposals)


def _taking(proposals: Proposals, rank: int, person_id: int | None, *, is_by_hand: bool = False) -> Planned:
    option = proposals.options[rank - 1]
    return Planned(
        proposals.case_id,
        option.unit_id,
        person_id,
        tuple(u for u in option.assist_unit_ids if u != option.unit_id),
        rank,
        is_by_hand,
        reasons(option),
    )


def _asked(proposals: Proposals) -> Planned:
    reason = proposals.ask or _("没有把握，请人工判断。")
    return Planned(proposals.case_id, left_out="ask", reason=reason)


def _seat(free: Sequence[Proposals], room: Room, taken: Counter[int | None]) -> list[Planned]:
    ways = [_ways(proposals, room) for proposals in free]
    places = list(dict.fromkeys(seat for way in ways for seat in way))
    number = {seat: n for n, seat in enumerate(places)}
    costs = np.full((len(free), len(places)), NOBODY, dtype=np.int64)
    for row, way in enumerate(ways):
        for seat, (cost, _rank) in way.items():
            costs[row, number[seat]] = cost
    chosen: Iterable[int] = assign(costs, _seats(places, room, taken, len(free))) if places else ()
    return [
        _full(proposals, room) if at == NOBODY else _seated(proposals, places[at], ways[row][places[at]][1])
        for row, (proposals, at) in enumerate(zip(free, chosen, strict=True))
    ]


def _ways(proposals: Proposals, room: Room) -> dict[Seat, tuple[int, int]]:
    """Return what each seat that may have the case would cost, and by which proposal."""
    ways: dict[Seat, tuple[int, int]] = {}
    for rank, option in eligible(proposals):
        cost = round((1 - min(1.0, max(0.0, option.score))) * SCALE)
        for person in _people(option, room):
            busy = room.in_hand_of.get(person or 0, 0) * PERSON_RISE // 4
            extra = busy + (NOT_FIRST if person != option.assignee_id else 0)
            ways.setdefault(Seat(option.unit_id, person), (cost + extra, rank))
    return ways


def _people(option: Option, room: Room) -> Sequence[int | None]:
    """Return who of the unit may have the case by name; nobody in particular where it takes none so."""
    if option.assignee_id is None:
        return [None]
    return [*room.people.get(option.unit_id, ())] or [option.assignee_id]


def _seats(places: Sequence[Seat], room: Room, taken: Counter[int | None], cases: int) -> Seats:
    units = list(dict.fromkeys(seat.unit_id for seat in places))
    own = [
        _left(room.most_each.get(s.unit_id), room.in_hand_of.get(s.person_id or 0, 0), cases) for s in places
    ]
    room_of_unit = [_left(room.most.get(u), room.in_hand.get(u, 0) + taken[u], cases) for u in units]
    return Seats(
        room=_ints(cases if seat.person_id is None else left for seat, left in zip(places, own, strict=True)),
        rise=_ints(0 if seat.person_id is None else PERSON_RISE for seat in places),
        unit=_ints(units.index(seat.unit_id) for seat in places),
        unit_room=_ints(room_of_unit),
        unit_rise=_ints(UNIT_RISE for _unit in units),
    )


def _left(most: int | None, in_hand: int, cases: int) -> int:
    return cases if most is None else max(0, most - in_hand)


def _ints(values: Iterable[int]) -> Any:
    return np.fromiter(values, dtype=np.int64)


def _seated(proposals: Proposals, seat: Seat, rank: int) -> Planned:
    return _taking(proposals, rank, seat.person_id)


def _full(proposals: Proposals, room: Room) -> Planned:
    names = _("、").join(dict.fromkeys(option.unit_name for _rank, option in eligible(proposals)))
    in_hand = max(room.in_hand.get(option.unit_id, 0) for _rank, option in eligible(proposals))
    reason = _("%(units)s的在办已达承接上限（现有 %(count)s 件），请人工判断。") % {
        "units": names,
        "count": in_hand,
    }
    return Planned(proposals.case_id, left_out="full", reason=reason)
