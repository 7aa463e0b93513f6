"""What waits for whom: piles, their numbers and their order."""

import pytest
from django.urls import reverse

from gridloop.core.cases import actions
from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.workflow import State
from gridloop.core.org.permissions import Role
from gridloop.faces.desk.boxes import BOXES, boxes_of, counts
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, MINUTE, World
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db
INBOX = reverse("desk:inbox")


def closed_with_a_phone(world: World):
    return factories.closed(world, reporter=ReporterData("", "13812345678"))


def pile(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("box", "role", "make"),
    [
        ("to_register", Role.OPERATOR, factories.reported),
        ("to_dispatch", Role.OPERATOR, factories.registered),
        ("to_sign", Role.HANDLER, factories.dispatched),
        ("to_handle", Role.HANDLER, factories.handling),
        ("to_verify", Role.OPERATOR, factories.handled),
        ("to_close", Role.OPERATOR, factories.verified),
        ("to_call_back", Role.OPERATOR, closed_with_a_phone),
        ("escalated", Role.LEADER, factories.escalated),
        ("suspended", Role.LEADER, factories.suspended),
    ],
)
def test_a_case_waits_in_the_pile_of_who_has_to_move_it_on(world: World, sign_in: SignIn, box, role, make):
    case = make(world)
    response = sign_in(world.actors[role]).get(INBOX, {"box": box})
    assert pile(response) == [case.number]
    assert case.number in response.content.decode()


def test_what_was_sent_back_too_often_waits_for_the_leader_and_not_for_the_dispatcher(world: World):
    case, at = factories.dispatched(world), AT
    for n in range(2):
        factories.send_back(world, case, at + (3 + 2 * n) * MINUTE)
        if n < 1:
            actions.dispatch(
                case.pk, actor=world.operator, at=at + (4 + 2 * n) * MINUTE, lead_unit_id=world.lead_unit
            )
    assert counts(boxes_of(world.leader), world.leader).get("to_adjudicate") == 1
    assert "to_dispatch" not in counts(boxes_of(world.operator), world.operator)


def test_a_request_for_time_waits_for_others_than_who_asked(world: World):
    case = factories.handling(world)
    actions.request_extension(case.pk, actor=world.handler, at=AT + 5 * MINUTE, amount=2, note="等配件")
    assert counts([BOXES["to_approve"]], world.leader) == {"to_approve": 1}
    assert counts([BOXES["to_approve"]], world.handler) == {}


def test_a_dissatisfied_reporter_waits_for_review(world: World):
    case = factories.closed(world)
    actions.call_back(case.pk, actor=world.operator, at=AT + DAY, is_reached=True, result=1)
    assert counts([BOXES["to_review"]], world.leader) == {"to_review": 1}


def test_who_handled_a_case_is_not_asked_to_verify_it(world: World):
    factories.handled(world)
    colleague = factories.add_person(world, Role.OPERATOR, "office", "town", name="colleague")
    assert counts([BOXES["to_verify"]], colleague) == {}
    assert counts([BOXES["to_verify"]], world.operator) == {"to_verify": 1}


def test_the_most_urgent_deadline_comes_first(world: World, sign_in: SignIn):
    late, later = factories.registered(world, AT - DAY), factories.registered(world, AT)
    response = sign_in(world.operator).get(INBOX, {"box": "to_dispatch"})
    assert pile(response) == [late.number, later.number]
    assert "超期" in response.content.decode()


def test_without_a_choice_the_first_pile_with_work_opens(world: World, sign_in: SignIn):
    factories.registered(world)
    assert sign_in(world.operator).get(INBOX).context["box"].name == "to_dispatch"


def test_a_pile_says_99_plus_beyond_what_anyone_counts(world: World, monkeypatch):
    monkeypatch.setattr("gridloop.faces.desk.boxes.MOST_COUNTED", 2)
    for _ in range(3):
        factories.reported(world)
    assert counts([BOXES["to_register"]], world.operator) == {"to_register": 2}


def test_an_empty_pile_says_what_comes_next(world: World, sign_in: SignIn):
    assert "这里没有待办" in sign_in(world.operator).get(INBOX).content.decode()


def test_other_units_work_is_not_in_my_piles(world: World):
    case = factories.dispatched(world)
    outsider = factories.add_person(world, Role.HANDLER, "committee", "village", name="zhao")
    assert counts(boxes_of(outsider), outsider) == {}
    assert counts(boxes_of(world.handler), world.handler) == {"to_sign": 1}
    assert case.state == State.DISPATCHED


def test_htmx_is_given_the_piles_alone(world: World, sign_in: SignIn):
    factories.reported(world)
    response = sign_in(world.operator).get(INBOX, headers={"HX-Request": "true"})
    content = response.content.decode()
    assert 'id="inbox"' in content
    assert "<html" not in content
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("size", [1, 35])
def test_the_inbox_asks_the_database_five_times_whatever_waits(
    world: World, sign_in: SignIn, django_assert_max_num_queries, size
):
    for _ in range(size):
        factories.reported(world)
    client = sign_in(world.operator)
    client.get(INBOX)
    with django_assert_max_num_queries(5):
        client.get(INBOX)
