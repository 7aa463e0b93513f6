"""
The queue that the operator of the demo clears: cases registered this morning that nobody has dispatched
yet.
"""

from random import Random

from gridloop.core.cases.labels import Channel
from gridloop.demo import texts
from gridloop.demo.rhythm import Rhythm
from gridloop.demo.spots import Spot, Spots
from gridloop.demo.stories import Plot
from gridloop.demo.texts import Subject

MOST = 200  # with the handful that waits for dispatch besides
SHARE = 1 / 60  # of a smaller town's cases
EARLIEST_M, LATEST_M = 110, 12  # minutes of work ago: the first of them are nearly due
BORDER_SHARE = 0.07
UNSORTED_SHARE = 0.06
_CHANNELS = {
    Channel.GRID: 40,
    Channel.HOTLINE: 28,
    Channel.PORTAL: 18,
    Channel.DESK: 7,
    Channel.PATROL: 4,
    Channel.VISIT: 2,
    Channel.MEDIA: 1,
}
_HURRY = 0.05  # registered within minutes
_FROM = 2_000_000  # their numbers


def plots(rng: Random, spots: Spots, rhythm: Rhythm, count: int) -> list[Plot]:
    """Return the plots of the queue: up to 200, some at a border, some that nobody has sorted."""
    return [_plot(rng, spots, rhythm, n) for n in range(min(MOST, int(count * SHARE)))]


def _plot(rng: Random, spots: Spots, rhythm: Rhythm, n: int) -> Plot:
    found = texts.subjects()
    month = rhythm.month(rhythm.now)
    subject = rng.choices(found, [one.weight_in(month) for one in found])[0]
    return Plot(
        _FROM + n,
        rhythm.before(rhythm.now, rng.uniform(LATEST_M, EARLIEST_M)),
        subject,
        _place(rng, spots, subject),
        _channel(rng, subject),
        "ordinary",
        stops_before="dispatch",
        pace=_HURRY,
        is_sorted=rng.random() >= UNSORTED_SHARE,
    )


def _place(rng: Random, spots: Spots, subject: Subject) -> Spot:
    return spots.draw_at_border(rng) if rng.random() < BORDER_SHARE else spots.draw(rng, subject.code)


def _channel(rng: Random, subject: Subject) -> Channel:
    # A resident's own wish is nothing that a worker finds on the round.
    rounds = (Channel.GRID, Channel.PATROL)
    doors = {c: n for c, n in _CHANNELS.items() if not subject.asks or c not in rounds}
    return rng.choices(list(doors), list(doors.values()))[0]
