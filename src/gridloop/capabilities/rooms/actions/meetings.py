"""A meeting is called, changed, cancelled, held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.rooms.actions.rooms import ensure_room, note
from gridloop.capabilities.rooms.models import Invitation, Meeting, MeetingState, Room
from gridloop.capabilities.rooms.models.meetings import TITLE_LENGTH, VENUE_LENGTH
from gridloop.capabilities.rooms.people import asked_of
from gridloop.capabilities.rooms.policies import check_centre, check_decidable, check_planned
from gridloop.core.cases.actions import annotate
from gridloop.core.cases.actions.given import check_unit_ids, storable_text
from gridloop.core.cases.casefile import locked_file
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Unit
from gridloop.core.org.posts import people_of, posts_of

TEXT_LENGTH = 20_000
MOST_CASES = 20


class StaleMeeting(DomainError):
    """Somebody changed the meeting since the person looked at it."""

    code = "stale-meeting"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a meeting is about, when and where it is, and who is asked: whole units, and single people."""

    title: str
    venue: str
    starts_at: datetime
    ends_at: datetime
    case_ids: tuple[UUID, ...]
    unit_ids: tuple[int, ...]
    person_ids: tuple[int, ...] = ()
    agenda: str = ""


@transaction.atomic
def call_meeting(plan: Plan, *, actor: Actor, at: datetime, form_key: UUID | None = None) -> Meeting:
    """
    会商: call a meeting about one case or several, open their rooms, and tell whom it asks.

    :raises NotAllowed: not the centre. :raises NotFound: a case that the actor may not know of.
    :raises InvalidInput: something is missing, too long, in the past, or there is no such unit or person.
    """
    check_centre(actor)
    if form_key and (called := Meeting.objects.filter(form_key=form_key, called_by=actor.user_id).first()):
        return called
    values = _checked(plan, at)
    if plan.ends_at <= at:
        raise InvalidInput(_("会商时间已过，请选择以后的时间。"), fields={"starts_at": _("请选择以后的时间")})
    cases = _cases(plan.case_ids, actor)
    meeting = Meeting.objects.create(
        called_at=at,
        called_by_id=actor.user_id,
        called_in_id=actor.unit_id,
        form_key=form_key or uuid4(),
        **values,
    )
    meeting.cases.set(cases)
    _invite(meeting, plan, at)
    said = _("已定于 %(when)s 在%(venue)s会商：%(title)s") % _words(meeting)
    for case in cases:
        _say_in_room(case.pk, said, at=at, by=actor.user_id)
    outward = _("请参加会商（%(when)s）")
    _tell(meeting, _("请参加会商：%(title)s（%(when)s，%(venue)s）"), outward, at=at, by=actor)
    return meeting


@transaction.atomic
def change_meeting(
    meeting_id: UUID, plan: Plan, *, actor: Actor, at: datetime, expected_version: int | None = None
) -> Meeting:
    """
    Change a meeting that has not been held, and tell whom it asks now; who is not asked any more is told too.

    :raises MeetingOver: it was held or cancelled. :raises StaleMeeting: somebody changed it meanwhile.
    :raises NotFound, NotAllowed, InvalidInput: as for `call_meeting`.
    """
    meeting = _locked(meeting_id, actor, expected_version)
    check_planned(meeting)
    values = _checked(plan, at)
    cases = _cases(plan.case_ids, actor)
    _check_decided_cases_stay(meeting, cases)
    before = set(meeting_people(meeting, at))
    _change(meeting, **values)
    meeting.cases.set(cases)
    meeting.invitations.all().delete()
    _invite(meeting, plan, at)
    for case in cases:
        _say_in_room(case.pk, _("会商改为 %(when)s，%(venue)s：%(title)s") % _words(meeting), at=at, by=None)
    outward = _("会商有变动（%(when)s）")
    _tell(meeting, _("会商有变动：%(title)s（%(when)s，%(venue)s）"), outward, at=at, by=actor)
    gone = before - set(meeting_people(meeting, at))
    outward = _("不必参加会商（%(when)s）")
    _tell(meeting, _("不必参加会商：%(title)s（%(when)s）"), outward, at=at, by=actor, to=gone)
    return meeting


