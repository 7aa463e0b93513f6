"""Dry runs: what would have gone elsewhere under changed rules or duty lists, before anything is saved."""

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.dispatch.actions import trials
from gridloop.capabilities.dispatch.actions.rules import add_rule, draft
from gridloop.capabilities.dispatch.actions.trials import Lead, ask_dry_run, flows, with_rule, without_rule
from gridloop.capabilities.dispatch.models import DispatchRule, DryRun
from gridloop.capabilities.dispatch.rules import rules_in_force
from gridloop.core.cases import actions
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World

pytestmark = pytest.mark.django_db
PERIOD = {"since": AT - DAY, "until": AT + DAY}


def run(world: World, **changes) -> DryRun:
    return ask_dry_run(actor=world.leader, at=AT + DAY, **PERIOD | changes)


def some_dispatches(world: World) -> None:
    """Three of litter, one of them transferred, and one of weeds."""
    for _n in range(2):
        factories.dispatched(world)
    case = factories.dispatched(world)
    move = {"from_unit_id": world.lead_unit, "to_unit_id": world.town.committee.pk, "note": "改派"}
    actions.transfer(case.pk, actor=world.operator, at=AT + HOUR, **move)
    factories.dispatched(world, category_id=world.catalogue.weeds.pk)


def test_a_rule_that_is_not_saved_shows_which_cases_it_would_move_and_why(world: World) -> None:
    some_dispatches(world)
    committee = world.town.committee.pk
    rule = draft(
        name="垃圾归村", lead_id=committee, category_ids=[world.catalogue.litter.pk], beats_duty=True
    )
    done = run(world, rules=with_rule(rule, None))
    assert (done.asked, done.moved, done.is_cut) == (4, 3, False)
    assert flows(done) == [(world.lead_unit, committee, 3)]
    moved = done.cases.first()
    assert (moved.really_id, moved.words) == (world.lead_unit, "按规则“垃圾归村”")
    assert not DispatchRule.objects.exists()
    assert rules_in_force() == ()


def test_a_rule_that_may_not_beat_the_duty_list_moves_only_what_nobody_answers_for(world: World) -> None:
    some_dispatches(world)
    done = run(world, rules=with_rule(draft(name="全归村", lead_id=world.town.committee.pk), None))
    assert flows(done) == [(None, world.town.committee.pk, 1)]


def test_taking_a_rule_away_and_changing_one_are_tried_too(world: World) -> None:
    weeds = world.catalogue.weeds.pk
    rule = add_rule(actor=world.leader, at=AT, name="杂草", lead_id=world.lead_unit, category_ids=[weeds])
    some_dispatches(world)
    done = run(world, rules=without_rule(rule.pk))
    assert flows(done) == [(world.lead_unit, None, 1)]
    assert "由人工判断" in done.cases.get().words
    changed = draft(name="杂草", lead_id=world.town.committee.pk, category_ids=[weeds])
    assert flows(run(world, rules=with_rule(changed, rule.pk))) == [
        (world.lead_unit, world.town.committee.pk, 1)
    ]


def test_a_changed_lead_of_the_duty_list_is_tried(world: World) -> None:
    some_dispatches(world)
    litter, committee = world.catalogue.litter.pk, world.town.committee.pk
    everywhere = run(world, leads=[Lead(litter, None, committee)])
    assert flows(everywhere) == [(world.lead_unit, committee, 3)]
    elsewhere = run(world, leads=[Lead(litter, world.town.other_village.pk, committee)])
    assert (elsewhere.asked, elsewhere.moved) == (4, 0)
    nobody = run(world, leads=[Lead(litter, None, None)])
    assert flows(nobody) == [(world.lead_unit, None, 3)]


def test_nothing_changed_moves_nothing_and_the_period_is_kept_to(world: World) -> None:
    some_dispatches(world)
    assert run(world).moved == 0
    assert run(world, until=AT - HOUR).asked == 0


def test_a_long_period_is_left_to_a_job_which_does_it_once(world: World, monkeypatch) -> None:
    some_dispatches(world)
    monkeypatch.setattr(trials, "AT_ONCE", 2)
    asked = run(world, leads=[Lead(world.catalogue.litter.pk, None, world.town.committee.pk)])
    assert asked.finished_at is None
    for _again in range(2):
        assert trials.try_out(asked.pk, at=AT + DAY).moved == 3
    assert asked.cases.count() == 3


def test_statements_do_not_grow_with_the_cases(world: World, django_assert_num_queries) -> None:
    lead = [Lead(world.catalogue.litter.pk, None, world.town.committee.pk)]
    some_dispatches(world)
    run(world, leads=lead)
    with django_assert_num_queries(13):
        run(world, leads=lead)
    some_dispatches(world)
    with django_assert_num_queries(13):
        run(world, leads=lead)


def test_only_who_manages_dispatch_tries_and_the_period_is_one(world: World) -> None:
    with pytest.raises(NotAllowed):
        ask_dry_run(actor=world.operator, at=AT, **PERIOD)
    with pytest.raises(InvalidInput):
        run(world, until=AT - 2 * DAY)
