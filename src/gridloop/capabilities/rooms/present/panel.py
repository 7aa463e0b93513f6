"""What the case page shows of the room: open tasks, the newest messages, the next meeting."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from gridloop.capabilities.rooms.models import Meeting, Message, RoomTask
from gridloop.capabilities.rooms.policies import seat
from gridloop.capabilities.rooms.present.room import message_row, room_of, task_rows
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.org.actors import Actor

TASKS, MESSAGES = 5, 3


def panel_of(file: CaseFile, actor: Actor, now: datetime) -> dict[str, Any] | None:
    """
    Return what the panel shows; without a room, to those alone who may open it. Five statements at most, one
    where there is no room.
    """
    mine = seat(file, actor)
    if mine is None:
        return None
    room = room_of(file)
    if room is None:
        may_open = mine.is_centre and file.case.is_open
        return {"room": None} if may_open else None
    today = timezone.localdate(now)
    tasks = RoomTask.objects.filter(room=room).open().until(mine.until).select_related("unit", "person")
    said = Message.objects.filter(room=room).until(mine.until).select_related("unit")
    meetings = Meeting.objects.visible_to(actor).filter(cases=file.case.pk).upcoming(now)
    if mine.until is not None:
        meetings = meetings.filter(called_at__lte=mine.until)
    return {
        "room": room,
        "tasks": task_rows(tasks.order_by("due_on", "pk")[:TASKS], mine, actor, today),
        "talk": [message_row(m) for m in said.prefetch_related("mentions").newest()[:MESSAGES]],
        "meeting": meetings.order_by("starts_at", "pk").first(),
        "can_call": mine.is_centre and file.case.is_open,
    }
