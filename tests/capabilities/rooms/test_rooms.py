"""The room of a case: who sits in it, what is said, who is told, what is to be done."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import ProgrammingError

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.actions.reminding import remind
from gridloop.capabilities.rooms.models import Message, Room, RoomTask
from gridloop.capabilities.rooms.policies import RoomClosed, seat
from gridloop.capabilities.rooms.present.room import live
from gridloop.core.cases import actions as cases
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.errors import LimitReached
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World
from tests.core.cases.test_files import photo

pytestmark = pytest.mark.django_db
LATER = AT + 2 * HOUR
TODAY = date(2026, 3, 2)


def file_of(case: Case):
    return open_file(Case.objects.select_related("region").get(pk=case.pk))


def say(case: Case, actor, body="已到现场", at=LATER, **details) -> Message:
    return actions.say(case.pk, actor=actor, at=at, body=body, **details)


def heard_by(case: Case, actor) -> list[str]:
    """What the actor reads in the room, the oldest first."""
    file = file_of(case)
    return [row.message.body for row in live(file, seat(file, actor), actor, TODAY)["talk"]][::-1]


def add_task(case: Case, actor, unit_id, due_on=TODAY, **details) -> RoomTask:
    values = {"title": "清理路口垃圾", "at": LATER, **details}
    return actions.add_task(case.pk, actor=actor, unit_id=unit_id, due_on=due_on, **values)


def told(topic: str) -> set[int]:
    return set(Notice.objects.filter(topic=topic).values_list("user", flat=True))


class TestSeats:
    def test_lead_assistants_and_centre_sit_in_it(self, world, case, secretary):
        for actor in (world.handler, secretary, world.operator, world.leader):
            say(case, actor)
        assert Message.objects.filter(kind="update").count() == 4

    def test_whoever_has_no_order_has_no_seat_even_where_they_see_the_case(self, world):
        case = factories.handling(world)
        actions.open_room(case.pk, actor=world.operator, at=LATER)
        for role in (Role.SECRETARY, Role.GRID_WORKER, Role.AUDITOR):
            assert Case.objects.visible_to(world.actors[role]).filter(pk=case.pk).exists()
            with pytest.raises(NotFound):
                say(case, world.actors[role])

    def test_a_unit_that_has_left_reads_what_was_there_and_nothing_new(
        self, world, case, committee, secretary
    ):
        say(case, world.handler, "还在的时候说的", at=LATER)
        task = add_task(case, world.operator, committee, at=LATER)
        office = world.lead_unit
        other = world.town.centre.pk
        cases.transfer(
            case.pk, actor=world.operator, at=LATER + HOUR, from_unit_id=office, to_unit_id=other, note="调整"
        )
        say(case, secretary, "走了以后说的", at=LATER + 2 * HOUR)
        actions.end_task(task.pk, actor=secretary, at=LATER + 2 * HOUR, outcome="走了以后才办的")
        assert heard_by(case, world.handler) == ["还在的时候说的"]
        file = file_of(case)
        (row,) = live(file, seat(file, world.handler), world.handler, TODAY)["tasks"]
        assert (row.state, row.can_end) == ("open", False)
        assert heard_by(case, secretary)[-1] == "走了以后说的"
        with pytest.raises(NotAllowed, match="已退出"):
            say(case, world.handler)

    def test_only_the_centre_opens_it_and_twice_is_once(self, world, committee, secretary):
        case = factories.handling(world, assistants=(committee,))
        with pytest.raises(NotAllowed):
            actions.open_room(case.pk, actor=world.handler, at=LATER)
        actions.open_room(case.pk, actor=world.operator, at=LATER)
        actions.open_room(case.pk, actor=world.leader, at=LATER + HOUR)
        assert Room.objects.get().opened_by_id == world.operator.user_id

    def test_after_the_end_it_is_there_to_be_read(self, world):
        case = factories.handled(world)
        actions.open_room(case.pk, actor=world.operator, at=LATER)
        say(case, world.handler, "办完了")
        cases.verify_pass(case.pk, actor=world.operator, at=LATER + HOUR)
        cases.close(case.pk, actor=world.operator, at=LATER + HOUR)
        with pytest.raises(RoomClosed):
            say(case, world.handler)
        assert heard_by(case, world.handler) == ["办完了"]


class TestMessages:
    def test_what_was_said_cannot_be_changed_or_removed(self, world, case):
        say(case, world.handler)
        for change in ("UPDATE rooms_message SET body = 'x'", "DELETE FROM rooms_message"):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                connection.cursor().execute(change)

    def test_a_unit_is_mentioned_by_its_name_or_by_choice_and_its_people_are_told(
        self, world, case, committee, secretary
    ):
        message = say(case, world.handler, "请 @柳桥村委会 协助围挡")
        assert [unit.pk for unit in message.mentions.all()] == [committee]
        assert told("rooms.mention") == {
            secretary.user_id, world.actors[Role.GRID_WORKER].user_id
        }  # fmt: skip
        notice = Notice.objects.filter(topic="rooms.mention").first()
        assert case.number in notice.title
        assert "围挡" not in notice.title + notice.body, "what is said stays in the room"
        say(case, secretary, "请领导决定", mention_ids=[world.town.centre.pk])
        assert {world.operator.user_id, world.leader.user_id} <= told("rooms.mention")

    def test_nobody_outside_the_room_can_be_mentioned(self, world):
        case = factories.handling(world)
        actions.open_room(case.pk, actor=world.operator, at=LATER)
        assert not say(case, world.handler, "@柳桥村委会 来看看").mentions.exists()
        with pytest.raises(InvalidInput):
            say(case, world.handler, mention_ids=[world.town.committee.pk])
        assert told("rooms.mention") == set()

    def test_the_same_form_says_it_once(self, world, case, committee):
        key = uuid4()
        first = say(case, world.handler, "@柳桥村委会 好的", form_key=key)
        again = say(case, world.handler, "@柳桥村委会 好的", form_key=key, at=LATER + MINUTE)
        assert first.pk == again.pk
        assert (
            Notice.objects.filter(topic="rooms.mention", user=world.actors[Role.SECRETARY].user_id).count()
            == 1
        )

    def test_a_file_becomes_a_file_of_the_case_by_the_cases_own_verb(self, world, case):
        message = say(case, world.handler, files=[("现场.jpg", photo())])
        assert list(message.files.all()) == list(case.attachments.all())
        assert factories.last_line(case).verb == "attach"

    def test_a_decision_is_the_centre_s(self, world, case):
        say(case, world.leader, "由执法局牵头，今日清完", kind="decision")
        with pytest.raises(NotAllowed):
            say(case, world.handler, kind="decision")
        with pytest.raises(InvalidInput):
            say(case, world.leader, kind="note")

    @pytest.mark.parametrize("body", ["", "  ", "\x00", "长" * 4001])
    def test_nothing_or_too_much_is_refused_beside_the_field(self, world, case, body):
        with pytest.raises(InvalidInput) as refusal:
            say(case, world.handler, body)
        assert "body" in refusal.value.fields


class TestTasks:
    def test_whose_it_is_are_told_and_say_that_it_is_done(self, world, case, committee, secretary):
        task = add_task(case, world.handler, committee)
        assert told("rooms.task") == {secretary.user_id, world.actors[Role.GRID_WORKER].user_id}
        actions.end_task(task.pk, actor=secretary, at=LATER + HOUR, outcome="已清")
        task.refresh_from_db()
        assert (task.done_at, task.outcome, task.ended_by_id) == (LATER + HOUR, "已清", secretary.user_id)
        actions.end_task(task.pk, actor=world.operator, at=LATER + DAY, outcome="再来一次")
        task.refresh_from_db()
        assert task.outcome == "已清"

    def test_of_one_person_it_is_theirs_alone_and_the_centre_s(self, world, case, committee, secretary):
        task = add_task(case, world.operator, committee, person_id=secretary.user_id)
        assert told("rooms.task") == {secretary.user_id}
        with pytest.raises(NotAllowed):
            actions.end_task(task.pk, actor=world.handler, at=LATER)
        with pytest.raises(InvalidInput) as refusal:
            add_task(case, world.operator, committee, person_id=world.handler.user_id)
        assert "person_id" in refusal.value.fields

    def test_who_gave_it_or_the_centre_takes_it_back(self, world, case, committee, secretary):
        task = add_task(case, world.handler, committee)
        with pytest.raises(NotAllowed):
            actions.drop_task(task.pk, actor=secretary, at=LATER)
        assert actions.drop_task(task.pk, actor=world.handler, at=LATER).dropped_at == LATER

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": " "}, "title"),
            ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
            ({"unit_id": 0}, "unit_id"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_field(self, world, case, committee, change, field):
        with pytest.raises(InvalidInput) as refusal:
            add_task(case, world.operator, **{"unit_id": committee, **change})
        assert field in refusal.value.fields

    def test_it_is_told_once_when_it_is_due_and_once_when_it_is_late(self, world, case, committee, secretary):
        task = add_task(case, world.operator, committee, person_id=secretary.user_id)
        Notice.objects.all().delete()
        assert [remind(now=AT + n * HOUR) for n in (3, 4)] == [1, 0]
        assert [remind(now=AT + DAY + n * HOUR) for n in (0, 1)] == [1, 0]
        titles = Notice.objects.order_by("pk").values_list("title", flat=True)
        assert list(titles) == ["任务今天到期：清理路口垃圾", "任务已逾期：清理路口垃圾（应于 03-02 完成）"]
        actions.end_task(task.pk, actor=secretary, at=AT + DAY)
        assert remind(now=AT + 2 * DAY) == 0


class TestFixedLead:
    """After the second send-back the room says what happened and asks the centre to call a meeting."""

    @pytest.fixture
    def stuck(self, world: World) -> Case:
        case = factories.dispatched(world)
        for n in (1, 2):
            case = factories.send_back(world, case, AT + n * HOUR)
            if n == 1:
                case = cases.dispatch(
                    case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.lead_unit
                )
        return case

    def test_the_first_send_back_does_nothing(self, world):
        factories.send_back(world, factories.dispatched(world), AT + HOUR)
        assert not Room.objects.exists()

    def test_the_second_opens_the_room_with_what_happened_a_task_and_a_notice(self, world, stuck):
        (note,) = Message.objects.filter(room=stuck.pk)
        assert note.kind == "note"
        assert note.body.splitlines()[0].startswith("主办单位已 2 次退单")
        assert len(note.body.splitlines()) == 3
        task = RoomTask.objects.get(room=stuck.pk)
        assert (task.is_proposal, task.unit_id, task.due_on) == (True, world.town.centre.pk, date(2026, 3, 3))
        assert told("rooms.adjudicate") == {world.leader.user_id}

    def test_when_the_lead_is_fixed_the_task_is_done_and_the_room_says_who(self, world, stuck):
        cases.adjudicate(
            stuck.pk, actor=world.leader, at=AT + 3 * HOUR, lead_unit_id=world.lead_unit, note="按职责清单"
        )
        task = RoomTask.objects.get(room=stuck.pk)
        assert (task.done_at, task.ended_by_id) == (AT + 3 * HOUR, world.leader.user_id)
        assert Message.objects.newest().first().body == "已裁定由综合执法局主办，不得再退单。"
        with pytest.raises(LimitReached, match="已经裁定"):
            factories.send_back(world, stuck, AT + 3 * HOUR + MINUTE)
