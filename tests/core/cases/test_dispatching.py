"""To whom a case goes: orders, clocks and counters of each verb, and the limits on sending back."""

from datetime import timedelta

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.core.cases import actions
from gridloop.core.cases.errors import InvalidTransition, LimitReached
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org import actions as org
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    World,
    add_person,
    last_line,
    orders,
    running,
    send_back,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee(world: World) -> int:
    return world.town.committee.pk


def dispatch_again(world: World, case: Case, at) -> Case:
    return actions.dispatch(case.pk, actor=world.operator, at=at, lead_unit_id=world.lead_unit)


def test_dispatch_gives_each_unit_an_order_and_a_clock_to_sign(world: World, committee: int) -> None:
    case = factories.dispatched(world, assistants=(committee,))
    assert sorted(orders(case)) == sorted(
        [(world.lead_unit, "lead", "issued"), (committee, "assist", "issued")]
    )
    assert running(case) == {(Stage.SIGN, world.lead_unit), (Stage.SIGN, committee)}
    assert case.due_at == min(clock.due_at for clock in case.clocks.running())
    assert last_line(case).data == {"lead": world.lead_unit, "assistants": [committee]}


@pytest.mark.parametrize(
    ("units", "field"),
    [
        ({"lead_unit_id": 10**9}, "lead_unit_id"),
        ({"lead_unit_id": None}, "lead_unit_id"),
        ({"lead_unit_id": "abc"}, "lead_unit_id"),
        ({"lead_unit_id": 2**70}, "lead_unit_id"),
        ({"lead_unit_id": -1}, "lead_unit_id"),
        ({"assist_unit_ids": [10**9]}, "assist_unit_ids"),
        ({"assist_unit_ids": ["x"]}, "assist_unit_ids"),
        ({"assist_unit_ids": "same"}, "assist_unit_ids"),
        ({"demand": "\x00"}, "demand"),
    ],
)
def test_a_unit_that_cannot_take_the_order_is_refused_with_its_field(
    world: World, units: dict[str, object], field: str
) -> None:
    case = factories.registered(world)
    given = {"lead_unit_id": world.lead_unit} | units
    if given.get("assist_unit_ids") == "same":
        given["assist_unit_ids"] = [world.lead_unit]
    with pytest.raises(InvalidInput) as refusal:
        actions.dispatch(case.pk, actor=world.operator, at=AT, **given)
    assert field in refusal.value.fields
    assert not case.orders.exists()


def test_a_unit_that_was_closed_down_takes_no_order(world: World) -> None:
    case = factories.registered(world)
    org.amend_unit(world.town.committee.pk, is_active=False)
    with pytest.raises(InvalidInput, match="停用"):
        actions.dispatch(case.pk, actor=world.operator, at=AT, lead_unit_id=world.town.committee.pk)


def test_sign_for_stops_the_clock_to_sign_and_starts_that_to_handle(world: World, committee: int) -> None:
    case = factories.dispatched(world, assistants=(committee,))
    case = actions.sign_for(case.pk, actor=world.handler, at=AT + HOUR)
    assert case.state == "handling"
    assert running(case) == {(Stage.HANDLE, world.lead_unit), (Stage.SIGN, committee)}
    order = case.orders.get(unit=world.lead_unit)
    assert (order.signed_at, order.signed_by_id) == (AT + HOUR, world.handler.user_id)


def test_another_unit_does_not_sign(world: World) -> None:
    case = factories.dispatched(world)
    with pytest.raises(NotAllowed, match="没有待办的工单"):
        actions.sign_for(case.pk, actor=world.actors[Role.SECRETARY], at=AT)


def test_recall_takes_the_orders_back_until_somebody_signs(world: World, committee: int) -> None:
    case = factories.dispatched(world)
    case = actions.recall(case.pk, actor=world.operator, at=AT + HOUR, note="派错了")
    assert (case.state, running(case)) == ("registered", {(Stage.DISPATCH, None)})
    assert orders(case) == [(world.lead_unit, "lead", "recalled")]
    signed = factories.handling(world)
    with pytest.raises(InvalidTransition):
        actions.recall(signed.pk, actor=world.operator, at=AT + HOUR, note="x")


