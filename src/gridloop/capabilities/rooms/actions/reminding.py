"""Telling people what is due today, what is late, and what meeting is near."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.rooms.actions.meetings import meeting_people, meeting_url
from gridloop.capabilities.rooms.actions.rooms import room_url, task_people
from gridloop.capabilities.rooms.models import Meeting, MeetingState, RoomTask
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import OPEN

AHEAD = timedelta(hours=24)
LOOK_BACK = timedelta(days=7)  # a worker that was down tells what it missed, not what is long known


def remind(*, now: datetime) -> int:
    """Tell of each task once when it is due and once when it is late, of each meeting once."""
    return sum(len(told) for told in (*_tasks(now), *_meetings(now)))


def _tasks(now: datetime) -> list[list[object]]:
    today = timezone.localdate(now)
    due = RoomTask.objects.open().filter(
        due_on__gt=today - LOOK_BACK, due_on__lte=today, room__case__state__in=sorted(OPEN)
    )
    return [_tell_task(task, now) for task in due.order_by("due_on", "pk")]


@transaction.atomic
def _tell_task(task: RoomTask, now: datetime) -> list[object]:
    today = timezone.localdate(now)
    is_late = task.due_on < today
    words = _("任务已逾期：%(title)s（应于 %(day)s 完成）") if is_late else _("任务今天到期：%(title)s")
    outward = _("您有一项任务已逾期，应于 %(day)s 完成") if is_late else _("您有一项任务今天到期")
    file = open_file(Case.objects.select_related("region").get(pk=task.room_id))
    return list(
        tell(
            to=task_people(file, task, today),
            topic="rooms.task",
            title=words % {"title": task.title, "day": f"{task.due_on:%m-%d}"},
            outward=outward % {"day": f"{task.due_on:%m-%d}"},
            body=_("案件 %(number)s 的联合处置室") % {"number": file.case.number},
            url=room_url(task.room_id),
            case_id=task.room_id,
            at=now,
            once=f"rooms.task/{task.pk}/{'late' if is_late else 'due'}/{task.due_on}",
        )
    )


def _meetings(now: datetime) -> list[list[object]]:
    near = Meeting.objects.filter(state=MeetingState.PLANNED, starts_at__gt=now, starts_at__lte=now + AHEAD)
    return [_tell_meeting(meeting, now) for meeting in near.order_by("starts_at", "pk")]


@transaction.atomic
def _tell_meeting(meeting: Meeting, now: datetime) -> list[object]:
    when = timezone.localtime(meeting.starts_at)
    return list(
        tell(
            to=meeting_people(meeting, now),
            topic="rooms.meeting",
            title=_("会商将于 %(when)s 在%(venue)s召开：%(title)s")
            % {"when": f"{when:%m-%d %H:%M}", "venue": meeting.venue, "title": meeting.title},
            outward=_("有一场会商将于 %(when)s 召开") % {"when": f"{when:%m-%d %H:%M}"},
            url=meeting_url(meeting.pk),
            at=now,
            once=f"rooms.meeting/{meeting.pk}/near/{meeting.starts_at:%Y%m%d%H%M}",
        )
    )
