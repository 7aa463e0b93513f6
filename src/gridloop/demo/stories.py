"""
How a case goes: each way is told step by step, and every step is a verb of the engine by somebody who may.

A story is a generator. It yields the moment of its next step and goes on when the town's clock has come
there, so that all stories of the town run beside each other in the order of time. Here are the legs of the
loop that the ways of `ways.py` are made of.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log
from random import Random
from typing import Any

from gridloop.base.common.files import Checked
from gridloop.base.common.ids import Seeded
from gridloop.core.cases import actions
from gridloop.core.cases.actions import Intake, Place, ReporterData, Verb
from gridloop.core.cases.actions.intake import begin
from gridloop.core.cases.casefile import CaseFile, Times
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.models import OrderRole, PlaceMatch, WorkOrder
from gridloop.core.catalogue.rulebook import CategoryView
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import REPORTER, Actor
from gridloop.demo import names, texts
from gridloop.demo.cast import HOTLINE, Cast
from gridloop.demo.photos import Album, Pair
from gridloop.demo.rhythm import Rhythm
from gridloop.demo.spots import Spot
from gridloop.demo.texts import Subject

Steps = Iterator[datetime]
ASSIST_SHARE = 0.2
PHOTOS_SINCE = timedelta(days=120)
SLOW_SHARE = 0.012  # of the orders are left lying far beyond their deadline


@dataclass(frozen=True, slots=True)
class Plot:
    """What is known of a story before it begins. `stops_before` is a verb that nobody makes."""

    number: int
    at: datetime
    subject: Subject
    spot: Spot
    channel: Channel
    way: str
    stops_before: str = ""
    unit: str = ""  # who leads, where not the duty list says so
    person: str = ""  # the login of whom it is dispatched to by name
    same_as: int | None = None
    pace: float = 1.0
    is_sorted: bool = True  # else nobody has found a category for it yet


@dataclass
class Town:
    """What all stories share."""

    seed: int
    cast: Cast
    rhythm: Rhythm
    times: Times
    seeded: Seeded
    case_numbers: Iterator[str]
    album: Album
    running: dict[int, "Story"] = field(default_factory=dict)


class _Stopped(Exception):
    """The plot says that nobody takes the next step."""


class Story:
    """
    One case as it is told. `file` is there from its first step on; `family` are the parts it is split into,
    and then `file` is the part in hand and `whole` the case itself.
    """

    file: CaseFile
    whole: CaseFile

    def __init__(self, town: Town, plot: Plot, way: Callable[["Story"], Steps]) -> None:
        self.town = town
        self.plot = plot
        self.way = way
        self.at = plot.at
        self.rng = Random(f"{town.seed}/case/{plot.number}")
        self.family: list[CaseFile] = []
        self.photos = self._photos()

    def steps(self) -> Steps:
        """Yield the moment of each step; the town's clock stands there when the story goes on."""
        yield self.at
        self.begin()
        try:
            yield from self.way(self)
        except _Stopped:
            return

    @property
    def category(self) -> CategoryView:
        """Return the category by the code that the plot's subject has in the default rulebook."""
        category = self.town.times.book.by_code(self.plot.subject.code)
        assert category is not None  # noqa: S101  # the texts are checked against the rulebook by a test
        return category

    # what a step is made of --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Report the case."""
        plot, town = self.plot, self.town
        reporter = self._reporter()
        core = texts.core(self.rng, plot.subject, plot.spot)
        intake = Intake(
            description=texts.telling(self.rng, core, plot.spot, plot.channel),
            channel=plot.channel,
            title=self._title(core),
            category_id=self.category.id if plot.is_sorted else None,
            demand=Demand(plot.subject.demand),
            address=plot.spot.address,
            source_ref=f"12345-{plot.at:%Y%m%d}-{plot.number:06d}" if reporter is HOTLINE else "",
            reporter=self._identity(),
        )
        self.file = begin(
            intake,
            actor=reporter,
            at=self.at,
            key=town.seeded.key(),
            number=next(town.case_numbers),
            times=town.times,
            place=self._place(),
            seeded=town.seeded,
        )
        self.whole = self.file
        if self.photos and reporter is not HOTLINE:
            self.attach(
                "现场照片.jpg", self.photos.before, self.holder() if reporter is REPORTER else reporter
            )

    def _title(self, core: str) -> str:
        if self.plot.subject.asks or not self.plot.is_sorted:
            return core[:28]
        return f"{self.plot.spot.words['place']}{self.category.name}"

    def do(self, verb: Verb, actor: Actor, note: str = "", **details: Any) -> None:
        """Make the next step now, unless the plot stops before it."""
        if verb.name == self.plot.stops_before:
            raise _Stopped
        verb.on(self.file, actor=actor, at=self.at, note=note, **details)

    def attach(self, name: str, picture: Checked, actor: Actor) -> None:
        actions.attach.on(self.file, actor=actor, at=self.at, files=[(name, picture)], is_public=True)

    def wait(self, minutes: float) -> Steps:
        """Let about so many minutes of work pass."""
        spread = self.rng.lognormvariate(0, 0.5)
        self.at = self.town.rhythm.after(self.rng, self.at, minutes * spread * self.plot.pace)
        yield self.at

    def wait_for(self, stage: Stage, order: WorkOrder | None = None, *, usual: float = 0.35) -> Steps:
        """Let the usual share of the stage's deadline pass; now and then far more than all of it."""
        share = self.rng.lognormvariate(log(usual), 0.5)
        if stage == Stage.HANDLE and self.rng.random() < SLOW_SHARE:
            share = self.rng.uniform(1.5, 5)
        clock = self.file.clock(stage, order)
        self.at = self.town.rhythm.into(self.rng, self.at, clock, share * self.plot.pace)
        yield self.at

    def say(self, name: str) -> str:
        return texts.phrases().pick(self.rng, name, self.plot.spot)

    @property
    def operator(self) -> Actor:
        return self.rng.choice(self.town.cast.operators)

    @property
    def leader(self) -> Actor:
        return self.rng.choice(self.town.cast.leaders)

    def another_leader(self) -> Actor:
        """Return a leader who did not write down the answer that is looked at."""
        answered = self.file.answered_by
        return self.rng.choice([who for who in self.town.cast.leaders if who.user_id != answered])

    def holder(self) -> Actor:
        """Return whoever holds the tracking code."""
        return replace(REPORTER, holds=self.file.case.pk)

    # who reports what --------------------------------------------------------------------------------------

    def _reporter(self) -> Actor:
        cast, plot = self.town.cast, self.plot
        match plot.channel:
            case Channel.GRID | Channel.PATROL:
                return cast.workers[plot.spot.grid_id]
            case Channel.PORTAL:
                return REPORTER
            case Channel.HOTLINE if self.rng.random() < 0.6:
                return HOTLINE
            case Channel.UPPER:
                return cast.leaders[0]
        return self.rng.choice(cast.operators)

    def _photos(self) -> Pair | None:
        """Return pictures for some of the newer cases that somebody stood in front of."""
        plot, town = self.plot, self.town
        if plot.at < town.rhythm.now - PHOTOS_SINCE or plot.subject.asks or plot.way == "on_the_spot":
            return None
        share = 0.6 if plot.stops_before else 0.25
        return town.album.pick(self.rng, plot.subject.code) if self.rng.random() < share else None

    def _identity(self) -> ReporterData:
        if self.plot.channel in (Channel.GRID, Channel.PATROL, Channel.UPPER, Channel.MEDIA):
            return ReporterData()
        if self.plot.channel == Channel.PORTAL and self.rng.random() < 0.4:
            return ReporterData()
        return ReporterData(names.person(self.rng), names.mobile(self.rng))

    def _place(self) -> Place:
        spot = self.plot.spot
        if self.plot.channel in (Channel.HOTLINE, Channel.LETTER, Channel.MEDIA) and self.rng.random() < 0.3:
            return Place(None, None, spot.village_id, PlaceMatch.CHOSEN)
        return Place(spot.lon, spot.lat, spot.grid_id, PlaceMatch.INSIDE)

    # legs of the loop --------------------------------------------------------------------------------------

    def register(self) -> Steps:
        yield from self.wait_for(Stage.ACCEPT, usual=0.12)
        self.do(actions.register, self.operator, self.say("register"))

    def dispatch(self, lead: int | None = None, *, alone: bool = False) -> Steps:
        """Dispatch to the unit that the duty list names, or to `lead`."""
        yield from self.wait_for(Stage.DISPATCH, usual=0.25)
        chosen, assistants = self.who_acts()
        if lead is not None or alone:
            assistants = []
        self.do(
            actions.dispatch,
            self.operator,
            lead_unit_id=lead or chosen,
            assist_unit_ids=assistants,
            demand=self.say("demand"),
            assignee_id=self.town.cast.users.get(self.plot.person),
        )
        self.know_units()

    def who_acts(self) -> tuple[int, list[int]]:
        """Return the lead and the assistants that the rules name for this case."""
        case, cast = self.file.case, self.town.cast
        if code := self.plot.unit or self.plot.subject.unit:
            return cast.unit(code).pk, []
        on = self.town.times.work.date_of(self.at)
        duty = self.town.times.book.duty(case.category_id, self.file.region_path, on)
        if duty is None or duty.lead_unit_id not in cast.handlers:
            return cast.unit("law").pk, []
        helpers = [u for u in duty.assist_unit_ids if u in cast.handlers and u != duty.lead_unit_id]
        wanted = self.rng.random() < ASSIST_SHARE
        return duty.lead_unit_id, helpers[:1] if wanted else []

    def know_units(self) -> None:
        """Give the new work orders their unit, which visibility asks for, without a query each."""
        for order in self.file.orders:
            if not WorkOrder.unit.is_cached(order):
                order.unit = self.town.cast.units[order.unit_id]

    def handle(self) -> Steps:
        """Let every unit sign for its share and hand in its result, the lead last."""
        for order in self.shares():
            yield from self.sign(order)
        for order in self.shares():
            yield from self.wait_for(Stage.HANDLE, order, usual=0.4)
            self.submit(order)

    def shares(self) -> list[WorkOrder]:
        return sorted(self.file.running_orders(), key=lambda order: order.role == OrderRole.LEAD)

    def sign(self, order: WorkOrder) -> Steps:
        yield from self.wait_for(Stage.SIGN, order, usual=0.3)
        self.do(actions.sign_for, self.handler(order))

    def submit(self, order: WorkOrder) -> None:
        plot = self.plot
        handler = self.handler(order)
        if self.photos and order.role == OrderRole.LEAD and plot.stops_before != actions.submit_result.name:
            self.attach("处置后.jpg", self.photos.after, handler)
            self.photos = None  # once, even where it is handled again
        result = texts.solving(self.rng, plot.subject, plot.spot)
        self.do(actions.submit_result, handler, result)

    def handler(self, order: WorkOrder) -> Actor:
        return self.town.cast.handler(self.rng, order.unit_id)

    def lead_order(self) -> WorkOrder:
        lead = self.file.lead()
        assert lead is not None  # noqa: S101  # only asked after a dispatch
        return lead

    def verify(self) -> Steps:
        yield from self.wait_for(Stage.VERIFY, usual=0.3)
        self.do(actions.verify_pass, self.verifier(), self.say("verify_pass"))

    def verifier(self) -> Actor:
        """Return the grid's worker where the committee had no share in it, else an operator."""
        worker = self.town.cast.workers.get(self.file.case.region_id)
        took_part = {order.unit_id for order in self.file.active_orders()}
        if worker and worker.unit_id not in took_part and self.rng.random() < 0.6:
            return worker
        return self.operator

    def close(self) -> Steps:
        yield from self.wait(25)
        self.do(actions.close, self.operator, self.say("close"))

    def call_back(self, result: int | None = None) -> Steps:
        """Ask the reporter, again the next day if not reached; some rate on their tracking page first."""
        yield from self.wait(300)
        if self.plot.channel == Channel.PORTAL and self.rng.random() < 0.55 and not self.plot.stops_before:
            self.rate(result or self.score())
            return
        while self.rng.random() < 0.08:
            self.do(actions.call_back, self.operator, is_reached=False)
            yield from self.wait(420)
        result = result or self.score()
        self.do(
            actions.call_back,
            self.operator,
            is_reached=True,
            attitude=min(5, result + self.rng.randrange(2)),
            result=result,
            is_lawful=self.rng.random() < 0.96,
            comment=self.opinion(result),
        )

    def rate(self, result: int) -> None:
        self.do(
            actions.rate,
            self.holder(),
            attitude=min(5, result + 1),
            result=result,
            comment=self.opinion(result),
        )

    def score(self) -> int:
        return self.rng.choices((5, 4, 3, 2, 1), (58, 27, 9, 4, 2))[0]

    def opinion(self, result: int) -> str:
        return self.say("good" if result > 3 else "middling" if result == 3 else "bad")

    def after_call_back(self) -> Steps:
        """Let the leader look at what the reporter is not content with."""
        if not self.file.case.needs_review:
            return
        yield from self.wait(600)
        if self.rng.random() < 0.45:
            self.do(actions.reopen, self.leader, self.say("reopen"))
            yield from self.from_registered()
        else:
            self.do(actions.uphold, self.another_leader(), self.say("uphold"))

    def from_registered(self) -> Steps:
        yield from self.dispatch()
        yield from self.handle()
        yield from self.to_the_end()

    def to_the_end(self) -> Steps:
        yield from self.verify()
        yield from self.close()
        yield from self.call_back()
        yield from self.after_call_back()
