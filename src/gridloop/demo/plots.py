"""What will happen in a year: how often which problem is reported by which door and goes which way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import TypeVar

from gridloop.core.cases.labels import Channel
from gridloop.demo import spots as places
from gridloop.demo import texts
from gridloop.demo.rhythm import Rhythm
from gridloop.demo.spots import Spots
from gridloop.demo.stories import Plot
from gridloop.demo.texts import Subject

T = TypeVar("T")
HOME_COMMITTEE = "committee-001"

_CHANNELS = {
    Channel.GRID: 46,
    Channel.PATROL: 5,
    Channel.HOTLINE: 22,
    Channel.PORTAL: 15,
    Channel.DESK: 4,
    Channel.VISIT: 3,
    Channel.MEDIA: 2,
    Channel.UPPER: 2,
    Channel.LETTER: 1,
}
_OWN = {c: n for c, n in _CHANNELS.items() if c not in (Channel.GRID, Channel.PATROL, Channel.UPPER)}
_ROUND = (Channel.GRID, Channel.PATROL)
SPOT_SHARE = 0.8  # of what a grid worker finds and could solve at once is solved at once
DUPLICATE_SHARE = 0.05
_WAYS = {
    "ordinary": 700,
    "reworked": 55,
    "sent_back": 60,
    "extended": 40,
    "transferred": 15,
    "suspended": 14,
    "escalated": 14,
    "dissatisfied": 20,
    "adjudicated": 5,
    "split": 3,
}
_SHORT_WAYS = ("on_the_spot", "rejected", "withdrawn", "duplicate", "split")
_RESIDENT_WAYS = {"rejected": 80, "supplemented": 40}
_PORTAL_WAYS = {"withdrawn": 90}

# What waits for whom on the day that the demo is opened: the way, the verb that has not come, and how often.
_WAITING = (
    ("ordinary", "register", 7),
    ("ordinary", "dispatch", 6),
    ("ordinary", "verify_pass", 6),
    ("ordinary", "close", 5),
    ("ordinary", "call_back", 8),
    ("extended", "grant", 4),
    ("suspended", "grant", 3),
    ("suspended", "resume", 3),
    ("dissatisfied", "uphold", 4),
    ("escalated", "hand_down", 4),
    ("adjudicated", "adjudicate", 3),
)
# Each unit whose people a visitor can log in as, with what it has in hand.
_DESKS = {
    "law": ("15", "12", "11"),
    HOME_COMMITTEE: ("1101", "1109", "XF05", "WY10"),
    "mediation": ("MD",),
    "fire": ("XF",),
    "enterprise": ("QY",),
    "safety": ("AQ",),
}
_IN_HAND = (("sign_for", 2), ("submit_result", 4))
_HURRY = 0.05  # the pace of what must have come to its pile by now
_READY_M, _OLDEST_M = 460.0, 3600.0  # minutes of work before now at which these were reported
_WAITING_FROM = 1_000_000  # their numbers


def plan(rng: Random, spots: Spots, rhythm: Rhythm, count: int) -> list[Plot]:
    """Return `count` plots of the last year in order of time, with what waits now among them."""
    waiting = _waiting_now(rng, spots, rhythm)
    plots: list[Plot] = []
    for at in rhythm.report_times(rng, max(0, count - len(waiting))):
        plots.append(_plot(rng, spots, rhythm, plots, at))
    return sorted([*plots, *waiting], key=lambda plot: (plot.at, plot.number))


def _plot(rng: Random, spots: Spots, rhythm: Rhythm, before: list[Plot], at: datetime) -> Plot:
    number = len(before)
    if rng.random() < DUPLICATE_SHARE and (first := _lately(rng, before)):
        spot, channel = places.again(rng, first.spot), rng.choices(*_apart(_OWN))[0]
        return Plot(number, at, first.subject, spot, channel, "duplicate", same_as=first.number)
    subject = _subject(rng, texts.subjects(), rhythm.month(at))
    channel = _channel(rng, subject)
    moment = rhythm.on_duty(rng, at) if channel in _ROUND else at
    way = _way(rng, subject, channel)
    return Plot(number, moment, subject, spots.draw(rng, subject.code), channel, way)


def _lately(rng: Random, before: list[Plot]) -> Plot | None:
    """Return one of the last reports that is long under way, for somebody else to report as well."""
    fit = [plot for plot in before[-40:] if plot.way not in _SHORT_WAYS]
    return rng.choice(fit) if fit else None


def _subject(rng: Random, subjects: Sequence[Subject], month: int) -> Subject:
    return rng.choices(subjects, [subject.weight_in(month) for subject in subjects])[0]


def _channel(rng: Random, subject: Subject) -> Channel:
    return rng.choices(*_apart(_OWN if subject.asks else _CHANNELS))[0]


def _way(rng: Random, subject: Subject, channel: Channel) -> str:
    if channel in _ROUND:
        if subject.spot and rng.random() < SPOT_SHARE:
            return "on_the_spot"
        return rng.choices(*_apart(_WAYS))[0]
    more = _RESIDENT_WAYS | _PORTAL_WAYS if channel == Channel.PORTAL else _RESIDENT_WAYS
    return rng.choices(*_apart(_WAYS | more))[0]


def _waiting_now(rng: Random, spots: Spots, rhythm: Rhythm) -> list[Plot]:
    wanted = [(way, verb, "") for way, verb, count in _WAITING for _n in range(count)]
    wanted += [("ordinary", verb, unit) for unit in _DESKS for verb, count in _IN_HAND for _n in range(count)]
    plots = [_waiting(rng, spots, rhythm, n, *each) for n, each in enumerate(wanted)]
    for n, plot in enumerate(plots):
        if plot.stops_before == "verify_pass" and n % 2:
            # In the grid of the worker whom a visitor can log in as.
            plots[n] = replace(plot, unit="law", spot=spots.draw_in(rng, spots.first_grid))
    return plots


def _waiting(rng: Random, spots: Spots, rhythm: Rhythm, n: int, way: str, verb: str, unit: str) -> Plot:
    subject = _subject(rng, _fitting(unit), rhythm.month(rhythm.now))
    at = rhythm.before(rhythm.now, rng.uniform(_READY_M, _OLDEST_M if n % 2 else 2 * _READY_M))
    channel = rng.choices(*_apart(_OWN))[0]
    spot = spots.draw_at_home(rng) if unit == HOME_COMMITTEE else spots.draw(rng, subject.code)
    return Plot(_WAITING_FROM + n, at, subject, spot, channel, way, stops_before=verb, unit=unit, pace=_HURRY)


def _fitting(unit: str) -> list[Subject]:
    codes = _DESKS.get(unit, ("",))
    return [s for s in texts.subjects() if s.code.startswith(codes) and (unit or not s.unit)]


def _apart(weights: dict[T, int]) -> tuple[list[T], list[int]]:
    return list(weights), list(weights.values())
