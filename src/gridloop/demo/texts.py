"""What people write. `data/texts.toml` holds how each kind of problem is told and how it is solved."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from gridloop.core.cases.labels import Channel
from gridloop.demo.spots import Spot

SEASONS: dict[str, tuple[float, ...]] = {
    "": (1,) * 12,
    "summer": (0.4, 0.4, 0.6, 0.8, 1.2, 1.8, 2.2, 2.2, 1.4, 0.8, 0.5, 0.4),
    "winter": (2.2, 1.8, 1.0, 0.7, 0.5, 0.4, 0.4, 0.4, 0.6, 0.9, 1.3, 2.0),
    "rain": (0.5, 0.6, 0.8, 1.0, 1.2, 2.6, 2.4, 1.4, 1.1, 0.6, 0.5, 0.4),
    "harvest": (0.3, 0.4, 0.5, 0.6, 1.6, 2.4, 0.6, 0.5, 1.0, 2.4, 2.0, 0.6),
    "newyear": (2.4, 2.6, 0.8, 0.6, 0.6, 0.6, 0.6, 0.6, 0.8, 0.8, 1.0, 1.8),
    "school": (0.7, 0.8, 1.1, 0.9, 0.9, 1.4, 2.0, 2.2, 1.6, 0.8, 0.7, 0.6),
}
_TIMES = ("早上", "中午", "下班时间", "晚上九点以后", "凌晨", "周末")
_SPANS = ("两三天", "一个星期", "十来天", "半个月", "一个多月")


@dataclass(frozen=True)
class Subject:
    """One kind of problem: its category's code, how often it comes, and its words."""

    code: str
    weight: float
    season: str
    texts: tuple[str, ...]
    done: tuple[str, ...]
    spot: tuple[str, ...]  # how a grid worker solves it on the spot; empty where nobody could
    unit: str  # the unit's code where a place of the town takes it rather than who the duty list names
    asks: bool  # a resident's own wish: no grid worker finds it on the round
    demand: str

    def weight_in(self, month: int) -> float:
        return self.weight * SEASONS[self.season][month - 1]


@dataclass(frozen=True)
class Phrases:
    """Words that fit any case, by what they are for."""

    lists: dict[str, list[str]]

    def pick(self, rng: Random, name: str, spot: Spot | None = None) -> str:
        return _fill(rng, rng.choice(self.lists[name]), spot)


@cache
def subjects() -> tuple[Subject, ...]:
    """Return all kinds of problem that have words."""
    return tuple(_subject(code, row) for code, row in _book()["subject"].items())


@cache
def phrases() -> Phrases:
    return Phrases(_book()["phrases"])


def core(rng: Random, subject: Subject, spot: Spot) -> str:
    """Return the problem in a sentence."""
    return _fill(rng, rng.choice(subject.texts), spot)


def telling(rng: Random, core: str, spot: Spot, channel: Channel) -> str:
    """Return the sentence as it is told by this door."""
    opening = phrases().pick(rng, f"opening_{channel.value}", spot) if _is_wordy(channel) else ""
    closing = phrases().pick(rng, "wish") if channel not in _TERSE and rng.random() < 0.6 else ""
    return f"{opening}{core}{'' if core.endswith('。') else '。'}{closing}"


def solving(rng: Random, subject: Subject, spot: Spot) -> str:
    """Return how the unit solved it."""
    return _fill(rng, rng.choice(subject.done or phrases().lists["done"]), spot)


def solving_on_spot(rng: Random, subject: Subject, spot: Spot) -> str:
    """Return how the grid worker solved it there and then."""
    return _fill(rng, rng.choice(subject.spot), spot)


def reason(rng: Random, verb: str) -> tuple[str, str]:
    """Return one of the reasons that a verb takes, and the words with it."""
    code = rng.choice(list(_book()[verb]))
    return code, rng.choice(_book()[verb][code])


def parts(rng: Random) -> list[str]:
    """Return what a case of several matters is split into."""
    return rng.choice(_book()["split"]["parts"])


_TERSE = (Channel.GRID, Channel.PATROL)


def _is_wordy(channel: Channel) -> bool:
    return f"opening_{channel.value}" in phrases().lists


def _fill(rng: Random, text: str, spot: Spot | None) -> str:
    chance = {
        "time": rng.choice(_TIMES),
        "span": rng.choice(_SPANS),
        "n": str(rng.randrange(2, 9)),
        "metres": str(rng.choice((2, 3, 5, 8, 10, 15, 20))),
    }
    return text.format_map(chance | (spot.words if spot else {}))


def _subject(code: str, row: dict[str, Any]) -> Subject:
    return Subject(
        code=code,
        weight=float(row.get("weight", 1)),
        season=row.get("season", ""),
        texts=tuple(row["texts"]),
        done=tuple(row.get("done", ())),
        spot=tuple(row.get("spot", ())),
        unit=row.get("unit", ""),
        asks=bool(row.get("asks", False)),
        demand=row.get("demand", "help"),
    )


@cache
def _book() -> dict[str, Any]:
    return tomllib.loads((files("gridloop.demo") / "data" / "texts.toml").read_text("utf-8"))
