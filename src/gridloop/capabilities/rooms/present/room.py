"""The room of a case, as far as its reader may know it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gridloop.base.shell.pages import keyset
from gridloop.capabilities.rooms.models import Meeting, Message, MessageKind, Room, RoomTask
from gridloop.capabilities.rooms.policies import Seat, can_drop, can_end
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.org.actors import Actor

PAGE_SIZE = 30
MEETINGS_SHOWN = 10
TASKS_SHOWN = 100
DECISIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message, its text cut where units are called by name: (words, whether they are a name)."""

    message: Message
    words: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with how it stands for its reader: tone and days late, and what they may do with it."""

    task: RoomTask
    state: str  # open, late, done, dropped
    days_late: int
    can_end: bool
    can_drop: bool


def live(file: CaseFile, seat: Seat, actor: Actor, today: date, cursor: str = "") -> dict[str, Any]:
    """Return what is fetched again and again: messages, tasks and decisions, in six statements at most."""
    messages = Message.objects.filter(room=file.case.pk).until(seat.until)
    shown = messages.select_related("unit").prefetch_related("mentions", "files")
    page = keyset(shown, cursor=cursor, size=PAGE_SIZE, key=("-at", "-pk"))
    decisions = messages.filter(kind=MessageKind.DECISION).newest()
    return {
        "page": page,
        "talk": [message_row(message) for message in page.rows],
        "decisions": list(decisions[:DECISIONS_SHOWN]),
        "tasks": task_rows(tasks_of(file, seat), seat, actor, today),
    }


def tasks_of(file: CaseFile, seat: Seat) -> list[RoomTask]:
    rows = RoomTask.objects.filter(room=file.case.pk).until(seat.until).select_related("unit", "person")
    return list(rows.order_by("due_on", "pk")[:TASKS_SHOWN])


def meetings_of(file: CaseFile, seat: Seat, actor: Actor) -> list[Meeting]:
    """Return the meetings about the case that the reader is asked to or called, the newest first."""
    rows = Meeting.objects.visible_to(actor).filter(cases=file.case.pk)
    if seat.until is not None:
        rows = rows.filter(called_at__lte=seat.until)
    return list(rows.order_by("-starts_at", "-pk")[:MEETINGS_SHOWN])


def task_rows(tasks: Iterable[RoomTask], seat: Seat, actor: Actor, today: date) -> list[TaskRow]:
    """Return the tasks, those that are open first; to who has left they stand as when they left."""
    rows = [_task_row(task, seat, actor, today) for task in tasks]
    return sorted(rows, key=lambda row: (row.state in ("done", "dropped"), row.task.due_on))


def message_row(message: Message) -> MessageRow:
    calls = sorted((f"@{unit.name}" for unit in message.mentions.all()), key=len, reverse=True)
    if not calls:
        return MessageRow(message, [(message.body, False)])
    cut = re.split("(" + "|".join(map(re.escape, calls)) + ")", message.body)
    return MessageRow(message, [(words, words in calls) for words in cut if words])


def room_of(file: CaseFile) -> Room | None:
    return Room.objects.filter(pk=file.case.pk).first()


def _task_row(task: RoomTask, seat: Seat, actor: Actor, today: date) -> TaskRow:
    late = max(0, (today - task.due_on).days)
    if _is_known(task.done_at, seat):
        state = "done"
    elif _is_known(task.dropped_at, seat):
        state = "dropped"
    else:
        state = "late" if late else "open"
    may = seat.sees_all
    return TaskRow(task, state, late, may and can_end(task, actor), may and can_drop(task, actor))


def _is_known(at: datetime | None, seat: Seat) -> bool:
    return at is not None and (seat.until is None or at <= seat.until)
