"""The end of the loop: a second party's verification, the end, the reporter's word, and what comes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.core.cases import actions
from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.errors import LimitReached, NoteRequired
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, add_person, holder_of, last_line, orders, running

pytestmark = pytest.mark.django_db

REACHABLE = {"reporter": ReporterData(name="王小明", phone="13800001234")}


def rate(case: Case, result: int, *, at=AT + DAY) -> Case:
    return actions.rate(case.pk, actor=holder_of(case), at=at, attitude=5, result=result, comment="没清干净")


class TestVerification:
    def test_it_is_done_by_another_than_who_handled_it(self, world: World) -> None:
        case = factories.handled(world)
        colleague = add_person(world, Role.OPERATOR, "office", "town", "colleague")
        for verb in (actions.verify_pass, actions.verify_fail):
            with pytest.raises(NotAllowed, match="不能核查自己办理"):
                verb(case.pk, actor=colleague, at=AT + HOUR, note="x")
        assert actions.verify_pass(case.pk, actor=world.operator, at=AT + HOUR).verified_at == AT + HOUR

    def test_who_handled_it_does_not_verify_it_from_another_post(self, world: World) -> None:
        case = factories.handled(world)
        same_person = replace(world.operator, user_id=world.handler.user_id)
        with pytest.raises(NotAllowed):
            actions.verify_pass(case.pk, actor=same_person, at=AT + HOUR)

    def test_failing_gives_it_back_and_counts_as_rework(self, world: World) -> None:
        case = factories.handled(world)
        case = actions.verify_fail(case.pk, actor=world.operator, at=AT + HOUR, note="还有残留")
        assert (case.state, case.reworks) == ("handling", 1)
        assert running(case) == {(Stage.HANDLE, world.lead_unit)}
        assert orders(case) == [(world.lead_unit, "lead", "handling")]
        case = actions.submit_result(case.pk, actor=world.handler, at=AT + 2 * HOUR, note="已清净")
        assert (case.state, case.outcome) == ("handled", "已清净")

    def test_failing_where_no_unit_handled_it_puts_it_back_to_be_dispatched(self, world: World) -> None:
        case = factories.escalated(world)
        actions.answer_from_above(case.pk, actor=world.leader, at=AT + DAY, note="已更换")
        case = actions.verify_fail(case.pk, actor=world.operator, at=AT + DAY, note="没有更换")
        assert (case.state, case.reworks, running(case)) == ("registered", 1, {(Stage.DISPATCH, None)})
        case = actions.dispatch(case.pk, actor=world.operator, at=AT + DAY, lead_unit_id=world.lead_unit)
        assert case.state == "dispatched"

    def test_failing_needs_a_reason(self, world: World) -> None:
        with pytest.raises(NoteRequired):
            actions.verify_fail(factories.handled(world).pk, actor=world.operator, at=AT + HOUR)

    def test_nothing_is_closed_before_and_nothing_verified_twice(self, world: World) -> None:
        case = factories.handled(world)
        with pytest.raises(LimitReached, match="核查通过"):
            actions.close(case.pk, actor=world.operator, at=AT + HOUR)
        actions.verify_pass(case.pk, actor=world.operator, at=AT + HOUR)
        for verb in (actions.verify_pass, actions.verify_fail):
            with pytest.raises(LimitReached, match="请结案"):
                verb(case.pk, actor=world.operator, at=AT + HOUR, note="x")


class TestClosing:
    def test_it_stops_every_clock_and_keeps_the_result(self, world: World) -> None:
        case = actions.close(factories.verified(world).pk, actor=world.operator, at=AT + HOUR)
        assert (case.state, case.closed_at, case.due_at) == ("closed", AT + HOUR, None)
        assert (running(case), case.outcome) == (set(), "已清运")
        assert not case.orders.filter(is_case_open=True).exists()

    def test_who_closes_may_put_the_result_in_better_words(self, world: World) -> None:
        case = actions.close(
            factories.verified(world).pk, actor=world.operator, at=AT + HOUR, note="垃圾已清"
        )
        assert case.outcome == "垃圾已清"

    def test_a_call_is_due_where_there_is_a_number_to_call(self, world: World) -> None:
        assert factories.closed(world, **REACHABLE).needs_call_back
        assert not factories.closed(world, reporter=ReporterData(name="王小明")).needs_call_back
        assert not factories.closed(world).needs_call_back


class TestTheReportersWord:
    def test_a_call_records_attitude_result_and_whether_the_demand_is_lawful(self, world: World) -> None:
        case = factories.closed(world, **REACHABLE)
        case = actions.call_back(
            case.pk,
            actor=world.operator,
            at=AT + DAY,
            is_reached=True,
            attitude=4,
            result=5,
            is_lawful=True,
            comment="满意",
        )
        word = case.feedback.get()
        assert (word.attitude, word.result, word.is_lawful, word.by_id) == (
            4,
            5,
            True,
            world.operator.user_id,
        )
        assert (case.needs_call_back, case.needs_review) == (False, False)

    def test_who_was_not_reached_is_called_again(self, world: World) -> None:
        case = factories.closed(world, **REACHABLE)
        case = actions.call_back(case.pk, actor=world.operator, at=AT + DAY, is_reached=False)
        assert (case.needs_call_back, case.feedback.get().result) == (True, None)

    def test_who_was_reached_said_something_of_the_result(self, world: World) -> None:
        with pytest.raises(InvalidInput) as refusal:
            actions.call_back(factories.closed(world).pk, actor=world.operator, at=AT + DAY, is_reached=True)
        assert "result" in refusal.value.fields

    @pytest.mark.parametrize("score", [0, 6, -1, 2.5, 10**12])
    @pytest.mark.parametrize("name", ["attitude", "result"])
    def test_scores_are_one_to_five(self, world: World, name: str, score: float) -> None:
        case = factories.closed(world)
        with pytest.raises(InvalidInput) as refusal:
            actions.rate(
                case.pk, actor=holder_of(case), at=AT + DAY, **{"attitude": 3, "result": 3} | {name: score}
            )
        assert name in refusal.value.fields

    def test_only_the_reporter_rates(self, world: World) -> None:
        case = factories.closed(world)
        with pytest.raises(NotAllowed):
            actions.rate(case.pk, actor=world.leader, at=AT + DAY, attitude=5, result=5)

    def test_the_last_word_counts(self, world: World) -> None:
        case = rate(factories.closed(world), 1)
        assert case.needs_review
        assert not rate(case, 5, at=AT + 2 * DAY).needs_review
        assert case.feedback.count() == 2

    def test_an_unlawful_demand_is_not_reviewed(self, world: World) -> None:
        case = factories.closed(world, **REACHABLE)
        case = actions.call_back(
            case.pk, actor=world.operator, at=AT + DAY, is_reached=True, result=1, is_lawful=False
        )
        assert not case.needs_review


class TestReview:
    def test_dissatisfied_it_is_reviewed_and_upheld_with_a_reason(self, world: World) -> None:
        case = rate(factories.closed(world), 2)
        case = actions.uphold(case.pk, actor=world.leader, at=AT + DAY, note="现场已复查，无残留")
        assert (case.state, case.needs_review) == ("closed", False)

    def test_or_taken_up_again(self, world: World) -> None:
        case = rate(factories.closed(world), 2)
        case = actions.reopen(case.pk, actor=world.leader, at=AT + 2 * DAY, note="确有残留")
        assert (case.state, case.reopenings, case.needs_review) == ("registered", 1, False)
        assert (case.closed_at, case.verified_at) == (None, None)
        assert orders(case) == [(world.lead_unit, "lead", "filed")]
        assert running(case) == {(Stage.DISPATCH, None)}

    def test_a_reopened_case_goes_round_the_whole_loop_again(self, world: World) -> None:
        case = actions.reopen(factories.closed(world).pk, actor=world.leader, at=AT + DAY, note="反弹")
        later = AT + DAY
        actions.dispatch(case.pk, actor=world.operator, at=later, lead_unit_id=world.lead_unit)
        actions.sign_for(case.pk, actor=world.handler, at=later)
        actions.submit_result(case.pk, actor=world.handler, at=later, note="再次清运")
        with pytest.raises(LimitReached):
            actions.close(case.pk, actor=world.operator, at=later)
        actions.verify_pass(case.pk, actor=world.operator, at=later)
        case = actions.close(case.pk, actor=world.operator, at=later)
        assert (case.state, case.outcome, case.reopenings) == ("closed", "再次清运", 1)

    def test_nobody_is_reviewed_who_did_not_complain_nor_by_who_handled_it(self, world: World) -> None:
        with pytest.raises(LimitReached, match="没有待复核"):
            actions.uphold(factories.closed(world).pk, actor=world.leader, at=AT + DAY, note="x")
        own = add_person(world, Role.LEADER, "office", "town", "own")
        with pytest.raises(NotAllowed):
            actions.uphold(rate(factories.closed(world), 1).pk, actor=own, at=AT + DAY, note="x")

    def test_it_can_be_reopened_and_rated_for_thirty_days(self, world: World) -> None:
        case = factories.closed(world)
        last = case.closed_at + timedelta(days=30)
        with pytest.raises(LimitReached, match="30天"):
            actions.reopen(case.pk, actor=world.leader, at=last + timedelta(seconds=1), note="x")
        with pytest.raises(LimitReached, match="30天"):
            rate(case, 1, at=last + timedelta(seconds=1))
        assert actions.reopen(case.pk, actor=world.leader, at=last, note="反弹").state == "registered"

    def test_what_was_solved_on_the_spot_counts_once_it_is_reopened(self, world: World) -> None:
        case = factories.reported(world)
        actions.close_on_spot(case.pk, actor=world.worker, at=AT, note="已清")
        case = actions.reopen(case.pk, actor=world.leader, at=AT + DAY, note="没有清")
        assert (case.is_self_closed, case.state) == (False, "registered")
        assert Case.objects.scored().get() == case


class TestTheLevelAbove:
    def test_escalating_recalls_the_orders_and_stops_the_clocks(self, world: World) -> None:
        case = factories.handling(world)
        case = actions.escalate(case.pk, actor=world.leader, at=AT + HOUR, to=" 区城管局 ", note="超出权限")
        assert (case.state, case.due_at, running(case)) == ("escalated", None, set())
        assert orders(case) == [(world.lead_unit, "lead", "recalled")]
        assert last_line(case).data["to"] == "区城管局"

    def test_it_names_who_is_above(self, world: World) -> None:
        with pytest.raises(InvalidInput) as refusal:
            actions.escalate(factories.registered(world).pk, actor=world.leader, at=AT, to=" ", note="x")
        assert "to" in refusal.value.fields

    def test_handed_down_it_is_dispatched_here_with_the_time_that_was_left(self, world: World) -> None:
        case = factories.registered(world)
        left = case.clocks.get(stage=Stage.DISPATCH).due_at - (AT + HOUR)
        actions.escalate(case.pk, actor=world.leader, at=AT + HOUR, to="区城管局", note="超出权限")
        case = actions.hand_down(case.pk, actor=world.leader, at=AT + DAY, note="属镇级事项")
        assert (case.state, running(case)) == ("registered", {(Stage.DISPATCH, None)})
        assert case.due_at == AT + DAY + left

    def test_its_answer_is_verified_and_closed_here(self, world: World) -> None:
        case = factories.escalated(world)
        case = actions.answer_from_above(case.pk, actor=world.leader, at=AT + DAY, note="区城管局已更换管道")
        assert (case.state, running(case), case.outcome) == (
            "handled",
            {(Stage.VERIFY, None)},
            "区城管局已更换管道",
        )
        actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY)
        assert actions.close(case.pk, actor=world.operator, at=AT + DAY).state == "closed"

    def test_its_answer_is_verified_and_reviewed_by_another_than_who_recorded_it(self, world: World) -> None:
        case = factories.escalated(world)
        actions.answer_from_above(case.pk, actor=world.leader, at=AT + DAY, note="已更换")
        same_person = replace(world.operator, user_id=world.leader.user_id)
        for verb in (actions.verify_pass, actions.verify_fail):
            with pytest.raises(NotAllowed, match="不能核查自己办理"):
                verb(case.pk, actor=same_person, at=AT + DAY, note="x")
        actions.annotate(case.pk, actor=world.operator, at=AT + DAY, note="一条备注不改变谁答复的")
        with pytest.raises(NotAllowed):
            actions.verify_pass(case.pk, actor=same_person, at=AT + DAY)
        actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY)
        rate(actions.close(case.pk, actor=world.operator, at=AT + DAY), 1)
        with pytest.raises(NotAllowed):
            actions.uphold(case.pk, actor=world.leader, at=AT + DAY, note="x")

    def test_who_recorded_an_answer_that_failed_may_verify_what_a_unit_did_then(self, world: World) -> None:
        case, later = factories.escalated(world), AT + DAY
        actions.answer_from_above(case.pk, actor=world.leader, at=later, note="已更换")
        actions.verify_fail(case.pk, actor=world.operator, at=later, note="没有更换")
        actions.dispatch(case.pk, actor=world.operator, at=later, lead_unit_id=world.lead_unit)
        actions.sign_for(case.pk, actor=world.handler, at=later)
        actions.submit_result(case.pk, actor=world.handler, at=later, note="已更换")
        same_person = replace(world.operator, user_id=world.leader.user_id)
        assert actions.verify_pass(case.pk, actor=same_person, at=later).verified_at == later
