"""Random verbs by random people at random times: whatever they do, the loop stays whole."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gridloop.base.common.errors import DomainError
from gridloop.base.common.ids import id_at
from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import verify
from gridloop.core.cases import actions
from gridloop.core.cases.actions import Part, ReporterData
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.labels import Demand, RejectReason, SendBackReason
from gridloop.core.cases.models import Case, TimeRequest
from gridloop.core.cases.outcome import outcome_of
from gridloop.core.cases.policies import Ask, can
from gridloop.core.cases.workflow import ENDED, OPEN, PAUSING, TRANSITIONS, OrderState, State
from gridloop.core.org.actors import SYSTEM, Actor, ActorKind
from gridloop.core.org.permissions import ROLES, Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, World, holder_of

pytestmark = pytest.mark.django_db

# The same walks on every run; a found fault is written down as a test of its own.
PROFILE = settings(
    max_examples=20,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
VERBS = sorted(set(actions.VERBS) - {"attach"})
# What leads on; a walk that is free to turn back at every step ends before it has begun.
MOVING = [
    name
    for name in VERBS
    if TRANSITIONS[name].targets and name not in {"withdraw", "reject", "close_on_spot", "recall"}
] + ["verify_pass", "request_extension", "grant_extension", "request_suspension", "refuse_time", "rate"]
WAY_ROUND = ["dispatch", "sign_for", "submit_result", "verify_pass", "close", "reopen"]
# Hypothesis draws other numbers when other modules are loaded: a walk that set out from the first state alone
# would reach the last one by luck. From these each verb of the way round is at most a step or two away.
SET_OUT_FROM = [factories.reported, factories.handling, factories.handled, factories.closed]
# One draw a step that decides the rest evenly: choices one by one would lean to the first of each list.
CHANCE = st.integers(0, 2**32 - 1)
SEEN: Counter[str] = Counter()
MOST_CASES = 6
STEPS = [
    timedelta(minutes=1),
    timedelta(minutes=40),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=9),
]
TEXTS = ["", "已清运", "x" * 500, "\x00", "  ", "'; DROP TABLE cases_case; --"]
_RUNNING = {OrderState.ISSUED, OrderState.HANDLING}


PROGRAM = Actor(ActorKind.PROGRAM, Role.PROGRAM, "市平台", scopes=ROLES[Role.PROGRAM].permissions)
UNKNOWN = id_at(AT, seed="nobody's")
# What each verb is given, by chance; the last choice of each is one that cannot be, or is of little use.
DETAILS: dict[str, Callable[..., dict[str, Any]]] = {
    "supplement": lambda one, w, c: {"text": one(TEXTS)},
    "reject": lambda one, w, c: {"reason": one([*RejectReason.values, "no such"])},
    "send_back": lambda one, w, c: {"reason": one([*SendBackReason.values, ""])},
    "amend": lambda one, w, c: one(w.corrections()),
    "dispatch": lambda one, w, c: {
        "lead_unit_id": one(w.units()),
        "assist_unit_ids": one([[], w.units()[1:2], [10**9]]),
    },
    "adjudicate": lambda one, w, c: {"lead_unit_id": one(w.units())},
    "transfer": lambda one, w, c: {"from_unit_id": one([*w.held(c), 10**9]), "to_unit_id": one(w.units())},
    "add_assistant": lambda one, w, c: {"unit_id": one(w.units())},
    "request_extension": lambda one, w, c: {"amount": one([1, 3, 0])},
    "request_suspension": lambda one, w, c: {"until": w.now + one(STEPS)},
    "call_back": lambda one, w, c: {
        "is_reached": one([True, False, False]),
        "result": one([1, 5, None]),
        "is_lawful": one([None, False, None]),
    },
    "rate": lambda one, w, c: {"attitude": one([1, 5, 5]), "result": one([1, 5, 9])},
    "escalate": lambda one, w, c: {"to": one(["区城管局", ""])},
    "merge": lambda one, w, c: {"into": one([key for key in w.others() if key != c.pk])},
    "link": lambda one, w, c: {"other": one(w.others())},
    "unlink": lambda one, w, c: {"other": one(w.others())},
    "split": lambda one, w, c: {"parts": [Part("一"), Part(one(["二", ""]))]},
}


class Walk(RuleBasedStateMachine):
    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        self.now, self.steps = AT + HOUR, 0
        self.undo = transaction.savepoint()
        for make in SET_OUT_FROM:
            make(self.world, reporter=ReporterData(phone="13800001234"))

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.savepoint_rollback(self.undo)

    @rule(chance=CHANCE)
    def step(self, chance: int) -> None:
        """Do one thing. A single rule, since Hypothesis leaves rules out of a walk to look at the others."""
        self.steps += 1
        rng = Random(f"{chance} {self.steps}")
        match rng.choices(["report", "wait", "go_on", "try_anything"], [1, 2, 12, 3])[0]:
            case "report":
                self.report(rng.randrange(3), has_phone=rng.random() < 0.5)
            case "wait":
                self.wait(rng.choice(STEPS))
            case "go_on":
                self.go_on(rng)
            case "try_anything":
                self.try_anything(rng)

    def report(self, n: int, *, has_phone: bool) -> None:
        if Case.objects.count() < MOST_CASES:
            person = ReporterData(phone="13800001234") if has_phone else ReporterData()
            actor = [self.world.worker, self.world.operator, PROGRAM][n]
            actions.report(factories.intake(self.world, reporter=person), actor=actor, at=self.now)

    def wait(self, step: timedelta) -> None:
        if self.now + step < AT + timedelta(days=120):  # the calendar ends with the year
            self.now += step
        actions.resume_due(at=self.now)

    def go_on(self, rng: Random) -> None:
        """Make something that moves a case and that somebody may make now: what gets a walk anywhere."""
        case = self.some_case(rng)
        file = open_file(case)
        open_to: dict[str, list[Actor]] = {}
        for verb in MOVING:
            able = [actor for actor in self.people(case) if can(verb, Ask(file, actor, self.now))]
            if able:
                open_to[verb] = able
        if open_to:
            verb = rng.choice([*open_to, *3 * [verb for verb in WAY_ROUND if verb in open_to]])
            self.act(case, verb, rng.choice(open_to[verb]), rng, is_careful=True)

    def try_anything(self, rng: Random) -> None:
        case = self.some_case(rng)
        verb, actor = rng.choice(VERBS), rng.choice(self.people(case))
        self.act(case, verb, actor, rng, is_careful=False)

    def act(self, case: Case, verb: str, actor: Actor, rng: Random, *, is_careful: bool) -> None:
        note = "有理由" if is_careful else rng.choice(TEXTS)
        details = self.details(verb, case, rng, is_careful=is_careful)
        known = None if is_careful else rng.choice([None, case.version, case.version - 1])
        try:
            actions.VERBS[verb](
                case.pk, actor=actor, at=self.now, expected_version=known, note=note, **details
            )
        except DomainError as refusal:
            SEEN[refusal.code] += 1
        else:
            SEEN[verb] += 1

    def some_case(self, rng: Random) -> Case:
        return rng.choice(list(Case.objects.select_related("region").order_by("number")))

    def people(self, case: Case) -> list[Actor]:
        return [*self.world.actors.values(), PROGRAM, SYSTEM, holder_of(case)]

    def details(self, verb: str, case: Case, rng: Random, *, is_careful: bool) -> dict[str, Any]:
        def one(options: Iterable[Any]) -> Any:
            some = list(options)
            return rng.choice(some[:-1] if is_careful and len(some) > 1 else some)

        make = DETAILS.get(verb)
        return make(one, self, case) if make else {}

    def units(self) -> list[int]:
        town = self.world.town
        return [town.office.pk, town.committee.pk, town.centre.pk, 10**9]

    def held(self, case: Case) -> list[int]:
        return (
            list(case.orders.filter(ended_at=None).order_by("id").values_list("unit_id", flat=True))
            or self.units()
        )

    def others(self) -> list[UUID]:
        return [*Case.objects.order_by("number").values_list("pk", flat=True), UNKNOWN]

    def corrections(self) -> list[dict[str, Any]]:
        return [
            {},
            {"title": "改过的标题"},
            {"title": " "},
            {"region_id": self.world.town.village.pk},
            {"lon": 999.0},
            {"demand": Demand.TIP_OFF},
            {"category_id": self.world.catalogue.weeds.pk},
        ]

    # what must hold --------------------------------------------------------------------------------------

    @invariant()
    def the_log_is_a_chain_that_ends_at_the_state(self) -> None:
        proof = verify()
        assert proof.is_whole, proof.broken
        for case in Case.objects.all():
            state = ""
            for line in Entry.objects.stream(case.pk):
                assert line.source == state
                assert line.verb == "report" or state in TRANSITIONS[line.verb].sources, (
                    line.verb,
                    state,
                )
                state = line.target

    @invariant()
    def clocks_run_in_open_cases_alone_and_the_first_of_them_is_the_cases(self) -> None:
        for case in Case.objects.prefetch_related("clocks"):
            going = [c for c in case.clocks.all() if c.is_running]
            assert not going or case.state in OPEN - PAUSING
            assert case.due_at == min((c.due_at for c in going), default=None)
            if case.state in ENDED - PAUSING:
                assert all(c.stopped_at for c in case.clocks.all())

    @invariant()
    def no_work_order_is_orphaned(self) -> None:
        for case in Case.objects.prefetch_related("orders__clocks"):
            for order in case.orders.all():
                assert order.is_case_open == (case.state in OPEN)
                assert order.state not in _RUNNING or case.state not in ENDED - PAUSING
                stages = {c.stage for c in order.clocks.all() if c.stopped_at is None}
                assert stages == {
                    OrderState.ISSUED: {"sign"}, OrderState.HANDLING: {"handle"}
                }.get(OrderState(order.state), set())  # fmt: skip

    @invariant()
    def the_state_follows_from_the_orders(self) -> None:
        for case in Case.objects.select_related("region"):
            file = open_file(case)
            if case.state in (State.DISPATCHED, State.HANDLING):
                assert file.state_by_orders() == case.state
            if case.state == State.REGISTERED:
                assert file.lead() is None

    @invariant()
    def a_request_waits_only_for_a_share_under_way(self) -> None:
        for request in TimeRequest.objects.filter(decided_at=None).select_related("order"):
            assert request.order.state == OrderState.HANDLING

    @invariant()
    def every_reporter_can_learn_the_end(self) -> None:
        for case in Case.objects.select_related("merged_into"):
            told = outcome_of(case)
            dealt_with = case.merged_into or case
            assert (told.number, told.state) == (dealt_with.number, dealt_with.state)
            assert told.state != State.MERGED
            assert told.is_final == (dealt_with.state in ENDED)
            assert case in Case.objects.told_of(dealt_with.pk)
            if told.state in (State.CLOSED, State.REJECTED):
                assert told.text
            if case.merged_into:
                assert told.state != State.WITHDRAWN


def test_whatever_people_do_the_loop_stays_whole(world: World) -> None:
    Walk.world = world
    SEEN.clear()
    run_state_machine_as_test(Walk, settings=PROFILE)
    # A walk that gets nowhere proves nothing.
    assert SEEN.keys() >= {
        "dispatch",
        "sign_for",
        "submit_result",
        "verify_pass",
        "close",
        "reopen",
        "merge",
    }, SEEN
    assert SEEN.keys() >= {"stale-case", "not-found", "invalid-transition", "invalid-input"}, SEEN
