"""Joint meetings: called, changed, held; and their result that becomes work orders."""

import threading
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.actions import Plan, Wish
from gridloop.capabilities.rooms.actions.meetings import StaleMeeting
from gridloop.capabilities.rooms.actions.reminding import remind
from gridloop.capabilities.rooms.models import Meeting, Message, Resolution, Room, RoomTask
from gridloop.capabilities.rooms.policies import MeetingOver
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, make_world, orders

pytestmark = pytest.mark.django_db
NOW = AT + HOUR
STARTS = AT + DAY


def plan_of(world: World, *cases: Case, **changes) -> Plan:
    plan = Plan(
        title="柳桥路口垃圾由谁清",
        venue="指挥中心二楼会议室",
        starts_at=STARTS,
        ends_at=STARTS + HOUR,
        case_ids=tuple(case.pk for case in cases),
        unit_ids=(world.lead_unit, world.town.committee.pk),
        agenda="1. 现场情况\n2. 确定主办单位",
    )
    return replace(plan, **changes)


def called(world: World, *cases: Case, **changes) -> Meeting:
    return actions.call_meeting(plan_of(world, *cases, **changes), actor=world.leader, at=NOW)


def told(title_part: str) -> set[int]:
    return set(
        Notice.objects.filter(topic="rooms.meeting", title__contains=title_part).values_list(
            "user", flat=True
        )
    )


def notes(case: Case) -> list[str]:
    return list(
        Entry.objects.filter(stream=case.pk, verb="annotate").order_by("seq").values_list("note", flat=True)
    )


def decide(meeting: Meeting, world: World, text="由执法局主办", **details) -> Resolution:
    return actions.decide(meeting.pk, Wish(text=text, **details), actor=world.leader, at=NOW)


def carry_out(meeting: Meeting, actor) -> list[str]:
    return [row.state for row in actions.carry_out(meeting.pk, actor=actor, at=STARTS + HOUR)]


@pytest.fixture
def committee(world: World) -> int:
    return world.town.committee.pk


