"""Automatic dispatch: off until switched on, never where it is doubtful, marked, reversible, and it stops itself."""

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.dispatch.actions import automatic
from gridloop.capabilities.dispatch.actions.automatic import dispatch_waiting, set_automatic
from gridloop.capabilities.dispatch.actions.learning import learn_pending
from gridloop.capabilities.dispatch.models import AutoDispatch, HowChosen, Reason
from gridloop.capabilities.notify.models import Notice
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, MINUTE, World, last_line, make_world
from tests.core.catalogue.factories import make_duty
from tests.core.org.factories import DEGREE

pytestmark = pytest.mark.django_db
NOW = AT + HOUR


@pytest.fixture
def world(db: None) -> World:
    world = make_world(boundaries=True)
    make_duty(world.catalogue.litter, world.town.office)
    return world


def switch(world: World, **changes) -> AutoDispatch:
    given = {"is_on": True, "threshold": 0.5, "at": AT} | changes
    return set_automatic(world.catalogue.litter.pk, actor=world.leader, **given)


def state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def test_nothing_is_dispatched_until_somebody_switches_it_on(world: World) -> None:
    case = factories.registered(world)
    assert dispatch_waiting(at=NOW) == 0
    switch(world, is_on=False)
    assert dispatch_waiting(at=NOW) == 0
    assert state(case) == State.REGISTERED


def test_an_automatic_dispatch_says_that_it_is_and_why(world: World) -> None:
    case = factories.registered(world)
    switch(world)
    assert dispatch_waiting(at=NOW) == 1
    line = last_line(case)
    assert (line.actor_kind, line.data["automatic"], line.data["lead"]) == ("system", True, world.lead_unit)
    assert line.data["option"]["terms"]
    assert "自动派遣：“暴露垃圾”在履职清单中列为" in line.note
    reason = Reason.objects.get()
    assert (reason.how, reason.rank, reason.seq) == (HowChosen.AUTOMATIC, 1, line.seq)
    learn_pending(at=NOW)
    assert Reason.objects.count() == 1


def test_other_categories_and_lower_scores_wait_for_a_person(world: World) -> None:
    case = factories.registered(world)
    weeds = factories.registered(world, category_id=world.catalogue.weeds.pk)
    switch(world, threshold=1.0)
    assert dispatch_waiting(at=NOW) == 0
    assert (state(case), state(weeds)) == (State.REGISTERED, State.REGISTERED)


def test_a_boundary_case_a_returned_one_and_a_drill_wait_for_a_person(world: World) -> None:
    switch(world)
    near = {"region_id": None, "lon": 120 + 2 * DEGREE - 0.0002, "lat": 31.005}
    factories.registered(world, **near)
    factories.send_back(world, factories.dispatched(world), AT + MINUTE * 5)
    factories.registered(world, is_drill=True)
    assert dispatch_waiting(at=NOW) == 0


def test_what_a_person_took_back_is_not_dispatched_again(world: World) -> None:
    case = factories.registered(world)
    switch(world)
    dispatch_waiting(at=NOW)
    actions.recall(case.pk, actor=world.operator, at=NOW + MINUTE, note="派错了")
    assert dispatch_waiting(at=NOW + 2 * MINUTE) == 0
    assert state(case) == State.REGISTERED


def test_what_was_dispatched_by_hand_and_taken_back_is_left_to_a_person_too(world: World) -> None:
    case = factories.dispatched(world)
    actions.recall(case.pk, actor=world.operator, at=NOW, note="再看看")
    switch(world)
    assert dispatch_waiting(at=NOW + MINUTE) == 0
    assert state(case) == State.REGISTERED


def test_a_case_at_which_the_program_breaks_is_noted_once_and_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = factories.registered(world), factories.registered(world)
    asked: list[object] = []

    def dispatch(case_id, **how):
        asked.append(case_id)
        if case_id == broken.pk:
            raise KeyError(case_id)
        return actions.dispatch(case_id, **how)

    monkeypatch.setattr(automatic, "dispatch", dispatch)
    switch(world)
    assert dispatch_waiting(at=NOW) == 1
    assert dispatch_waiting(at=NOW + MINUTE) == 0
    assert sorted(asked) == sorted([broken.pk, fine.pk])
    assert (state(broken), state(fine)) == (State.REGISTERED, State.DISPATCHED)
    line = Entry.objects.get(verb="autodispatch.fail")
    assert line.data == {"case": str(broken.pk), "version": broken.version, "reason": "KeyError"}
    assert Reason.objects.get().case_id == fine.pk


def test_it_stops_itself_and_says_so_when_too_much_comes_back(world: World) -> None:
    switch(world, most_returned=0.2)
    cases = [factories.registered(world) for _n in range(6)]
    assert dispatch_waiting(at=NOW) == 6
    for case in cases[:2]:
        factories.send_back(world, case, NOW + MINUTE)
    learn_pending(at=NOW + 2 * MINUTE)
    waiting = factories.registered(world)
    assert dispatch_waiting(at=NOW + 3 * MINUTE) == 0
    row = AutoDispatch.objects.get()
    assert (row.is_on, row.stopped_at) == (False, NOW + 3 * MINUTE)
    assert "6件自动派遣中有2件被退回" in row.stopped_why
    assert Notice.objects.filter(user=world.leader.user_id, title__contains="自动派遣已停止").count() == 1
    assert state(waiting) == State.REGISTERED
    assert switch(world, at=NOW + 4 * MINUTE).stopped_why == ""
    assert dispatch_waiting(at=NOW + 5 * MINUTE) == 1


def test_only_who_manages_dispatch_switches_it_and_only_for_a_sub_category(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_automatic(world.catalogue.litter.pk, is_on=True, actor=world.operator, at=AT)
    for given in ({"category_id": world.catalogue.main.pk}, {"category_id": 10**9}):
        with pytest.raises(InvalidInput):
            set_automatic(**given, is_on=True, actor=world.leader, at=AT)
    with pytest.raises(InvalidInput):
        switch(world, threshold=2)
