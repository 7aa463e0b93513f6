"""In a room: it is opened, something is said, a task is given and done."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.base.common.files import Checked
from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.rooms.models import Message, MessageKind, Room, RoomTask
from gridloop.capabilities.rooms.models.rooms import TITLE_LENGTH
from gridloop.capabilities.rooms.people import centre_units, people_at, units_at
from gridloop.capabilities.rooms.policies import can_drop, can_end, check_centre, check_seat, check_speak
from gridloop.core.cases.actions import attach
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.casefile import CaseFile, locked_file
from gridloop.core.cases.choices import unit_name
from gridloop.core.cases.models import Attachment
from gridloop.core.org.actors import SYSTEM, Actor
from gridloop.core.org.posts import people_of

BODY_LENGTH = 4000


@transaction.atomic
def open_room(case_id: UUID, *, actor: Actor, at: datetime) -> Room:
    """
    Open the room of a case; one that is open stays as it is.

    :raises NotFound: the actor may not know of the case. :raises NotAllowed: not the centre.
    :raises RoomClosed: the case has ended.
    """
    file = _file(case_id)
    check_seat(file, actor)
    check_centre(actor)
    check_speak(file, actor)
    return ensure_room(file, at=at, by=actor.user_id)


def ensure_room(file: CaseFile, *, at: datetime, by: int | None) -> Room:
    """Return the case's room, opened now where there was none. Call it inside a transaction."""
    room, _is_new = Room.objects.get_or_create(
        case_id=file.case.pk, defaults={"opened_at": at, "opened_by_id": by}
    )
    return room


@transaction.atomic
def say(
    case_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    body: str,
    kind: str = MessageKind.UPDATE,
    mention_ids: Iterable[int] = (),
    files: Iterable[tuple[str, Checked]] = (),
    form_key: UUID | None = None,
) -> Message:
    """
    Say something in the room of a case, and tell the people of the units that are mentioned.

    A unit is mentioned by its key, or by `@` and its name in the text; only who sits at the table can be.
    Files become files of the case, by the case's own verb; a decision is the centre's alone.

    :param files: names and files that were checked and stored.
    :param form_key: of the form; what was said with it is not said again.
    :raises NotFound: no seat, or no room yet. :raises NotAllowed: the unit has left, or may not decide.
    :raises RoomClosed: the case has ended. :raises InvalidInput: nothing is said, or too much.
    """
    file = _file(case_id)
    check_speak(file, actor)
    if form_key and (said := Message.objects.filter(room=case_id, form_key=form_key).first()):
        return said
    kind, text = _checked(actor, kind, body)
    today = timezone.localdate(at)
    table = [*units_at(file), *centre_units(file, today)]
    mentioned = _mentioned(text, mention_ids, table)
    message = Message.objects.create(
        room=_room(case_id),
        kind=kind,
        body=text,
        at=at,
        by_id=actor.user_id,
        by_label=actor.label,
        unit_id=actor.unit_id,
        form_key=form_key or uuid4(),
    )
    message.files.set(_attached(file, list(files), actor, at))
    message.mentions.set(mentioned)
    _tell_mentioned(file, message, mentioned, at)
    return message


def note(room: Room, body: str, *, at: datetime) -> Message:
    """Write down in a room what the system has to say. Call it inside a transaction."""
    return Message.objects.create(room=room, kind=MessageKind.NOTE, body=body, at=at, by_label=SYSTEM.label)


@transaction.atomic
def add_task(
    case_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    title: str,
    unit_id: int,
    due_on: date,
    person_id: int | None = None,
    form_key: UUID | None = None,
) -> RoomTask:
    """
    Give a unit at the table, or one person of it, something to do by a day, and tell them.

    :raises InvalidInput: no title, a unit that is not at the table, a person of another unit, a day that has
        passed.
    :raises NotFound, NotAllowed, RoomClosed: as for `say`.
    """
    file = _file(case_id)
    check_speak(file, actor)
    if form_key and (given := RoomTask.objects.filter(room=case_id, form_key=form_key).first()):
        return given
    today = timezone.localdate(at)
    _check_task(file, title, unit_id, person_id, due_on, today)
    task = RoomTask.objects.create(
        room=_room(case_id),
        title=title.strip(),
        unit_id=unit_id,
        person_id=person_id,
        due_on=due_on,
        made_at=at,
        made_by_id=actor.user_id,
        made_in_id=actor.unit_id,
        form_key=form_key or uuid4(),
    )
    tell(
        to=set(task_people(file, task, today)) - {actor.user_id},
        topic="rooms.task",
        title=_("新任务：%(title)s（%(day)s 前完成）") % {"title": task.title, "day": f"{due_on:%m-%d}"},
        outward=_("您有一项新任务，%(day)s 前完成") % {"day": f"{due_on:%m-%d}"},
        body=_("案件 %(number)s 的联合处置室") % {"number": file.case.number},
        url=room_url(case_id),
        case_id=case_id,
        at=at,
        once=f"rooms.task/{task.pk}",
    )
    return task


