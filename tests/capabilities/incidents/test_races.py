"""Two at once, each with a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from gridloop.base.common.errors import DomainError
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.models import Call, Incident
from gridloop.capabilities.notify.models import Notice
from gridloop.core.audit.verify import verify
from tests.capabilities.incidents.factories import AT, MINUTE, SPOT, called, incident, resource, skilled
from tests.core.cases import factories
from tests.core.cases.factories import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    made = make_world(boundaries=True)
    skilled(made)
    return made


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts beside each other, and return what each gave, or how it was refused."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return act()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_commanders_call_the_same_team_to_one_incident(world):
    team, opened = resource(world, "队"), incident(world)
    wanted = [actions.Wanted(team.pk)]
    made = at_once(
        *(
            lambda who=who: actions.call(opened.pk, wanted, actor=who, at=AT).made
            for who in (world.leader, world.operator)
        )
    )
    assert sorted(len(calls) for calls in made) == [0, 1]
    assert Notice.objects.filter(user=world.handler.user_id).count() == 1


def test_two_emergencies_reach_for_the_same_teams(world):
    teams = [resource(world, f"队{n}", steps=n) for n in range(4)]
    incidents = [incident(world), incident(world, title="另一起")]
    orders = [teams, teams[::-1]]
    done = at_once(
        *(
            lambda one=one, rows=rows: actions.call(
                one.pk, [actions.Wanted(r.pk) for r in rows], actor=world.leader, at=AT
            )
            for one, rows in zip(incidents, orders, strict=True)
        )
    )
    assert sum(len(one.made) for one in done) == 4
    assert sum(len(one.left_out) for one in done) == 4
    assert Call.objects.active().count() == 4


def test_a_double_click_and_two_sweeps(world):
    _opened, (call,) = called(world, resource(world, "近"))
    resource(world, "远", steps=4)
    at_once(*[lambda: actions.sweep(at=AT + 6 * MINUTE)] * 2)
    assert Notice.objects.filter(user=world.leader.user_id).count() == 1
    at_once(*[lambda: actions.answer(call.pk, "acknowledge", actor=world.handler, at=AT + 7 * MINUTE)] * 3)
    assert [e for e in _verbs(call.incident_id) if e in ("call.no_answer", "call.acknowledge")] == [
        "call.no_answer", "call.acknowledge"
    ]  # fmt: skip
    assert verify().is_whole


def test_the_answer_and_the_replacement_meet(world):
    _opened, (call,) = called(world, resource(world, "近"))
    resource(world, "远", steps=4)
    answered, replaced = at_once(
        lambda: actions.answer(call.pk, "set_out", actor=world.handler, at=AT + 6 * MINUTE),
        lambda: actions.replace(call.pk, actor=world.leader, at=AT + 6 * MINUTE),
    )
    call.refresh_from_db()
    if call.state == "replaced":
        assert answered.is_late
    else:
        assert (call.state, replaced) == ("on_the_way", "call-over")
    assert Call.objects.active().count() == 1


def test_two_leaders_open_on_one_case(world):
    case = factories.registered(world, lon=SPOT[0], lat=SPOT[1], region_id=None)
    opening = actions.Opening("gas", "燃气泄漏", *SPOT, case_id=case.pk)
    made = at_once(
        *(
            lambda who=who: actions.open_incident(opening, actor=who, at=AT + 5 * MINUTE)
            for who in (world.leader, world.operator)
        )
    )
    assert made[0] == made[1] == Incident.objects.get()


def test_two_incidents_opened_at_once_have_two_numbers(world):
    made = at_once(*[lambda: incident(world)] * 3)
    assert len({one.number for one in made}) == 3


def test_opening_again_while_it_is_closed(world):
    case = factories.registered(world, lon=SPOT[0], lat=SPOT[1], region_id=None)
    opening = actions.Opening("gas", "燃气泄漏", *SPOT, case_id=case.pk)
    first = actions.open_incident(opening, actor=world.leader, at=AT + 5 * MINUTE)
    at_once(
        lambda: actions.close(first.pk, "好了", actor=world.leader, at=AT + 9 * MINUTE),
        lambda: actions.open_incident(opening, actor=world.operator, at=AT + 9 * MINUTE),
    )
    assert Incident.objects.open().count() <= 1
    assert verify().is_whole


def _verbs(key) -> list[str]:
    from gridloop.core.audit.models import Entry

    return [entry.verb for entry in Entry.objects.stream(key)]
