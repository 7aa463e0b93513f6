"""What a case counts for, as its verbs are made; and the sums of it, folded or not."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gridloop.base.common.ids import id_at
from gridloop.capabilities.figures.actions.folding import fold, mend_counters
from gridloop.capabilities.figures.actions.rebuilding import rebuild
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Axis, Counter, Delta, Tally
from gridloop.capabilities.figures.models.tallies import NO_UNIT
from gridloop.capabilities.figures.reading import (
    EVERYTHING,
    By,
    Days,
    Sums,
    Within,
    breakdown,
    month_of,
    scope_of,
    totals,
)
from gridloop.core.cases import actions
from gridloop.core.cases.actions.intake import begin, numbers
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import Times
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(AT)
ALL_YEAR = Days(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(autouse=True)
def the_log_says_the_same(world):
    """Whatever a test does, counting again from the log must find nothing to put right."""
    yield
    made = rebuild(at=AT, step=lambda done, total=None: None)
    assert (made.wrong_cases, made.wrong_counters) == (0, 0)


def counted(case: Case) -> dict[str, tuple[int, date]]:
    return {t.what: (t.unit_id, t.day) for t in Tally.objects.filter(case=case)}


def whats(case: Case) -> set[str]:
    return set(counted(case))


def test_a_case_that_goes_round_counts_for_its_unit_on_the_days_of_dispatch_and_of_closing(world):
    case = factories.verified(world)
    actions.close(case.pk, actor=world.operator, at=AT + DAY)
    unit, tomorrow = world.lead_unit, TODAY + timedelta(days=1)
    assert counted(case) == {
        "reported": (0, TODAY),
        "registered": (0, TODAY),
        "dispatched": (unit, TODAY),
        "responded": (unit, TODAY),
        "closed": (unit, tomorrow),
        "on_time": (unit, tomorrow),
        "resolved": (unit, tomorrow),
    }


def test_a_late_answer_and_a_late_result_count_as_such(world):
    case = factories.dispatched(world)
    actions.sign_for(case.pk, actor=world.handler, at=AT + 10 * DAY)
    actions.submit_result(case.pk, actor=world.handler, at=AT + 60 * DAY, note="已清运")
    actions.verify_pass(case.pk, actor=world.operator, at=AT + 60 * DAY)
    actions.close(case.pk, actor=world.operator, at=AT + 60 * DAY)
    assert whats(case) == {"reported", "registered", "dispatched", "closed", "resolved"}


def test_rework_and_a_bad_word_of_the_reporter_say_that_it_was_not_solved_at_once(world):
    case = factories.handled(world)
    actions.verify_fail(case.pk, actor=world.operator, at=AT + HOUR, note="没清干净")
    actions.submit_result(case.pk, actor=world.handler, at=AT + 2 * HOUR, note="已清运")
    actions.verify_pass(case.pk, actor=world.operator, at=AT + 2 * HOUR)
    actions.close(case.pk, actor=world.operator, at=AT + 2 * HOUR)
    actions.rate(case.pk, actor=factories.holder_of(case), at=AT + 3 * HOUR, attitude=2, result=2)
    assert whats(case) >= {"closed", "reworked", "rated"}
    assert not whats(case) & {"resolved", "satisfied"}


def test_the_last_word_of_a_reporter_counts_and_an_unlawful_wish_does_not(world):
    case = factories.closed(world)
    actions.rate(case.pk, actor=factories.holder_of(case), at=AT + HOUR, attitude=1, result=1)
    actions.rate(case.pk, actor=factories.holder_of(case), at=AT + 2 * HOUR, attitude=5, result=5)
    assert whats(case) >= {"rated", "satisfied", "resolved"}
    other = factories.closed(world)
    actions.call_back(
        other.pk, actor=world.operator, at=AT + HOUR, is_reached=True, result=1, is_lawful=False
    )
    assert not whats(other) & {"rated", "satisfied"}
    assert "resolved" in whats(other)


def test_a_unit_that_sends_back_in_time_has_answered_and_the_next_one_leads(world):
    case = factories.dispatched(world)
    factories.send_back(world, case, AT + 3 * MINUTE)
    assert whats(case) >= {"dispatched", "responded", "sent_back"}
    committee = world.town.committee.pk
    actions.dispatch(case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=committee)
    rows = Tally.objects.filter(case=case, what="dispatched")
    assert set(rows.values_list("unit_id", flat=True)) == {world.lead_unit, committee}


def test_a_unit_whose_order_was_taken_back_unsigned_was_never_asked(world):
    case = factories.dispatched(world)
    actions.recall(case.pk, actor=world.operator, at=AT + HOUR, note="派错了")
    assert whats(case) == {"reported", "registered"}


def test_reopening_takes_the_end_back_and_a_second_end_was_not_solved_at_once(world):
    case = factories.closed(world)
    actions.reopen(case.pk, actor=world.leader, at=AT + DAY, note="又堆上了")
    assert whats(case) == {"reported", "registered", "dispatched", "responded", "reopened"}
    actions.dispatch(case.pk, actor=world.operator, at=AT + DAY, lead_unit_id=world.lead_unit)
    actions.sign_for(case.pk, actor=world.handler, at=AT + DAY + MINUTE)
    actions.submit_result(case.pk, actor=world.handler, at=AT + DAY + HOUR, note="已清运")
    actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY + HOUR)
    actions.close(case.pk, actor=world.operator, at=AT + DAY + HOUR)
    assert whats(case) == {
        "reported", "registered", "dispatched", "responded", "reopened", "closed", "on_time",
    }  # fmt: skip
    assert counted(case)["dispatched"] == (world.lead_unit, TODAY + timedelta(days=1))


def test_drills_count_for_nothing_and_what_was_closed_on_the_spot_only_for_itself(world):
    drill = factories.closed(world, is_drill=True)
    assert whats(drill) == set()
    spot = factories.reported(world)
    actions.close_on_spot(spot.pk, actor=world.worker, at=AT + HOUR, note="当场清走")
    assert whats(spot) == {"reported", "registered", "self_closed"}


def test_a_merged_case_counts_as_merged_until_it_is_parted(world):
    case = factories.merged(world)
    assert "merged" in whats(case)
    actions.unmerge(case.pk, actor=world.operator, at=AT + HOUR, note="不是同一件")
    assert whats(case) == {"reported"}


def test_a_correction_of_place_or_category_moves_all_that_was_counted(world):
    case = factories.closed(world)
    fold()
    other = factories.reported(world)
    actions.amend(other.pk, actor=world.operator, at=AT + HOUR, region_id=world.town.village.pk)
    before = totals(EVERYTHING, ALL_YEAR, by=By.REGION)
    assert before[world.town.village.pk].all == {"reported": 1}
    assert before[world.town.grid.pk].n(What.REPORTED) == 1
    fold()
    assert totals(EVERYTHING, ALL_YEAR, by=By.REGION) == before
    assert case.region_id == world.town.grid.pk


def test_a_bulk_load_counts_like_the_verbs_themselves(world):
    one = factories.closed(world)
    at, times = AT, Times.now_in_force()
    file = begin(
        factories.intake(world),
        actor=world.worker,
        at=at,
        key=id_at(at, seed="bulk"),
        number=numbers(at, 1)[0],
        times=times,
    )
    for n, (verb, actor, details) in enumerate(
        [
            (actions.register, world.operator, {}),
            (actions.dispatch, world.operator, {"lead_unit_id": world.lead_unit}),
            (actions.sign_for, world.handler, {}),
            (actions.submit_result, world.handler, {"note": "已清运"}),
            (actions.verify_pass, world.operator, {}),
            (actions.close, world.operator, {}),
        ],
        start=1,
    ):
        verb.on(file, actor=actor, at=at + n * MINUTE, **details)
    key = file.case.pk
    store_many([file])
    assert counted(Case.objects.get(pk=key)) == counted(one)


# sums --------------------------------------------------------------------------------------------------------


def test_sums_are_the_same_before_and_after_folding(world):
    for n in range(3):
        factories.closed(world, AT + n * DAY)
    factories.reported(world, AT + 40 * DAY)
    asked = [
        {"by": by, "days": days}
        for by in (None, *By)
        for days in (ALL_YEAR, Days(TODAY, TODAY + timedelta(days=1)), month_of(TODAY))
    ]
    before = [totals(EVERYTHING, a["days"], by=a["by"]) for a in asked]
    assert Delta.objects.exists()
    fold()
    assert not Delta.objects.exists()
    assert [totals(EVERYTHING, a["days"], by=a["by"]) for a in asked] == before
    assert before[0][None].n(What.REPORTED) == 4
    assert mend_counters() == 0


@pytest.mark.parametrize("by", [None, *By])
def test_sums_of_the_whole_town_are_those_of_its_regions_and_of_its_units(world, by):
    for n in range(3):
        factories.closed(world, AT + n * DAY)
    factories.reported(world, AT + 40 * DAY, region_id=world.town.other_village.pk, category_id=None)
    fold()
    factories.reported(world, AT + 41 * DAY, channel="hotline")  # not folded yet
    regions, units = (
        tuple({NO_UNIT, *Tally.objects.values_list(f, flat=True)}) for f in ("region_id", "unit_id")
    )
    for days in (ALL_YEAR, Days(TODAY, TODAY + timedelta(days=1)), month_of(TODAY)):
        whole = totals(EVERYTHING, days, by=by)
        assert whole
        for within in (Within(regions=regions), Within(units=units), Within(regions, units)):
            assert totals(within, days, by=by) == whole
            assert breakdown(within, days, What.REPORTED) == breakdown(EVERYTHING, days, What.REPORTED)


def test_months_and_single_days_make_up_any_period(world):
    for n in range(0, 120, 7):
        factories.reported(world, AT + n * DAY)
    fold()
    for since, until in [(0, 119), (5, 90), (20, 29), (0, 0), (3, 64)]:
        days = Days(TODAY + timedelta(days=since), TODAY + timedelta(days=until))
        found = totals(EVERYTHING, days, whats=[What.REPORTED])
        per_day = totals(EVERYTHING, days, whats=[What.REPORTED], by=By.DAY)
        wanted = sum(since <= n <= until for n in range(0, 120, 7))
        assert found[None].n(What.REPORTED) == wanted == sum(s.n(What.REPORTED) for s in per_day.values())
        earlier = totals(EVERYTHING, days.before(), whats=[What.REPORTED]).get(None, Sums())
        for by, parts in breakdown(EVERYTHING, days, What.REPORTED).items():
            summed = sum(p.now for p in parts.values()), sum(p.before for p in parts.values())
            assert summed == (wanted, earlier.n(What.REPORTED)), by


def test_a_counter_that_was_altered_is_mended(world):
    factories.closed(world)
    fold()
    Counter.objects.filter(what=What.CLOSED).update(n=7)
    assert mend_counters() == 2 * len(Axis)  # a day's and a month's on each
    assert totals(EVERYTHING, ALL_YEAR)[None].n(What.CLOSED) == 1


def test_nobody_reads_figures_of_cases_that_they_may_not_see(world):
    factories.closed(world)
    secretary, lead = world.actors[Role.SECRETARY], world.actors[Role.UNIT_LEAD]
    assert scope_of(world.leader) == EVERYTHING
    assert totals(scope_of(secretary), ALL_YEAR)[None].n(What.CLOSED) == 1  # the grid lies in the village
    assert totals(scope_of(lead), ALL_YEAR)[None].all.keys() == {
        "dispatched", "responded", "closed", "on_time", "resolved",
    }  # fmt: skip
    assert totals(scope_of(world.actors[Role.ADMIN]), ALL_YEAR) == {}
    assert totals(Within(units=(10**9,)), ALL_YEAR) == {}


def test_reading_any_sum_takes_one_statement(world, django_assert_num_queries):
    factories.closed(world)
    totals(EVERYTHING, ALL_YEAR, region_id=world.town.town.pk)
    with django_assert_num_queries(1):
        totals(EVERYTHING, ALL_YEAR, by=By.CATEGORY, region_id=world.town.town.pk)


def test_the_period_before_is_the_month_before_or_as_many_days():
    assert Days(date(2026, 3, 1), date(2026, 3, 31)).before() == Days(date(2026, 2, 1), date(2026, 2, 28))
    assert Days(date(2026, 3, 2), date(2026, 3, 8)).before() == Days(date(2026, 2, 23), date(2026, 3, 1))
    assert Days(date(2026, 3, 1), date(2026, 3, 1)).before() == Days(date(2026, 2, 28), date(2026, 2, 28))


def test_what_is_rolled_back_is_not_counted(world):
    with transaction.atomic():
        factories.closed(world)
        transaction.set_rollback(True)
    assert totals(EVERYTHING, ALL_YEAR) == {}


def test_a_verb_costs_one_statement_more_and_closing_two(world):
    case = factories.verified(world)
    with CapturedTallies() as seen:
        actions.close(case.pk, actor=world.operator, at=AT + HOUR)
    assert seen.statements == 1
    assert seen.on_clocks == 1


class CapturedTallies:
    """Counts the statements on the figures' tables, and the look at the clocks that closing takes."""

    statements = on_clocks = 0

    def __enter__(self):
        self._wrapper = connection.execute_wrapper(self)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *raised):
        self._wrapper.__exit__(*raised)

    def __call__(self, execute, sql, params, many, context):
        self.statements += "figures_" in sql
        self.on_clocks += 'stopped_at" > ' in sql
        return execute(sql, params, many, context)
