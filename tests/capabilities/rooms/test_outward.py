"""What somebody typed in a room or for a meeting stays in the house; what waits, and its number, go out."""

from datetime import timedelta

import pytest

from gridloop.capabilities.notify.actions.delivering import message
from gridloop.capabilities.notify.models import Channel, Notice
from gridloop.capabilities.rooms.actions.reminding import remind
from tests.capabilities.rooms.test_meetings import STARTS, called
from tests.capabilities.rooms.test_rooms import LATER, add_task, say

pytestmark = pytest.mark.django_db
TYPED = "王小明 13800001234"


def sent(topic: str) -> list[tuple[str, str]]:
    return [message(notice, Channel()) for notice in Notice.objects.filter(topic=topic).order_by("pk")]


def test_the_title_of_a_task_stays_inside(world, case, committee):
    add_task(case, world.operator, committee, title=f"给{TYPED}回电")
    remind(now=LATER + timedelta(hours=1))
    remind(now=LATER + timedelta(days=1))
    titles = [title for title, _text in sent("rooms.task")]
    assert "您有一项新任务，03-02 前完成" in titles
    assert "您有一项任务今天到期" in titles
    assert "您有一项任务已逾期，应于 03-02 完成" in titles
    assert all(f"案件 {case.number}" in text for _title, text in sent("rooms.task"))
    assert TYPED not in str(sent("rooms.task"))
    assert Notice.objects.filter(topic="rooms.task", title__contains=TYPED).exists()


def test_so_does_what_is_said_in_the_room(world, case):
    say(case, world.handler, f"@{world.town.committee.name} 联系{TYPED}")
    assert sent("rooms.mention")
    assert TYPED not in str(sent("rooms.mention"))


def test_and_what_a_meeting_is_about(world, case):
    called(world, case, title=f"{TYPED}信访事项", venue=f"{TYPED}家中")
    remind(now=STARTS - timedelta(minutes=30))
    titles = {title for title, _text in sent("rooms.meeting")}
    assert titles == {"请参加会商（03-03 09:00）", "有一场会商将于 03-03 09:00 召开"}
    assert TYPED not in str(sent("rooms.meeting"))