class TestCalling:
    def test_those_who_answer_for_the_units_are_told_and_the_rooms_are_opened(self, world):
        one, other = factories.handling(world), factories.registered(world)
        called(world, one, other)
        lead, secretary = world.actors[Role.UNIT_LEAD], world.actors[Role.SECRETARY]
        assert told("请参加会商") == {lead.user_id, secretary.user_id}
        assert set(Room.objects.values_list("pk", flat=True)) == {one.pk, other.pk}
        assert "会商" in Message.objects.filter(room=one.pk).get().body

    def test_a_person_may_be_asked_besides(self, world):
        meeting = called(world, factories.handling(world), unit_ids=(), person_ids=(world.handler.user_id,))
        assert told("请参加会商") == {world.handler.user_id}
        visible = Meeting.objects.visible_to
        assert visible(world.handler).filter(pk=meeting.pk).exists()
        assert not visible(world.actors[Role.UNIT_LEAD]).filter(pk=meeting.pk).exists()

    def test_only_the_centre_calls_and_only_about_what_it_sees(self, world):
        case = factories.handling(world)
        with pytest.raises(NotAllowed):
            actions.call_meeting(plan_of(world, case), actor=world.handler, at=NOW)
        with pytest.raises(NotFound):
            actions.call_meeting(plan_of(world, case, case_ids=(uuid4(),)), actor=world.leader, at=NOW)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": ""}, "title"),
            ({"venue": " "}, "venue"),
            ({"case_ids": ()}, "case_numbers"),
            ({"unit_ids": ()}, "unit_ids"),
            ({"unit_ids": (0,)}, "unit_ids"),
            ({"unit_ids": (10**9,)}, "unit_ids"),
            ({"person_ids": (10**9,)}, "person_ids"),
            ({"ends_at": STARTS}, "ends_at"),
            ({"starts_at": AT - DAY, "ends_at": AT - DAY + HOUR}, "starts_at"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_field(self, world, change, field):
        with pytest.raises(InvalidInput) as refusal:
            called(world, factories.handling(world), **change)
        assert field in refusal.value.fields
        assert not Meeting.objects.exists()

    def test_the_same_form_calls_it_once(self, world):
        plan, key = plan_of(world, factories.handling(world)), uuid4()
        one, again = (actions.call_meeting(plan, actor=world.leader, at=NOW, form_key=key) for _ in range(2))
        assert one.pk == again.pk
        assert Meeting.objects.count() == 1

    def test_a_change_is_told_and_whoever_is_not_asked_any_more_is_told_that(self, world):
        case = factories.handling(world)
        meeting = called(world, case)
        plan = plan_of(world, case, venue="村委会", unit_ids=(world.lead_unit,))
        actions.change_meeting(meeting.pk, plan, actor=world.operator, at=NOW, expected_version=1)
        assert told("会商有变动") == {world.actors[Role.UNIT_LEAD].user_id}
        assert told("不必参加会商") == {world.actors[Role.SECRETARY].user_id}
        with pytest.raises(StaleMeeting):
            actions.change_meeting(meeting.pk, plan, actor=world.operator, at=NOW, expected_version=1)

    def test_cancelling_needs_a_reason_and_is_told_once(self, world):
        meeting = called(world, factories.handling(world))
        with pytest.raises(InvalidInput):
            actions.cancel_meeting(meeting.pk, actor=world.leader, at=NOW, reason=" ")
        for _time in range(2):
            actions.cancel_meeting(meeting.pk, actor=world.leader, at=NOW, reason="已协商一致")
        assert Notice.objects.filter(title__startswith="会商已取消").count() == 2
        with pytest.raises(MeetingOver):
            decide(meeting, world)

    def test_it_is_told_again_the_day_before(self, world):
        called(world, factories.handling(world))
        assert remind(now=STARTS - 25 * HOUR) == 0
        assert remind(now=STARTS - 24 * HOUR) == 2
        assert remind(now=STARTS - 23 * HOUR) == 0


class TestMinutes:
    def test_they_record_who_came_and_the_log_of_each_case_names_the_meeting(self, world):
        one, other = factories.handling(world), factories.registered(world)
        meeting = called(world, one, other)
        first, second = meeting.invitations.order_by("pk")
        actions.record_minutes(
            meeting.pk,
            actor=world.operator,
            at=STARTS + HOUR,
            chair="值班领导",
            minutes="一致认为由执法局主办。",
            attendance={first.pk: (True, "张副局长"), second.pk: (False, "")},
            expected_version=1,
        )
        meeting.refresh_from_db()
        assert (meeting.state, meeting.held_at) == ("held", STARTS + HOUR)
        came = meeting.invitations.order_by("pk").values_list("is_present", "attendee")
        assert list(came) == [(True, "张副局长"), (False, "")]
        for case in (one, other):
            assert "会商已召开：柳桥路口垃圾由谁清" in notes(case)[-1]

    def test_a_correction_is_a_line_of_the_log_too(self, world):
        case = factories.handling(world)
        meeting = called(world, case)
        for n, words in enumerate(("先写的", "改过的")):
            actions.record_minutes(
                meeting.pk, actor=world.leader, at=STARTS + n * HOUR, chair="", minutes=words, attendance={}
            )
        meeting.refresh_from_db()
        assert (meeting.minutes, meeting.held_at) == ("改过的", STARTS)
        assert [note[:7] for note in notes(case)] == ["会商已召开：柳", "会商纪要已更正"]


class TestResult:
    """Each decision becomes what it says, by the verbs of the engine, once."""

    def test_two_send_backs_end_in_a_lead_who_cannot_send_back(self, world, committee):
        case = factories.dispatched(world)
        case = factories.send_back(world, case, AT + 5 * MINUTE)
        from gridloop.core.cases import actions as cases

        cases.dispatch(case.pk, actor=world.operator, at=AT + 6 * MINUTE, lead_unit_id=world.lead_unit)
        factories.send_back(world, case, AT + 7 * MINUTE)
        meeting = called(world, case)
        decide(
            meeting, world, kind="adjudicate", case_id=case.pk, unit_id=world.lead_unit,
            assist_unit_ids=(committee,),
        )  # fmt: skip
        assert carry_out(meeting, world.leader) == ["done"]
        lead = case.orders.get(state="issued", role="lead")
        assert (lead.unit_id, lead.is_fixed) == (world.lead_unit, True)
        assert case.orders.filter(unit=committee, role="assist", state="issued").exists()
        line = factories.last_line(case)
        assert line.note == f"会商决定（2026-03-03《{meeting.title}》第1项）：由执法局主办"
        assert RoomTask.objects.get(is_proposal=True).done_at is not None

    def test_one_confirmation_makes_everything_in_order(self, world, committee):
        one, whole = factories.registered(world), factories.registered(world)
        meeting = called(world, one, whole)
        decide(meeting, world, kind="dispatch", case_id=one.pk, unit_id=world.lead_unit)
        decide(meeting, world, "村里协助", kind="add_assistant", case_id=one.pk, unit_id=committee)
        decide(
            meeting, world, "今天围挡", kind="task", case_id=one.pk, unit_id=committee, due_on=date(2026, 3, 4)
        )  # fmt: skip
        decide(meeting, world, "分开办", kind="split", case_id=whole.pk, parts=("清垃圾", "补路面"))
        decide(meeting, world, "下周再看", kind="record")
        assert carry_out(meeting, world.leader) == ["done"] * 5
        assert set(orders(one)) == {(world.lead_unit, "lead", "issued"), (committee, "assist", "issued")}
        assert RoomTask.objects.get(room=one.pk).title == "今天围挡"
        assert sorted(whole.children.values_list("description", "state")) == [
            ("清垃圾", "registered"), ("补路面", "registered"),
        ]  # fmt: skip

    def test_a_transfer_moves_the_share(self, world, committee):
        case = factories.handling(world)
        meeting = called(world, case)
        decide(
            meeting, world, kind="transfer", case_id=case.pk, from_unit_id=world.lead_unit, unit_id=committee
        )  # fmt: skip
        assert carry_out(meeting, world.leader) == ["done"]
        assert orders(case)[-1] == (committee, "lead", "issued")

    def test_what_is_refused_keeps_its_reason_and_holds_up_nothing_and_a_retry_repeats_nothing(
        self, world, committee
    ):
        case = factories.registered(world)
        meeting = called(world, case)
        decide(meeting, world, "先派协办", kind="add_assistant", case_id=case.pk, unit_id=committee)
        decide(meeting, world, kind="dispatch", case_id=case.pk, unit_id=world.lead_unit)
        assert carry_out(meeting, world.leader) == ["failed", "done"]
        failed = meeting.resolutions.get(number=1)
        assert "已立案" in failed.reason
        version = Case.objects.get(pk=case.pk).version
        assert carry_out(meeting, world.leader) == ["done", "done"]
        assert Case.objects.get(pk=case.pk).version == version + 1
        assert carry_out(meeting, world.leader) == ["done", "done"]
        assert Case.objects.get(pk=case.pk).version == version + 1

    def test_whoever_may_not_adjudicate_does_not_by_a_meeting_either(self, world):
        case = factories.registered(world)
        meeting = called(world, case)
        decide(meeting, world, kind="adjudicate", case_id=case.pk, unit_id=world.lead_unit)
        assert carry_out(meeting, world.operator) == ["failed"]
        assert "裁定" in meeting.resolutions.get().reason
        with pytest.raises(NotAllowed):
            carry_out(meeting, world.actors[Role.SECRETARY])
        with pytest.raises(NotFound):
            carry_out(meeting, world.actors[Role.AUDITOR])

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            ({"text": " "}, "text"),
            ({"kind": "dispatch", "unit_id": 1}, "case_id"),
            ({"kind": "transfer", "unit_id": 1}, "from_unit_id"),
            ({"kind": "task", "unit_id": 1}, "due_on"),
            ({"kind": "split", "parts": ("一个",)}, "parts"),
            ({"kind": "made up"}, "kind"),
        ],
    )
    def test_a_decision_has_what_it_is_carried_out_with(self, world, wish, field):
        meeting = called(world, factories.registered(world))
        with pytest.raises(InvalidInput) as refusal:
            actions.decide(meeting.pk, Wish(**{"text": "定了", **wish}), actor=world.leader, at=NOW)
        assert field in refusal.value.fields

    def test_only_cases_of_the_meeting_are_decided_on_and_they_stay_in_it(self, world):
        case, outside = factories.registered(world), factories.registered(world)
        meeting = called(world, case)
        with pytest.raises(InvalidInput):
            decide(meeting, world, kind="dispatch", case_id=outside.pk, unit_id=world.lead_unit)
        decide(meeting, world, kind="dispatch", case_id=case.pk, unit_id=world.lead_unit)
        with pytest.raises(InvalidInput) as refusal:
            actions.change_meeting(meeting.pk, plan_of(world, outside), actor=world.leader, at=NOW)
        assert "case_numbers" in refusal.value.fields

    def test_what_was_carried_out_is_not_struck_out(self, world):
        case = factories.registered(world)
        meeting = called(world, case)
        done = decide(meeting, world, kind="dispatch", case_id=case.pk, unit_id=world.lead_unit)
        carry_out(meeting, world.leader)
        waiting = decide(meeting, world, "再议")
        actions.undecide(waiting.pk, actor=world.leader)
        with pytest.raises(MeetingOver):
            actions.undecide(done.pk, actor=world.leader)
        assert list(meeting.resolutions.values_list("pk", flat=True)) == [done.pk]


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_make_each_order_once():
    world = make_world()
    case = factories.registered(world)
    meeting = called(world, case)
    decide(meeting, world, kind="dispatch", case_id=case.pk, unit_id=world.lead_unit)
    decide(meeting, world, kind="add_assistant", case_id=case.pk, unit_id=world.town.committee.pk)
    start, answers = threading.Barrier(2), []

    def confirm(actor) -> None:
        start.wait()
        answers.append(carry_out(meeting, actor))
        connection.close()

    threads = [threading.Thread(target=confirm, args=[who]) for who in (world.leader, world.operator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [["done", "done"]] * 2
    assert len(orders(case)) == 2


def test_cases_that_nobody_may_know_of_stay_unknown_to_who_is_asked(world, committee):
    case = factories.handling(world, region_id=world.town.other_village.pk)
    meeting = called(world, case)
    secretary = world.actors[Role.SECRETARY]
    assert Meeting.objects.visible_to(secretary).filter(pk=meeting.pk).exists()
    assert not Case.objects.visible_to(secretary).filter(pk=case.pk).exists()
