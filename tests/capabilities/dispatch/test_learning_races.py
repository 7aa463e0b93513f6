"""Many verbs and two who learn at once: nothing waits for another, nothing is learnt twice or lost."""

import pytest
from django.utils import timezone

from gridloop.base.common.ids import new_id
from gridloop.capabilities.dispatch.actions.learning import learn_pending, rebuild
from gridloop.capabilities.dispatch.models import Cell, Learning, Precedent
from gridloop.core.cases import actions
from gridloop.core.cases.actions.intake import begin, next_number
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import Times
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, MINUTE, World, make_world
from tests.core.cases.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def test_dispatches_at_once_all_leave_what_they_teach(world: World) -> None:
    cases = [factories.registered(world) for _n in range(8)]

    def dispatch(case):
        return lambda: actions.dispatch(
            case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.lead_unit
        )

    answers = at_once(*[dispatch(case) for case in cases], learn_pending, learn_pending)
    assert [a for a in answers if isinstance(a, Exception)] == []
    learn_pending()
    assert sorted(Precedent.objects.values_list("number", flat=True)) == list(range(1, 9))
    assert Learning.objects.get().learnt == 8
    assert rebuild().is_same


def test_of_several_who_learn_each_precedent_is_taken_in_once(world: World) -> None:
    for _n in range(6):
        factories.closed(world)
    answers = at_once(*[lambda: learn_pending(at=timezone.now(), most=12) for _n in range(4)])
    assert [a for a in answers if isinstance(a, Exception)] == []
    learn_pending()
    assert sorted(Precedent.objects.values_list("number", flat=True)) == list(range(1, 13))
    before = dict(Cell.objects.values_list("key", "value"))
    assert rebuild().is_same
    assert dict(Cell.objects.values_list("key", "value")) == before


def test_what_is_loaded_in_bulk_teaches_like_what_happens(
    world: World, django_assert_max_num_queries
) -> None:
    times, files = Times.now_in_force(), []
    for n in range(5):
        at = AT + n * MINUTE
        intake = factories.intake(world)
        file = begin(intake, actor=world.worker, at=at, key=new_id(), number=next_number(at), times=times)
        actions.register.on(file, actor=world.operator, at=at)
        actions.dispatch.on(file, actor=world.operator, at=at, lead_unit_id=world.lead_unit)
        actions.sign_for.on(file, actor=world.handler, at=at)
        actions.submit_result.on(file, actor=world.handler, at=at, note="已办")
        actions.verify_pass.on(file, actor=world.operator, at=at)
        actions.close.on(file, actor=world.operator, at=at)
        files.append(file)
    with django_assert_max_num_queries(40) as seen:
        store_many(files)
    assert len([q for q in seen.captured_queries if "dispatch_precedent" in q["sql"]]) == 1
    assert set(Precedent.objects.values_list("unit_id", "share")) == {
        (world.lead_unit, 0.3),
        (world.lead_unit, 1.0),
    }
    assert Precedent.objects.count() == 10
    learn_pending()
    assert (done := rebuild()).is_same, done