@transaction.atomic
def cancel_meeting(
    meeting_id: UUID, *, actor: Actor, at: datetime, reason: str, expected_version: int | None = None
) -> Meeting:
    """Cancel a meeting, with a reason that everybody who was asked is told. A second time changes nothing."""
    meeting = _locked(meeting_id, actor, None)
    if meeting.state == MeetingState.CANCELLED:
        return meeting
    _check_version(meeting, expected_version)
    check_planned(meeting)
    reason = storable_text(reason, "reason", TEXT_LENGTH)
    if not reason:
        raise InvalidInput(_("请写明取消的原因。"), fields={"reason": _("必填")})
    _change(meeting, state=MeetingState.CANCELLED, cancel_reason=reason)
    for case_id in meeting.cases.values_list("pk", flat=True):
        _say_in_room(case_id, _("会商已取消：%(title)s") % _words(meeting), at=at, by=None)
    outward = _("会商已取消（原定 %(when)s）")
    _tell(meeting, _("会商已取消：%(title)s（原定 %(when)s）"), outward, at=at, by=actor)
    return meeting


@transaction.atomic
def record_minutes(
    meeting_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    chair: str,
    minutes: str,
    attendance: Mapping[int, tuple[bool | None, str]],
    expected_version: int | None = None,
) -> Meeting:
    """
    Write down who came and what was said. The first time the meeting has been held by that, and the log of
    each of its cases says so; a correction is a line of the log as well.

    :param attendance: whether they came, and who it was, by the key of the invitation.
    :raises MeetingOver: it was cancelled. :raises StaleMeeting: somebody changed it meanwhile.
    :raises InvalidInput: no minutes, or too much.
    """
    meeting = _locked(meeting_id, actor, expected_version)
    check_decidable(meeting)
    text = storable_text(minutes, "minutes", TEXT_LENGTH)
    if not text:
        raise InvalidInput(_("请写会议纪要。"), fields={"minutes": _("必填")})
    is_first = meeting.state == MeetingState.PLANNED
    _change(
        meeting,
        chair=storable_text(chair, "chair", 60),
        minutes=text,
        state=MeetingState.HELD,
        held_at=at if is_first else meeting.held_at,
    )
    _note_attendance(meeting, attendance)
    said = _("会商已召开：%(title)s（%(when)s）") if is_first else _("会商纪要已更正：%(title)s（%(when)s）")
    for case_id in (
        Case.objects.visible_to(actor).filter(pk__in=meeting.cases.values("pk")).values_list("pk", flat=True)
    ):
        annotate(case_id, actor=actor, at=at, note=said % _words(meeting))
        _say_in_room(case_id, said % _words(meeting), at=at, by=None)
    return meeting


def meeting_people(meeting: Meeting, at: datetime) -> list[int]:
    """Return the people whom the meeting asks: those named, and of a unit who answers for it."""
    today = timezone.localdate(at)
    found: dict[int, None] = {}
    for asked in meeting.invitations.order_by("pk"):
        for user_id in [asked.person_id] if asked.person_id else asked_of(asked.unit_id, today):
            found.setdefault(user_id)
    return list(found)


def find_meeting(meeting_id: UUID, actor: Actor) -> Meeting:
    """Return a meeting for a change. Call it inside a transaction. :raises NotFound: not visible."""
    if not Meeting.objects.visible_to(actor).filter(pk=meeting_id).exists():
        raise NotFound(_("没有找到这次会商。"))
    return Meeting.objects.select_for_update().get(pk=meeting_id)


def meeting_url(meeting_id: UUID) -> str:
    return reverse("rooms:meeting", args=[meeting_id])


def _locked(meeting_id: UUID, actor: Actor, expected_version: int | None) -> Meeting:
    meeting = find_meeting(meeting_id, actor)
    check_centre(actor)
    _check_version(meeting, expected_version)
    return meeting


def _check_version(meeting: Meeting, expected: int | None) -> None:
    if expected is not None and expected != meeting.version:
        raise StaleMeeting(_("这次会商刚刚被他人更新，请看过最新情况后再提交。"), version=meeting.version)


def _change(meeting: Meeting, **values: Any) -> None:
    for name, value in {**values, "version": meeting.version + 1}.items():
        setattr(meeting, name, value)
    meeting.save(update_fields=[*values, "version"])