@transaction.atomic
def end_task(task_id: UUID, *, actor: Actor, at: datetime, outcome: str = "") -> RoomTask:
    """
    Say that a task is done. One that has ended stays as it is.

    :raises NotFound: no seat in its room. :raises NotAllowed: it is another unit's.
    """
    task, file = _task(task_id)
    check_seat(file, actor)
    if not task.is_open:
        return task
    if not can_end(task, actor):
        raise NotAllowed(_("只有责任单位（责任人）或指挥中心可以办结这个任务。"))
    task.done_at, task.ended_by_id = at, actor.user_id
    task.outcome = storable_text(outcome, "outcome", BODY_LENGTH)
    task.save(update_fields=["done_at", "ended_by", "outcome"])
    return task


@transaction.atomic
def drop_task(task_id: UUID, *, actor: Actor, at: datetime) -> RoomTask:
    """
    Take a task back that need not be done any more. One that has ended stays as it is.

    :raises NotFound: no seat in its room. :raises NotAllowed: neither who gave it nor the centre.
    """
    task, file = _task(task_id)
    check_seat(file, actor)
    if not task.is_open:
        return task
    if not can_drop(task, actor):
        raise NotAllowed(_("只有布置单位或指挥中心可以取消这个任务。"))
    task.dropped_at, task.ended_by_id = at, actor.user_id
    task.save(update_fields=["dropped_at", "ended_by"])
    return task


def task_people(file: CaseFile, task: RoomTask, on: date) -> list[int]:
    """Return whose the task is: the person, else those of the unit who sit in the room."""
    return [task.person_id] if task.person_id else people_at(file, [task.unit_id], on)


def room_url(case_id: UUID) -> str:
    return reverse("rooms:room", args=[case_id])


def _file(case_id: UUID) -> CaseFile:
    file = locked_file(case_id)
    if file is None:
        raise NotFound(_("没有找到这个案件。"))
    return file


def _room(case_id: UUID) -> Room:
    room = Room.objects.filter(pk=case_id).first()
    if room is None:
        raise NotFound(_("这个案件还没有联合处置室，请联系指挥中心开设。"))
    return room


def _task(task_id: UUID) -> tuple[RoomTask, CaseFile]:
    case_id = RoomTask.objects.filter(pk=task_id).values_list("room", flat=True).first()
    if case_id is None:
        raise NotFound(_("没有找到这个任务。"))
    file = _file(case_id)
    return RoomTask.objects.select_for_update().get(pk=task_id), file


def _checked(actor: Actor, kind: str, body: str) -> tuple[MessageKind, str]:
    wanted = one_of(MessageKind, kind, "kind")
    text = storable_text(body, "body", BODY_LENGTH)
    if not text:
        raise InvalidInput(_("请写下要说的内容。"), fields={"body": _("必填")})
    if wanted == MessageKind.NOTE:
        raise InvalidInput(_("请从列表中选择。"), fields={"kind": _("没有这个选项")})
    if wanted == MessageKind.DECISION:
        check_centre(actor)
    return wanted, text


def _mentioned(text: str, unit_ids: Iterable[int], table: list[int]) -> list[int]:
    """Return the units at the table that are meant; where one name begins another, the longer."""
    wanted = set(unit_ids)
    rest = text
    for unit_id in sorted(table, key=lambda key: -len(unit_name(key))):
        call = f"@{unit_name(unit_id)}"
        if call in rest:
            wanted.add(unit_id)
            rest = rest.replace(call, "")
    if wanted - set(table):
        raise InvalidInput(
            _("只能提醒正在办理这个案件的单位和指挥中心。"), fields={"mentions": _("请重新选择")}
        )
    return sorted(wanted)


def _attached(
    file: CaseFile, files: list[tuple[str, Checked]], actor: Actor, at: datetime
) -> list[Attachment]:
    if not files:
        return []
    attach(file.case.pk, actor=actor, at=at, files=files)
    kept = [checked.sha256 for _name, checked in files]
    return list(Attachment.objects.filter(case=file.case, sha256__in=kept))


def _tell_mentioned(file: CaseFile, message: Message, unit_ids: list[int], at: datetime) -> None:
    if not unit_ids:
        return
    tell(
        to=set(people_at(file, unit_ids, timezone.localdate(at))) - {message.by_id},
        topic="rooms.mention",
        title=_("%(unit)s在案件 %(number)s 的联合处置室提到了贵单位")
        % {"unit": unit_name(message.unit_id), "number": file.case.number},
        url=f"{room_url(file.case.pk)}#m-{message.pk}",
        case_id=file.case.pk,
        at=at,
        once=f"rooms.mention/{message.pk}",
    )


def _check_task(
    file: CaseFile, title: str, unit_id: int, person_id: int | None, due_on: date, today: date
) -> None:
    if not storable_text(title, "title", TITLE_LENGTH):
        raise InvalidInput(_("请写明要做什么。"), fields={"title": _("必填")})
    if unit_id not in {*units_at(file), *centre_units(file, today)}:
        raise InvalidInput(
            _("任务只能布置给正在办理这个案件的单位或指挥中心。"), fields={"unit_id": _("请重新选择")}
        )
    if due_on < today:
        raise InvalidInput(_("完成期限不能早于今天。"), fields={"due_on": _("请选择今天或以后")})
    if person_id and person_id not in people_of(on=today, unit_ids=[unit_id]):
        raise InvalidInput(_("责任人不在所选单位。"), fields={"person_id": _("请重新选择")})
