"""Rooms and meetings of the demo: something true to see for everybody who can log in."""

import pytest

from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.rooms.models import Meeting, Message, Resolution, Room, RoomTask
from gridloop.core.cases.models import Case
from gridloop.core.org.models import User
from tests.demo.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def test_every_case_that_waits_for_its_lead_has_its_room_with_what_happened_and_a_task() -> None:
    waiting = set(Case.objects.filter(is_adjudicating=True).values_list("pk", flat=True))
    assert waiting
    assert set(RoomTask.objects.open().filter(is_proposal=True).values_list("room", flat=True)) == waiting
    assert Message.objects.filter(room__in=waiting, kind="note", body__contains="退单").count() >= len(
        waiting
    )


def test_rooms_of_history_that_is_over_were_not_opened() -> None:
    assert not Room.objects.exclude(case__state__in=["handling", "registered", "dispatched"]).exists()


def test_one_meeting_was_held_and_made_work_orders_and_one_is_to_come() -> None:
    held = Meeting.objects.get(state="held")
    assert set(Resolution.objects.filter(meeting=held).values_list("state", flat=True)) == {"done"}
    assert held.ends_at < NOW
    assert Meeting.objects.get(state="planned").starts_at > NOW


def test_people_speak_decide_and_have_tasks_that_are_done_due_and_late() -> None:
    assert set(Message.objects.values_list("kind", flat=True)) == {"update", "decision", "note"}
    tasks = RoomTask.objects.filter(is_proposal=False)
    assert tasks.filter(done_at__isnull=False).exists()
    assert tasks.overdue(NOW.date()).exists()
    assert tasks.open().filter(due_on__gt=NOW.date()).exists()


@pytest.mark.parametrize("login", ["zuoxi", "lingdao", "fuzeren", "jingban"])
def test_whoever_logs_in_has_something_to_read(login: str) -> None:
    assert Notice.objects.to(User.objects.get(username=login).pk).unread().exists()
