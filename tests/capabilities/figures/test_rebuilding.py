"""Whatever people do, counting again from the log gives the numbers that were kept in step with it."""

from random import Random

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from gridloop.base.common.ids import new_id
from gridloop.capabilities.figures.actions.folding import fold
from gridloop.capabilities.figures.actions.rebuilding import count_history, rebuild
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Counter, Delta, Progress, Tally
from gridloop.core.cases.models import Case, Clock, Feedback, OrderRole
from gridloop.core.cases.workflow import State
from tests.core.cases import factories, test_random_walk
from tests.core.cases.factories import AT

pytestmark = pytest.mark.django_db
PROFILE = settings(
    max_examples=16,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OF_THE_ENGINE = [
    "the_log_is_a_chain_that_ends_at_the_state",
    "clocks_run_in_open_cases_alone_and_the_first_of_them_is_the_cases",
    "no_work_order_is_orphaned",
    "the_state_follows_from_the_orders",
    "a_request_waits_only_for_a_share_under_way",
    "every_reporter_can_learn_the_end",
]


class Walk(test_random_walk.Walk):
    """The engine's own random walk, with another thing that must hold."""

    def go_on(self, rng: Random) -> None:
        super().go_on(rng)
        # What the figures turn on, and a free walk comes by too seldom.
        turns = {
            State.CLOSED: rng.choice([("call_back", self.world.operator), ("reopen", self.world.leader)]),
            State.HANDLED: ("verify_fail", self.world.operator),
            State.DISPATCHED: rng.choice(
                [("send_back", self.world.handler), ("recall", self.world.operator)]
            ),
        }
        state = rng.choice(list(turns))
        case = Case.objects.filter(state=state).order_by("-state_since", "number").first()
        if case and rng.random() < 0.6:
            self.act(case, turns[state][0], turns[state][1], rng, is_careful=True)

    @invariant()
    def counting_again_changes_nothing(self) -> None:
        made = rebuild(at=AT, step=lambda done, total=None: None)
        assert (made.wrong_cases, made.wrong_counters) == (0, 0)

    @invariant()
    def the_end_of_a_case_counts_as_its_rows_say(self) -> None:
        for case in Case.objects.prefetch_related("orders", "feedback"):
            kept = {(t.what, t.unit_id, t.day) for t in Tally.objects.filter(case=case, what__in=ENDS)}
            assert kept == set(by_rows(case)), case.number


# What the engine's own test has proved already need not be proved here at every step.
for name in OF_THE_ENGINE:
    setattr(Walk, name, lambda self: None)

TURNS = {"close", "reopen", "merge", "unmerge", "transfer", "send_back", "verify_fail", "call_back", "recall"}
ENDS = [
    What.CLOSED, What.ON_TIME, What.RESOLVED, What.REWORKED, What.RATED, What.SATISFIED,
    What.SELF_CLOSED, What.MERGED, What.REJECTED, What.WITHDRAWN,
]  # fmt: skip


def by_rows(case: Case):
    """The same, told by the rows of the case instead of by its log."""
    if case.closed_at is None:
        return
    day = timezone.localdate(case.closed_at)
    if case.state != State.CLOSED or case.is_self_closed:
        yield (What.SELF_CLOSED if case.is_self_closed else case.state, 0, day)
        return
    lead = next((o for o in case.orders.all() if o.is_active and o.role == OrderRole.LEAD), None)
    unit = lead.unit_id if lead else 0
    yield (What.CLOSED, unit, day)
    late = Clock.objects.filter(order=lead, stage="handle", stopped_at__gt=F("due_at"))
    if lead is None or not late.exists():
        yield (What.ON_TIME, unit, day)
    if case.reworks:
        yield (What.REWORKED, unit, day)
    rated = (
        Feedback.objects.filter(case=case, at__gte=case.closed_at, is_reached=True, result__isnull=False)
        .exclude(is_lawful=False)
        .order_by("-at", "-pk")
        .first()
    )
    if rated:
        yield (What.RATED, unit, day)
    if rated and rated.result >= 3:
        yield (What.SATISFIED, unit, day)
    if case.reopenings == 0 and not (rated and rated.result < 3):
        yield (What.RESOLVED, unit, day)


def test_counting_again_from_the_log_gives_the_numbers_that_were_kept_in_step(world):
    Walk.world = world
    test_random_walk.SEEN.clear()
    run_state_machine_as_test(Walk, settings=PROFILE)
    # A walk that never turns back proves nothing.
    assert test_random_walk.SEEN.keys() >= TURNS, TURNS - test_random_walk.SEEN.keys()


def test_what_was_written_past_the_figures_is_put_right_and_named(world):
    factories.closed(world)
    wrong = factories.closed(world)
    Tally.objects.filter(case=wrong, what=What.ON_TIME).delete()
    Tally.objects.filter(case=wrong, what=What.CLOSED).update(unit_id=99)
    fold()
    made = rebuild(at=AT, step=lambda done, total=None: None)
    assert (made.cases, made.wrong_cases, made.wrong_counters) == (2, 1, 0)
    assert Tally.objects.filter(what=What.ON_TIME).count() == 2


def test_history_from_before_the_figures_is_counted_by_the_job_and_counted_once(world):
    for _ in range(3):
        factories.closed(world)
    kept = {(t.case_id, t.what, t.unit_id, t.day) for t in Tally.objects.all()}
    Tally.objects.all().delete()
    Delta.objects.all().delete()
    Counter.objects.all().delete()
    assert not count_history(at=AT, most=1)
    assert count_history(at=AT, most=1)
    assert count_history(at=AT, most=1)
    fold()
    assert {(t.case_id, t.what, t.unit_id, t.day) for t in Tally.objects.all()} == kept
    assert Progress.objects.get().done_at == AT
    assert sum(Counter.objects.filter(grain="d", axis="").values_list("n", flat=True)) == len(kept)


def test_the_first_count_goes_on_where_it_was_left(world):
    factories.closed(world)
    Progress.objects.create(pk=1, counted_to=new_id())  # behind every case there is
    Tally.objects.all().delete()
    assert count_history(at=AT, most=1)
    assert not Tally.objects.exists()
