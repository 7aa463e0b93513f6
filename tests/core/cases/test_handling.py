"""The unit's work: more time, a pause, the result; and the clocks that follow."""

from datetime import datetime, timedelta

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.cases import actions
from gridloop.core.cases.errors import InvalidTransition, LimitReached
from gridloop.core.cases.models import Case, TimeRequest
from gridloop.core.cases.tasks import resume_suspended
from gridloop.core.catalogue import actions as catalogue
from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.models import CalendarDay
from gridloop.core.org.permissions import Role
from gridloop.core.org.revisions import bump
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, add_person, last_line, orders, running

pytestmark = pytest.mark.django_db


def ask_extension(world: World, case: Case, amount: int = 2) -> Case:
    return actions.request_extension(case.pk, actor=world.handler, at=AT + HOUR, amount=amount, note="等配件")


def ask_suspension(world: World, case: Case, until: datetime = AT + 2 * DAY) -> Case:
    return actions.request_suspension(
        case.pk, actor=world.handler, at=AT + HOUR, until=until, note="等施工许可"
    )


class TestExtension:
    def test_a_grant_moves_the_deadline_on_in_its_own_unit(self, world: World) -> None:
        case = factories.handling(world)  # signed at 9:03; four working hours
        clock = case.clocks.get(stage=Stage.HANDLE)
        before = clock.due_at
        ask_extension(world, case)
        assert Case.objects.get(pk=case.pk).due_at == before
        case = actions.grant_extension(case.pk, actor=world.leader, at=AT + 2 * HOUR)
        clock.refresh_from_db()
        assert (clock.due_at, clock.amount, clock.extensions) == (before + 2 * HOUR, 6, 1)
        assert case.due_at == clock.due_at
        request = TimeRequest.objects.get()
        assert (request.is_granted, request.decided_by_id) == (True, world.leader.user_id)

    def test_an_extension_by_days_ends_at_the_end_of_a_day(self, world: World) -> None:
        limits = {Stage.HANDLE: Limit(3, LimitUnit.DAY)}
        catalogue.set_standard(world.catalogue.weeds.pk, AT.date(), limits=limits, opening="有杂草")
        case = factories.handling(world, category_id=world.catalogue.weeds.pk)
        due = case.clocks.get(stage=Stage.HANDLE).due_at
        ask_extension(world, case, 1)
        actions.grant_extension(case.pk, actor=world.leader, at=AT + 2 * HOUR)
        assert due == AT - 9 * HOUR + 4 * DAY  # 24:00 of Thursday
        assert case.clocks.get(stage=Stage.HANDLE).due_at == due + DAY

    def test_it_is_not_granted_by_who_asked(self, world: World) -> None:
        both = add_person(world, Role.LEADER, "office", "town", "both")
        case = factories.handling(world)
        ask_extension(world, case)
        request = TimeRequest.objects.get()
        TimeRequest.objects.filter(pk=request.pk).update(asked_by=both.user_id)
        for verb in (actions.grant_extension, actions.refuse_time):
            with pytest.raises(LimitReached, match="自己的申请"):
                verb(case.pk, actor=both, at=AT + 2 * HOUR, note="x")

    def test_an_operator_decides_on_no_time(self, world: World) -> None:
        case = factories.handling(world)
        ask_extension(world, case)
        with pytest.raises(NotAllowed):
            actions.grant_extension(case.pk, actor=world.operator, at=AT + 2 * HOUR)

    def test_refused_it_leaves_the_deadline(self, world: World) -> None:
        case = factories.handling(world)
        due = case.clocks.get(stage=Stage.HANDLE).due_at
        ask_extension(world, case)
        case = actions.refuse_time(case.pk, actor=world.leader, at=AT + 2 * HOUR, note="可以按时完成")
        assert (case.due_at, TimeRequest.objects.get().is_granted) == (due, False)
        with pytest.raises(LimitReached, match="没有待审批"):
            actions.grant_extension(case.pk, actor=world.leader, at=AT + 2 * HOUR)

    def test_one_request_waits_at_a_time_and_a_deadline_moves_twice_at_most(self, world: World) -> None:
        case = factories.handling(world)
        for _n in range(2):
            ask_extension(world, case)
            with pytest.raises(LimitReached, match="待审批"):
                ask_extension(world, case)
            actions.grant_extension(case.pk, actor=world.leader, at=AT + 2 * HOUR)
        with pytest.raises(LimitReached, match="不能再延"):
            ask_extension(world, case)

    @pytest.mark.parametrize("amount", [0, -1, 61, 10**12])
    def test_an_amount_that_is_a_slip_is_refused(self, world: World, amount: int) -> None:
        case = factories.handling(world)
        with pytest.raises(InvalidInput) as refusal:
            ask_extension(world, case, amount)
        assert "amount" in refusal.value.fields

    def test_a_request_for_a_share_that_ended_is_answered_by_that(self, world: World) -> None:
        case = factories.handling(world)
        ask_extension(world, case)
        actions.transfer(
            case.pk,
            actor=world.operator,
            at=AT + 2 * HOUR,
            from_unit_id=world.lead_unit,
            to_unit_id=world.town.committee.pk,
            note="属地负责",
        )
        assert TimeRequest.objects.get().is_granted is False
        assert not TimeRequest.objects.filter(decided_at=None).exists()


