"""
How a sample is drawn: by chance, and so that anybody can draw it again.

The frame is divided into strata; of each a share is drawn, of every stratum at least one case. The chance is
that of the rule's seed, the period and the stratum, so no case's lot depends on another stratum.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from gridloop.capabilities.oversight.models import SamplePeriod

Frame = Sequence[tuple[str, str]]  # (stratum, case) of every case that can be drawn


def seed_of(rule_seed: str, first_on: date) -> str:
    """Return the seed of one draw."""
    return f"{rule_seed}/{first_on:%Y-%m-%d}"


def draw(frame: Frame, *, share: int, seed: str) -> list[str]:
    """
    Return the cases that are drawn, in the order of their keys.

    :param share: percent of each stratum, rounded half up; at least one of each.
    :param seed: as `seed_of` gave it. The same frame, share and seed give the same cases, in any order of
        the frame.
    """
    strata: dict[str, list[str]] = defaultdict(list)
    for stratum, case in frame:
        strata[stratum].append(case)
    drawn = (
        case
        for stratum, cases in sorted(strata.items())
        for case in _rng(seed, stratum).sample(sorted(set(cases)), _size(len(set(cases)), share))
    )
    return sorted(drawn)


def periods(period: str, since: date, today: date, *, most: int) -> list[tuple[date, date]]:
    """
    Return the periods that are over, first and last day each, the latest `most`; weeks begin on Monday.

    A period that began before `since` is not drawn from.
    """
    days = 7 if period == SamplePeriod.WEEKLY else 1
    end = today - timedelta(days=today.weekday()) if days == 7 else today
    firsts = [end - timedelta(days=days * n) for n in range(most, 0, -1)]
    return [(first, first + timedelta(days=days - 1)) for first in firsts if first >= since]


def share_out(cases: Iterable[str], people: Mapping[str, Sequence[int]]) -> dict[str, int | None]:
    """
    Give each case to one of the people who can take it, so that everybody gets about as many.

    :param people: for each case those who can, in a fixed order.
    :returns: the person of each case; None where there is nobody.
    """
    load: dict[int, int] = defaultdict(int)
    given: dict[str, int | None] = {}
    for case in sorted(cases):
        able = people.get(case) or ()
        chosen = min(able, key=lambda user: (load[user], user), default=None)
        given[case] = chosen
        if chosen is not None:
            load[chosen] += 1
    return given


def _size(count: int, share: int) -> int:
    return max(1, (count * share + 50) // 100)


def _rng(seed: str, stratum: str) -> Random:
    return Random(hashlib.sha256(f"{seed}/{stratum}".encode()).hexdigest())  # noqa: S311  a lot, no secret
