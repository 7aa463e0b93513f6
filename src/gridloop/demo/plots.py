"""What will happen in a year: how often which problem is reported by which door and goes which way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from gridloop.core.cases.labels import Channel
from gridloop.demo import queue, texts
from gridloop.demo import spots as places
from gridloop.demo.rhythm import Rhythm
from gridloop.demo.spots import Spot, Spots
from gridloop.demo.stories import Plot
from gridloop.demo.texts import Subject

T = TypeVar("T")
HOME_COMMITTEE = "committee-001"

_CHANNELS: dict[Channel, int] = {
    Channel.GRID: 110,
    Channel.PATROL: 5,
    Channel.HOTLINE: 22,
    Channel.PORTAL: 15,
    Channel.DESK: 4,
    Channel.VISIT: 3,
    Channel.MEDIA: 2,
    Channel.UPPER: 2,
    Channel.LETTER: 1,
}
_OWN: dict[Channel, int] = {
    c: n for c, n in _CHANNELS.items() if c not in (Channel.GRID, Channel.PATROL, Channel.UPPER)
}
_ROUND = (Channel.GRID, Channel.PATROL)
SPOT_SHARE = 0.86  # of what a grid worker finds and could solve at once is solved at once
DUPLICATE_SHARE = 0.06
_NOTICED = timedelta(days=2)
_WAYS = {
    "ordinary": 700,
    "reworked": 55,
    "sent_back": 60,
    "extended": 40,
    "transferred": 15,
    "suspended": 14,
    "handed_down": 7,
    "answered_above": 7,
    "dissatisfied": 20,
    "adjudicated": 5,
    "split": 3,
}
_SHORT_WAYS = ("on_the_spot", "rejected", "withdrawn", "duplicate", "split")
_RESIDENT_WAYS = {"rejected": 80, "supplemented": 40}
_PORTAL_WAYS = {"withdrawn": 90}

# What waits for whom on the day that the demo is opened: the way it goes, the verb that has not come yet,
# how often, and how many minutes of work ago it was reported at least and at most.
_WAITING = (
    ("ordinary", "register", 7, 10, 390),
    ("ordinary", "dispatch", 6, 20, 130),
    ("ordinary", "verify_pass", 6, 600, 1000),
    ("ordinary", "close", 5, 600, 1000),
    ("ordinary", "call_back", 8, 700, 1900),
    ("extended", "grant", 4, 600, 1600),
    ("suspended", "grant", 3, 600, 1600),
    ("suspended", "resume", 3, 600, 2400),
    ("dissatisfied", "uphold", 4, 1000, 2400),
    ("handed_down", "hand_down", 4, 800, 2400),
    ("handed_down", "submit_result", 2, 800, 2400),
    ("adjudicated", "adjudicate", 3, 700, 1000),
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
_IN_HAND = (
    ("ordinary", "sign_for", 2, 25, 130),
    ("ordinary", "submit_result", 3, 500, 1900),
    ("ordinary", "submit_result", 1, 3600, 6000),  # overdue, of most kinds
)
# Who of them has work by name, and how much.
_BY_NAME = (("law", "jingban", 2), ("law", "fuzeren", 2))
_HURRY = 0.05  # the pace of what must have come to its pile by now
_WAITING_FROM = 1_000_000  # their numbers


def plan(rng: Random, spots: Spots, rhythm: Rhythm, count: int) -> list[Plot]:
    """Return `count` plots of the last year in order of time, with what waits now among them."""
    waiting = [
        *_waiting_now(rng, spots, rhythm),
        *queue.plots(Random(f"{spots.seed}/queue"), spots, rhythm, count),
    ]
    plots: list[Plot] = []
    for at in rhythm.report_times(rng, max(0, count - len(waiting))):
        plots.append(_plot(rng, spots, rhythm, plots, at))
    return sorted([*plots, *waiting], key=lambda plot: (plot.at, plot.number))


def _plot(rng: Random, spots: Spots, rhythm: Rhythm, before: list[Plot], at: datetime) -> Plot:
    number = len(before)
    if rng.random() < DUPLICATE_SHARE and (first := _lately(rng, before, at)):
        spot = places.again(rng, first.spot)
        return Plot(number, at, first.subject, spot, _draw(rng, _OWN), "duplicate", same_as=first.number)
    subject = _subject(rng, texts.subjects(), rhythm.month(at))
    channel = _channel(rng, subject)
    moment = rhythm.on_duty(rng, at) if channel in _ROUND else at
    way = _way(rng, subject, channel)
    return Plot(number, moment, subject, spots.draw(rng, subject.code), channel, way)


def _lately(rng: Random, before: list[Plot], at: datetime) -> Plot | None:
    """Return a report of the last days that is still under way, for somebody else to report as well."""
    fit = [plot for plot in before[-80:] if at - plot.at < _NOTICED and plot.way not in _SHORT_WAYS]
    return rng.choice(fit) if fit else None


def _subject(rng: Random, subjects: Sequence[Subject], month: int) -> Subject:
    return rng.choices(subjects, [subject.weight_in(month) for subject in subjects])[0]


def _channel(rng: Random, subject: Subject) -> Channel:
    doors = _OWN if subject.asks else _CHANNELS
    return _draw(rng, doors)


def _way(rng: Random, subject: Subject, channel: Channel) -> str:
    if channel in _ROUND:
        if subject.spot and rng.random() < SPOT_SHARE:
            return "on_the_spot"
        return _draw(rng, _WAYS)
    more = _RESIDENT_WAYS | _PORTAL_WAYS if channel == Channel.PORTAL else _RESIDENT_WAYS
    return _draw(rng, _WAYS | more)


def _waiting_now(rng: Random, spots: Spots, rhythm: Rhythm) -> list[Plot]:
    wanted = [("", "", *each) for each in _WAITING]
    wanted += [(unit, "", *each) for unit in _DESKS for each in _IN_HAND]
    wanted += [(unit, person, "ordinary", "sign_for", n, 25, 130) for unit, person, n in _BY_NAME]
    plots: list[Plot] = []
    for unit, person, way, verb, count, least, most in wanted:
        for n in range(count):
            subject = _subject(rng, _fitting(unit), rhythm.month(rhythm.now))
            # As often as not where the grid worker lives whom a visitor can log in as.
            home = n % 2 == 0 and (unit == HOME_COMMITTEE or verb == "verify_pass")
            plots.append(
                Plot(
                    _WAITING_FROM + len(plots),
                    rhythm.before(rhythm.now, rng.uniform(least, most)),
                    subject,
                    _where(rng, spots, subject, unit, home=home),
                    _draw(rng, _OWN),
                    way,
                    stops_before=verb,
                    unit=unit or ("law" if home else ""),
                    person=person,
                    pace=_HURRY,
                )
            )
    return plots


def _where(rng: Random, spots: Spots, subject: Subject, unit: str, *, home: bool) -> Spot:
    if home:
        return spots.draw_in_first_grid(rng)
    return spots.draw_at_home(rng) if unit == HOME_COMMITTEE else spots.draw(rng, subject.code)


def _fitting(unit: str) -> list[Subject]:
    codes = _DESKS.get(unit, ("",))
    return [s for s in texts.subjects() if s.code.startswith(codes) and (unit or not s.unit)]


def _draw(rng: Random, weights: dict[T, int]) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]
