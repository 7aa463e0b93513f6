"""What verbs write down, what a job learns of it, and that the log can say it all again."""

from collections.abc import Sequence

import pytest

from gridloop.capabilities.dispatch.actions.learning import learn_pending, rebuild
from gridloop.capabilities.dispatch.facts import facts_of, role_of
from gridloop.capabilities.dispatch.learning.model import Model
from gridloop.capabilities.dispatch.models import Cell, Learning, Precedent
from gridloop.core.cases import actions
from gridloop.core.cases.actions import move
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.events import announce_stored
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, MINUTE, World

pytestmark = pytest.mark.django_db


def noted(case: Case) -> list[tuple[int, float]]:
    return list(
        Precedent.objects.filter(case_id=case.pk).order_by("seq", "pk").values_list("unit_id", "share")
    )


def cells() -> dict[str, object]:
    return dict(Cell.objects.values_list("key", "value"))


def chances(case: Case) -> dict[int, float]:
    facts = facts_of(case, rulebook())
    model = Model(dict(Cell.objects.filter(key__in=Model.needs(facts)).values_list("key", "value")), role_of)
    return {int(unit): chance for unit, chance in model.guess(facts, AT).chances.items()}


def some_history(world: World) -> None:
    """Cases that were closed, sent back, transferred, recalled, amended and taken up again."""
    committee, office = world.town.committee.pk, world.lead_unit
    factories.closed(world)
    case = factories.send_back(world, factories.dispatched(world), AT + HOUR)
    actions.dispatch(case.pk, actor=world.operator, at=AT + 2 * HOUR, lead_unit_id=committee)
    case = factories.dispatched(world, assistants=(committee,))
    case = actions.recall(case.pk, actor=world.operator, at=AT + HOUR, note="派错了")
    weeds = world.catalogue.weeds.pk
    actions.amend(case.pk, actor=world.operator, at=AT + 2 * HOUR, category_id=weeds)
    actions.dispatch(case.pk, actor=world.operator, at=AT + 3 * HOUR, lead_unit_id=committee)
    move = {"from_unit_id": committee, "to_unit_id": office, "note": "改派"}
    actions.transfer(case.pk, actor=world.operator, at=AT + 4 * HOUR, **move)
    closed = factories.closed(world, AT + HOUR)
    actions.reopen(closed.pk, actor=world.leader, at=AT + 2 * HOUR, note="又有垃圾")
    actions.dispatch(closed.pk, actor=world.operator, at=AT + 3 * HOUR, lead_unit_id=office)


def test_a_closed_case_was_its_leads(world: World) -> None:
    assert noted(factories.closed(world)) == [(world.lead_unit, 0.3), (world.lead_unit, 1.0)]


def test_a_send_back_and_a_recall_speak_against_the_unit(world: World) -> None:
    case = factories.send_back(world, factories.dispatched(world), AT + HOUR)
    assert noted(case) == [(world.lead_unit, 0.3), (world.lead_unit, -1.0)]
    case = factories.dispatched(world)
    actions.recall(case.pk, actor=world.operator, at=AT + HOUR, note="派错了")
    assert noted(case) == [(world.lead_unit, 0.3), (world.lead_unit, -0.3)]


def test_a_transfer_speaks_against_one_and_for_another_but_not_of_assistants(world: World) -> None:
    committee = world.town.committee.pk
    case = factories.dispatched(world)
    move = {"from_unit_id": world.lead_unit, "to_unit_id": committee, "note": "改派"}
    actions.transfer(case.pk, actor=world.operator, at=AT + HOUR, **move)
    assert noted(case)[1:] == [(world.lead_unit, -1.0), (committee, 0.3)]
    assisted = factories.dispatched(world, assistants=(committee,))
    move = {"from_unit_id": committee, "to_unit_id": world.town.centre.pk, "note": "改派"}
    actions.transfer(assisted.pk, actor=world.operator, at=AT + HOUR, **move)
    assert noted(assisted) == [(world.lead_unit, 0.3)]


def test_a_transfer_back_to_the_same_unit_says_nothing(world: World) -> None:
    case = factories.dispatched(world)
    move = {"from_unit_id": world.lead_unit, "to_unit_id": world.lead_unit, "note": "重新签收"}
    actions.transfer(case.pk, actor=world.operator, at=AT + HOUR, **move)
    assert noted(case) == [(world.lead_unit, 0.3)]


def test_a_drill_teaches_nothing(world: World) -> None:
    assert noted(factories.closed(world, is_drill=True)) == []


def test_a_verb_that_fails_leaves_nothing_to_learn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = factories.registered(world)

    def told_and_broken(files: Sequence[CaseFile]) -> None:
        announce_stored(files)
        assert noted(case) != []
        raise RuntimeError("disk")

    monkeypatch.setattr(move, "announce_stored", told_and_broken)
    with pytest.raises(RuntimeError):
        actions.dispatch(case.pk, actor=world.operator, at=AT, lead_unit_id=world.lead_unit)
    assert noted(case) == []


def test_what_happened_is_taken_in_once_and_in_the_order_of_time(world: World) -> None:
    factories.closed(world, AT + HOUR)
    factories.closed(world, AT)
    assert learn_pending() == 4
    assert learn_pending() == 0
    learnt = Precedent.objects.order_by("number")
    assert [row.number for row in learnt] == [1, 2, 3, 4]
    assert [row.at for row in learnt] == sorted(row.at for row in learnt)


def test_the_next_such_case_is_the_units_that_closed_the_last_ones(world: World) -> None:
    committee = world.town.committee.pk
    for n in range(3):
        case = factories.registered(world, AT + n * MINUTE)
        actions.dispatch(case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=committee)
    factories.closed(world)
    learn_pending()
    told = chances(factories.registered(world))
    assert told[committee] + told[world.lead_unit] == pytest.approx(1)
    assert told[world.lead_unit] > 0.3


def test_rebuilding_from_the_log_changes_nothing_to_the_last_bit(world: World) -> None:
    some_history(world)
    for _portion in range(20):
        learn_pending(most=1)
    before = cells()
    assert before
    done = rebuild()
    assert (done.missing, done.surplus, done.is_same) == (0, 0, True)
    assert cells() == before
    assert done.precedents == Learning.objects.get().learnt == Precedent.objects.count()


def test_rebuilding_writes_down_what_the_log_says_and_nobody_noted(world: World) -> None:
    some_history(world)
    learn_pending()
    noted_before = set(Precedent.objects.values_list("case_id", "seq", "unit_id", "share"))
    Precedent.objects.filter(share__gt=0).delete()
    Precedent.objects.filter(share__lt=0).update(share=5)
    assert (done := rebuild()).missing == len(noted_before)
    assert done.surplus > 0
    assert set(Precedent.objects.values_list("case_id", "seq", "unit_id", "share")) == noted_before
    assert rebuild().is_same


def test_a_verb_that_teaches_costs_one_statement_more(world: World, django_assert_max_num_queries) -> None:
    case = factories.registered(world)
    with django_assert_max_num_queries(40) as seen:
        actions.dispatch(case.pk, actor=world.operator, at=AT, lead_unit_id=world.lead_unit)
    assert len([q for q in seen.captured_queries if "dispatch_" in q["sql"]]) == 1
