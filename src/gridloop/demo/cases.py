"""A year of the town: all stories run beside each other in the order of time, up to now."""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import chain, groupby
from random import Random

from gridloop.base.common.ids import Seeded
from gridloop.core.cases import actions
from gridloop.core.cases.actions.intake import numbers
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import CaseFile, Times
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.calendar import work_time
from gridloop.demo import cast
from gridloop.demo.photos import Album
from gridloop.demo.plots import plan
from gridloop.demo.rhythm import Rhythm
from gridloop.demo.spots import Spots
from gridloop.demo.stories import Plot, Steps, Story, Town
from gridloop.demo.ways import WAYS

BATCH = 400


def tell(seed: int, count: int, *, now: datetime, step: Callable[[int, int], None]) -> None:
    """
    Make and store `count` cases of the year before `now`. Call it inside a transaction.

    :param step: told how many of how many stories have begun.
    """
    rhythm = Rhythm(work_time(), now)
    plots = plan(Random(f"{seed}/plots"), Spots(seed), rhythm, count)
    people = cast.load()
    town = Town(
        seed=seed,
        cast=people,
        rhythm=rhythm,
        times=Times(work_time(), rulebook(), people.open_units),
        seeded=Seeded(Random(f"{seed}/keys"), rhythm.first),
        case_numbers=_numbers(rhythm, plots),
        album=Album(Random(f"{seed}/photos")),
    )
    shelf = _Shelf()
    for begun, story in _told(town, plots):
        step(begun, len(plots))
        if story:
            shelf.put(story)
    for story in town.running.values():
        shelf.put(story)
    shelf.empty()
    _end_split_cases(town)


def _told(town: Town, plots: list[Plot]) -> Iterator[tuple[int, Story | None]]:
    """Yield how many stories have begun and, when one has come to its end, that story."""
    queue: list[tuple[datetime, int, Story, Steps]] = [
        (plot.at, plot.number, Story(town, plot, WAYS[plot.way]), iter(())) for plot in plots
    ]
    heapify(queue)
    begun = 0
    while queue and queue[0][0] <= town.rhythm.now:
        at, number, story, steps = heappop(queue)
        town.seeded.at = at
        if number not in town.running:
            steps, begun = story.steps(), begun + 1
            town.running[number] = story
            next(steps)
        upcoming = next(steps, None)
        if upcoming is not None:
            heappush(queue, (upcoming, number, story, steps))
            yield begun, None
        elif story.plot.stops_before:
            yield begun, None  # it may still be joined by a duplicate, and is stored with what runs on
        else:
            yield begun, town.running.pop(number)


class _Shelf:
    """Stores ended stories some hundreds at a time; a case that was split before its parts."""

    def __init__(self) -> None:
        self.files: list[CaseFile] = []
        self.ended_parts: list[CaseFile] = []

    def put(self, story: Story) -> None:
        self.files.append(story.whole)
        for part in story.family:
            (self.files if part.case.is_open else self.ended_parts).append(part)
        if len(self.files) >= BATCH:
            self.empty()

    def empty(self) -> None:
        store_many(self.files)
        # One by one: each part's end is told to the whole, which is then as far as its parts have come.
        for part in self.ended_parts:
            store_many([part])
        self.files, self.ended_parts = [], []


def _end_split_cases(town: Town) -> None:
    """Verify and close what is handled because all its parts have ended, but for the last one."""
    operator = town.cast.operators[0]
    handled = Case.objects.filter(is_split=True, state=State.HANDLED).order_by("pk")
    for case in list(handled)[:-1]:
        at = town.rhythm.after(Random(case.number), case.state_since, 90)
        if at < town.rhythm.now:
            actions.verify_pass(case.pk, actor=operator, at=at, note="各子案件均已办结。")
            actions.close(case.pk, actor=operator, at=at, note="各子案件均已办结。")


def _numbers(rhythm: Rhythm, plots: list[Plot]) -> Iterator[str]:
    """Return the case numbers of the plots, year by year."""
    years = groupby(plots, key=lambda plot: plot.at.astimezone(rhythm.work.zone).year)
    return chain.from_iterable(
        [numbers(found[0].at, len(found)) for _year, them in years if (found := list(them))]
    )