def _checked(plan: Plan, at: datetime) -> dict[str, Any]:
    """Return the meeting's own fields. :raises InvalidInput: one of them cannot be."""
    values = {
        "title": storable_text(plan.title, "title", TITLE_LENGTH),
        "venue": storable_text(plan.venue, "venue", VENUE_LENGTH),
        "agenda": storable_text(plan.agenda, "agenda", TEXT_LENGTH),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
    }
    missing = {name: _("必填") for name in ("title", "venue") if not values[name]}
    if not plan.case_ids:
        missing["case_numbers"] = _("至少一个案件")
    if not plan.unit_ids and not plan.person_ids:
        missing["unit_ids"] = _("至少一个单位或人员")
    if missing:
        raise InvalidInput(_("会商的安排还不完整。"), fields=missing)
    if plan.ends_at <= plan.starts_at:
        raise InvalidInput(_("结束时间应晚于开始时间。"), fields={"ends_at": _("应晚于开始时间")})
    _check_asked(plan, at)
    return values


def _check_asked(plan: Plan, at: datetime) -> None:
    unit_ids = set(check_unit_ids(plan.unit_ids, "unit_ids"))
    if Unit.objects.filter(pk__in=unit_ids, is_active=True).count() != len(unit_ids):
        raise InvalidInput(_("所选单位不存在或已停用。"), fields={"unit_ids": _("请重新选择单位")})
    if set(plan.person_ids) - set(people_of(on=timezone.localdate(at), permission="case.view")):
        raise InvalidInput(_("所选人员已不在岗。"), fields={"person_ids": _("请重新选择人员")})


def _cases(case_ids: Iterable[UUID], actor: Actor) -> list[Case]:
    wanted = set(case_ids)
    if len(wanted) > MOST_CASES:
        raise InvalidInput(
            _("一次会商最多 %(most)s 个案件。") % {"most": MOST_CASES}, fields={"case_numbers": _("过多")}
        )
    found = list(Case.objects.visible_to(actor).filter(pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise NotFound(_("没有找到其中的案件，或者您无权查看。"))
    return found


def _check_decided_cases_stay(meeting: Meeting, cases: list[Case]) -> None:
    decided = set(meeting.resolutions.exclude(case=None).values_list("case", flat=True))
    if decided - {case.pk for case in cases}:
        raise InvalidInput(
            _("已有决定的案件不能从会商中去掉，请先删除那些决定。"), fields={"case_numbers": _("已有决定")}
        )


def _invite(meeting: Meeting, plan: Plan, at: datetime) -> None:
    today = timezone.localdate(at)
    rows = [Invitation(meeting=meeting, unit_id=unit_id) for unit_id in dict.fromkeys(plan.unit_ids)]
    rows += [
        Invitation(meeting=meeting, unit_id=posts_of(person_id, today)[0].unit_id, person_id=person_id)
        for person_id in dict.fromkeys(plan.person_ids)
    ]
    Invitation.objects.bulk_create(rows)


def _note_attendance(meeting: Meeting, attendance: Mapping[int, tuple[bool | None, str]]) -> None:
    rows = list(meeting.invitations.filter(pk__in=list(attendance)))
    for row in rows:
        row.is_present, attendee = attendance[row.pk]
        row.attendee = storable_text(attendee, "attendee", 60)
    Invitation.objects.bulk_update(rows, ["is_present", "attendee"])


def _say_in_room(case_id: UUID, words: str, *, at: datetime, by: int | None) -> None:
    if not Room.objects.filter(pk=case_id).exists():
        file = locked_file(case_id)
        if file is None or not file.case.is_open:
            return
        ensure_room(file, at=at, by=by)
    note(Room(case_id=case_id), words, at=at)


def _tell(
    meeting: Meeting,
    words: str,
    outward: str,
    *,
    at: datetime,
    by: Actor,
    to: Iterable[int] | None = None,
) -> None:
    people = set(meeting_people(meeting, at) if to is None else to) - {by.user_id}
    tell(
        to=people,
        topic="rooms.meeting",
        title=words % _words(meeting),
        outward=outward % _words(meeting),
        body=_("议程与日历文件见会商页面。") if to is None else "",
        url=meeting_url(meeting.pk) if to is None else reverse("rooms:meetings"),
        at=at,
        once=f"rooms.meeting/{meeting.pk}/{meeting.version}",
    )


def _words(meeting: Meeting) -> dict[str, str]:
    when = timezone.localtime(meeting.starts_at)
    return {"title": meeting.title, "when": f"{when:%m-%d %H:%M}", "venue": meeting.venue}