class TestSendingBack:
    def test_it_counts_and_puts_the_case_back_to_be_dispatched(self, world: World) -> None:
        case = send_back(world, factories.dispatched(world), AT + HOUR)
        assert (case.state, case.send_backs, case.is_adjudicating) == ("registered", 1, False)
        assert orders(case) == [(world.lead_unit, "lead", "sent_back")]
        assert running(case) == {(Stage.DISPATCH, None)}
        assert last_line(case).data["reason"] == "not_listed"

    def test_the_ground_must_be_one_of_the_duty_list(self, world: World) -> None:
        case = factories.dispatched(world)
        with pytest.raises(InvalidInput) as refusal:
            actions.send_back(case.pk, actor=world.handler, at=AT, reason="no time", note="忙")
        assert "reason" in refusal.value.fields

    def test_it_is_too_late_after_the_towns_working_hours(self, world: World) -> None:
        # Dispatched on Monday at 9:02; four working hours end at 14:02, with an hour's rest at noon.
        case = factories.dispatched(world)
        with pytest.raises(LimitReached, match="4个工作时"):
            send_back(world, case, AT + 5 * HOUR + 3 * MINUTE)
        assert send_back(world, case, AT + 5 * HOUR + 2 * MINUTE).send_backs == 1

    def test_nights_do_not_count_against_the_unit(self, world: World) -> None:
        evening = AT + 8 * HOUR + 30 * MINUTE  # 17:30, half an hour before closing time
        case = factories.dispatched(world, evening)
        assert send_back(world, case, AT + DAY + 2 * HOUR).send_backs == 1

    def test_what_was_signed_for_is_not_sent_back(self, world: World) -> None:
        with pytest.raises(LimitReached, match="已签收"):
            send_back(world, factories.handling(world), AT + HOUR)

    def test_after_the_second_the_third_round_is_adjudication(self, world: World) -> None:
        case = send_back(world, factories.dispatched(world), AT + HOUR)
        assert (case.send_backs, case.is_adjudicating) == (1, False)
        case = send_back(world, dispatch_again(world, case, AT + HOUR), AT + 2 * HOUR)
        assert (case.state, case.send_backs, case.is_adjudicating) == ("registered", 2, True)
        with pytest.raises(LimitReached, match="裁定"):
            dispatch_again(world, case, AT + 3 * HOUR)

    def test_a_town_may_let_more_of_them_go_the_same_way(self, world: World, settings) -> None:
        settings.CASE_RULES = {"most_send_backs": 3}
        case = send_back(world, factories.dispatched(world), AT + HOUR)
        case = send_back(world, dispatch_again(world, case, AT + HOUR), AT + 2 * HOUR)
        assert (case.send_backs, case.is_adjudicating) == (2, False)

    def test_the_adjudicated_lead_cannot_send_it_back_nor_can_who_follows_it(
        self, world: World, committee: int
    ) -> None:
        case = factories.dispatched(world)
        for n in range(1, 3):
            case = send_back(world, case, AT + n * HOUR)
            if not case.is_adjudicating:
                case = dispatch_again(world, case, AT + n * HOUR)
        with pytest.raises(NotAllowed):
            actions.adjudicate(
                case.pk, actor=world.operator, at=AT + 4 * HOUR, lead_unit_id=world.lead_unit, note="x"
            )
        case = actions.adjudicate(
            case.pk, actor=world.leader, at=AT + 4 * HOUR, lead_unit_id=world.lead_unit, note="按职责清单"
        )
        assert (case.state, case.is_adjudicating) == ("dispatched", False)
        with pytest.raises(LimitReached, match="已经裁定"):
            send_back(world, case, AT + 4 * HOUR)
        case = actions.transfer(
            case.pk,
            actor=world.operator,
            at=AT + 5 * HOUR,
            from_unit_id=world.lead_unit,
            to_unit_id=committee,
            note="机构改革",
        )
        assert case.orders.get(unit=committee).is_fixed

    def test_without_two_send_backs_nothing_is_adjudicated(self, world: World) -> None:
        with pytest.raises(LimitReached, match="直接派遣"):
            actions.adjudicate(
                factories.registered(world).pk,
                actor=world.leader,
                at=AT,
                lead_unit_id=world.lead_unit,
                note="x",
            )

    def test_an_assistants_send_back_does_not_count(self, world: World, committee: int) -> None:
        case = factories.dispatched(world, assistants=(committee,))
        secretary = world.actors[Role.SECRETARY]
        case = actions.send_back(
            case.pk, actor=secretary, at=AT + HOUR, reason="other_place", note="不在本村"
        )
        assert (case.state, case.send_backs) == ("dispatched", 0)
        assert orders(case)[0][2] == "sent_back" or orders(case)[1][2] == "sent_back"

    def test_the_last_assistant_who_sends_back_leaves_a_case_that_is_handled(
        self, world: World, committee: int
    ) -> None:
        case = factories.handling(world, assistants=(committee,))
        actions.submit_result(case.pk, actor=world.handler, at=AT + HOUR, note="已清运")
        case = actions.send_back(
            case.pk, actor=world.actors[Role.SECRETARY], at=AT + HOUR, reason="not_listed", note="不属本村"
        )
        assert case.state == "handled"