class TestSuspension:
    def test_the_clocks_stand_still_and_go_on_where_they_stopped(self, world: World) -> None:
        case = factories.handling(world)
        ask_suspension(world, case)
        clock = case.clocks.get(stage=Stage.HANDLE)
        left = clock.due_at - (AT + 2 * HOUR)  # from 11:00 to 14:03, with an hour's rest at noon
        case = actions.grant_suspension(case.pk, actor=world.leader, at=AT + 2 * HOUR)
        assert (case.state, case.due_at, running(case)) == ("suspended", None, set())
        assert case.resume_at == AT + 2 * DAY
        assert actions.resume_due(at=AT + 2 * DAY - MINUTE) == 0
        assert actions.resume_due(at=AT + 2 * DAY) == 1
        case.refresh_from_db()
        clock.refresh_from_db()
        assert (case.state, case.resume_at, clock.paused_at) == ("handling", None, None)
        assert (last_line(case).actor_kind, last_line(case).verb) == ("system", "resume")
        assert left == timedelta(hours=3, minutes=3)
        assert case.due_at == clock.due_at == AT + 2 * DAY + 2 * HOUR + 3 * MINUTE

    def test_one_case_that_cannot_be_resumed_does_not_keep_the_others(self, world: World) -> None:
        stuck = factories.handling(world)
        ask_suspension(world, stuck, AT + 9 * DAY)
        actions.grant_suspension(stuck.pk, actor=world.leader, at=AT + 2 * HOUR)
        other = factories.suspended(world)
        assert actions.resume_due(at=AT + 10 * DAY) == 2
        assert {Case.objects.get(pk=case.pk).state for case in (stuck, other)} == {"handling"}

    def test_the_job_resumes_what_is_due_by_the_real_clock(self, world: World) -> None:
        case = factories.suspended(world)  # until March of 2026, which is over
        resume_suspended(timestamp=0)
        assert Case.objects.get(pk=case.pk).state == "handling"

    def test_a_person_resumes_it_before_its_time(self, world: World) -> None:
        case = factories.suspended(world)
        case = actions.resume(case.pk, actor=world.operator, at=AT + DAY)
        assert (case.state, case.resume_at) == ("handling", None)

    def test_nothing_is_submitted_meanwhile(self, world: World) -> None:
        case = factories.suspended(world)
        with pytest.raises(InvalidTransition, match="已挂起"):
            actions.submit_result(case.pk, actor=world.handler, at=AT + DAY, note="x")

    def test_only_the_lead_asks_for_it(self, world: World) -> None:
        committee = world.town.committee.pk
        secretary = world.actors[Role.SECRETARY]
        case = factories.handling(world, assistants=(committee,))
        actions.sign_for(case.pk, actor=secretary, at=AT + HOUR)
        with pytest.raises(LimitReached, match="只有主办"):
            actions.request_suspension(case.pk, actor=secretary, at=AT + HOUR, until=AT + DAY, note="x")

    @pytest.mark.parametrize(
        "until",
        [
            AT,
            AT - DAY,
            AT.replace(tzinfo=None),
            AT + 367 * DAY,
            datetime.max.replace(tzinfo=AT.tzinfo),
            AT + 360 * DAY,
        ],
    )
    def test_an_end_that_cannot_be_is_refused(self, world: World, until: datetime) -> None:
        CalendarDay.objects.filter(date__year__gt=2026).delete()
        bump("calendar")
        case = factories.handling(world)
        with pytest.raises(InvalidInput) as refusal:
            ask_suspension(world, case, until)
        assert "until" in refusal.value.fields

    def test_a_request_that_was_overtaken_by_time_is_not_granted(self, world: World) -> None:
        case = factories.handling(world)
        ask_suspension(world, case, AT + DAY)
        with pytest.raises(InvalidInput, match="已过"):
            actions.grant_suspension(case.pk, actor=world.leader, at=AT + DAY)
        assert not TimeRequest.objects.filter(is_granted=True).exists()


class TestResult:
    def test_the_last_share_that_is_done_makes_the_case_handled(self, world: World) -> None:
        committee = world.town.committee.pk
        secretary = world.actors[Role.SECRETARY]
        case = factories.handling(world, assistants=(committee,))
        case = actions.submit_result(case.pk, actor=world.handler, at=AT + HOUR, note="已清运")
        assert (case.state, running(case)) == ("handling", {(Stage.SIGN, committee)})
        actions.sign_for(case.pk, actor=secretary, at=AT + HOUR)
        case = actions.submit_result(case.pk, actor=secretary, at=AT + 2 * HOUR, note="已恢复绿化")
        assert (case.state, running(case)) == ("handled", {(Stage.VERIFY, None)})
        assert {state for _unit, _role, state in orders(case)} == {"done"}
        lead = case.orders.get(unit=world.lead_unit)
        assert (lead.result, lead.ended_at, lead.handled_by_id) == (
            "已清运",
            AT + HOUR,
            world.handler.user_id,
        )
        assert case.outcome == "已恢复绿化"

    def test_it_is_signed_for_first(self, world: World) -> None:
        committee = world.town.committee.pk
        case = factories.handling(world, assistants=(committee,))
        with pytest.raises(LimitReached, match="先签收"):
            actions.submit_result(case.pk, actor=world.actors[Role.SECRETARY], at=AT + HOUR, note="x")