def test_transfer_moves_one_share_which_is_signed_for_anew(world: World, committee: int) -> None:
    case = factories.handling(world)
    case = actions.transfer(
        case.pk,
        actor=world.operator,
        at=AT + HOUR,
        from_unit_id=world.lead_unit,
        to_unit_id=committee,
        note="属地负责",
    )
    assert case.state == "dispatched"
    assert orders(case) == [(world.lead_unit, "lead", "transferred"), (committee, "lead", "issued")]
    assert running(case) == {(Stage.SIGN, committee)}


@pytest.mark.parametrize(
    ("units", "field"),
    [
        ({"from_unit_id": 10**9}, "from_unit_id"),
        ({"to_unit_id": 10**9}, "to_unit_id"),
        ({"to_unit_id": "x"}, "to_unit_id"),
    ],
)
def test_a_transfer_from_or_to_nowhere_is_refused(
    world: World, committee: int, units: dict[str, object], field: str
) -> None:
    case = factories.handling(world)
    given = {"from_unit_id": world.lead_unit, "to_unit_id": committee} | units
    with pytest.raises(InvalidInput) as refusal:
        actions.transfer(case.pk, actor=world.operator, at=AT, note="x", **given)
    assert field in refusal.value.fields


def test_an_assistant_is_added_once(world: World, committee: int) -> None:
    case = factories.handling(world)
    case = actions.add_assistant(
        case.pk, actor=world.operator, at=AT + HOUR, unit_id=committee, demand="配合清运"
    )
    assert case.state == "handling"
    assert running(case) == {(Stage.HANDLE, world.lead_unit), (Stage.SIGN, committee)}
    with pytest.raises(InvalidInput, match="已有本案件的工单") as refusal:
        actions.add_assistant(case.pk, actor=world.operator, at=AT + HOUR, unit_id=committee)
    assert "unit_id" in refusal.value.fields


def test_who_waits_for_what_is_a_query(world: World, committee: int) -> None:
    case = factories.dispatched(world, assistants=(committee,))
    waiting = type(case.orders.first()).objects.waiting_for
    assert [order.case_id for order in waiting(committee)] == [case.pk]
    actions.withdraw(case.pk, actor=factories.holder_of(case), at=AT + HOUR)
    assert not waiting(committee).exists()


def test_a_colleague_of_the_unit_may_go_on_with_its_order(world: World) -> None:
    case = factories.handling(world)
    colleague = add_person(world, Role.HANDLER, "office", "town", "colleague")
    case = actions.submit_result(case.pk, actor=colleague, at=AT + HOUR, note="已清运")
    order = case.orders.get()
    assert (order.signed_by_id, order.handled_by_id) == (world.handler.user_id, colleague.user_id)
    assert order.ended_at - order.signed_at == timedelta(minutes=57)
