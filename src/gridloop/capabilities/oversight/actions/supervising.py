"""督办: a numbered slip with matter, unit, demand and date; the unit's reply; the release with its reason."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.days import midnight
from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.base.common.worktime import CalendarMissing, LimitUnit
from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.oversight.models import (
    Supervision,
    SupervisionCause,
    SupervisionLine,
    SupervisionState,
    Whom,
)
from gridloop.capabilities.oversight.policies import (
    AlreadyPressed,
    SlipMoved,
    check_may_reply,
    check_press,
)
from gridloop.capabilities.oversight.recipients import Holder, Recipients
from gridloop.capabilities.oversight.words import in_town_language, matter_of, slip_page
from gridloop.core.cases import actions as cases
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time
from gridloop.core.org.locate import path_of
from gridloop.core.org.policies import check_can

TOPIC = "oversight.supervise"
TEXT_MOST = 2000
FARTHEST = timedelta(days=180)
_NEXT_NUMBER = """
    INSERT INTO oversight_slipseries (year, last) VALUES (%s, 1)
    ON CONFLICT (year) DO UPDATE SET last = oversight_slipseries.last + 1 RETURNING last
"""
Step = SupervisionLine.SupervisionStep


@transaction.atomic
def supervise(
    case_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    unit_id: int,
    cause: str,
    demand: str,
    reply_by: date,
    matter: str = "",
) -> Supervision:
    """
    Issue a slip on a case to one of its units, numbered in the series of the year, and tell the unit.

    :param reply_by: the reply is owed by closing time of that day, of the next working day where it is none.
    :raises NotAllowed, NotFound: the actor may not supervise, or may not know of the case.
    :raises NothingToPress: the case has ended or stands still.
    :raises AlreadyPressed: a slip on this case was issued for this cause.
    :raises InvalidInput: no demand, a day that is past or too far, or a unit that never had the case.
    """
    check_can(actor, "oversight.supervise")
    why = SupervisionCause(one_of(SupervisionCause, cause, "cause"))
    text = _needed(demand, "demand", _("请写明办理要求。"))
    due_at = _reply_due(reply_by, at)
    number, year = _next_number(at)
    line = _log_line(_("督办单 %(number)s（%(cause)s）：%(text)s"), _number(year, number), why, text)
    case = cases.annotate(case_id, actor=actor, at=at, note=line)
    check_press(case)
    _check_unit(case, unit_id)
    slip, is_new = Supervision.objects.get_or_create(
        case=case,
        cause=why,
        round=case.reopenings,
        defaults={
            "year": year,
            "serial": number,
            "unit_id": unit_id,
            "matter": storable_text(matter, "matter", TEXT_MOST) or case.title,
            "demand": text,
            "issued_at": at,
            "issued_by_id": actor.user_id,
            "issued_as": actor.label,
            "due_at": due_at,
        },
    )
    if not is_new:
        # The number goes back with the transaction: the series has no gaps.
        raise AlreadyPressed(
            _("本案已因“%(cause)s”签发过 %(number)s，请在该督办单上跟进。")
            % {"cause": why.label, "number": slip.number}
        )
    _write(slip, Step.ISSUE, actor, at, text)
    _tell_unit(slip, case, at, _("督办单 %(number)s：请于 %(due)s 前回复"))
    return slip


@transaction.atomic
def reply(slip_id: int, *, actor: Actor, at: datetime, text: str) -> Supervision:
    """
    Answer a slip for the unit that it went to; the supervisor is told.

    :raises NotFound: the actor may not know of the slip.
    :raises NotAllowed: it went to another unit.
    :raises SlipMoved: it does not wait for a reply.
    :raises InvalidInput: nothing was written.
    """
    slip = _locked(slip_id, actor)
    check_may_reply(actor, slip)
    _check_state(slip, SupervisionState.ISSUED, _("这张督办单不在待回复状态，请刷新查看。"))
    said = _needed(text, "text", _("请写明办理情况。"))
    cases.annotate(
        slip.case_id,
        actor=actor,
        at=at,
        note=_log_line(_("回复督办单 %(number)s：%(text)s"), slip.number, "", said),
    )
    _change(slip, state=SupervisionState.REPLIED, replied_at=at)
    _write(slip, Step.REPLY, actor, at, said)
    _tell_supervisor(slip, at)
    return slip


@transaction.atomic
def return_reply(slip_id: int, *, actor: Actor, at: datetime, reason: str, reply_by: date) -> Supervision:
    """
    Send a reply back that does not answer; the unit replies anew by another day, which is watched afresh.

    :raises NotAllowed, NotFound, SlipMoved, InvalidInput: as for `release`.
    """
    slip = _of_supervisor(slip_id, actor)
    _check_state(slip, SupervisionState.REPLIED, _("这张督办单还没有回复，或已解除。"))
    said = _needed(reason, "text", _("请写明退回的理由。"))
    due_at = _reply_due(reply_by, at)
    cases.annotate(
        slip.case_id,
        actor=actor,
        at=at,
        note=_log_line(_("督办单 %(number)s 退回重报：%(text)s"), slip.number, "", said),
    )
    _change(slip, state=SupervisionState.ISSUED, replied_at=None, due_at=due_at, returns=slip.returns + 1)
    _write(slip, Step.RETURN, actor, at, said)
    _tell_unit(slip, slip.case, at, _("督办单 %(number)s 退回重报：请于 %(due)s 前回复"))
    return slip


@transaction.atomic
def release(slip_id: int, *, actor: Actor, at: datetime, reason: str) -> Supervision:
    """
    End a supervision, with the reason; one without a reply too, where none is needed any more.

    :raises NotFound: the actor may not know of the slip.
    :raises NotAllowed: the actor may not supervise.
    :raises SlipMoved: it was released before.
    :raises InvalidInput: no reason.
    """
    slip = _of_supervisor(slip_id, actor)
    if slip.state == SupervisionState.RELEASED:
        raise SlipMoved(_("这张督办单已经解除。"))
    said = _needed(reason, "text", _("请写明解除的理由。"))
    cases.annotate(
        slip.case_id,
        actor=actor,
        at=at,
        note=_log_line(_("解除督办单 %(number)s：%(text)s"), slip.number, "", said),
    )
    _change(slip, state=SupervisionState.RELEASED, released_at=at)
    _write(slip, Step.RELEASE, actor, at, said)
    _tell_unit(slip, slip.case, at, _("督办单 %(number)s 已解除"))
    return slip


def _of_supervisor(slip_id: int, actor: Actor) -> Supervision:
    check_can(actor, "oversight.supervise")
    return _locked(slip_id, actor)


def _locked(slip_id: int, actor: Actor) -> Supervision:
    seen = Supervision.objects.visible_to(actor).filter(pk=slip_id).values_list("case", flat=True).first()
    if seen is None:
        raise NotFound(_("没有找到这张督办单。"))
    # The case first, as every verb does, so that no two wait for each other.
    Case.objects.select_for_update(no_key=True).get(pk=seen)
    return Supervision.objects.select_related("case", "unit").select_for_update(of=("self",)).get(pk=slip_id)


def _check_state(slip: Supervision, state: SupervisionState, message: str) -> None:
    if slip.state != state:
        raise SlipMoved(message)


def _check_unit(case: Case, unit_id: int) -> None:
    if not WorkOrder.objects.filter(case=case, unit=unit_id).exists():
        raise InvalidInput(_("督办单只能发给承办过本案的单位。"), fields={"unit_id": _("请选择承办单位")})


def _change(slip: Supervision, **values: object) -> None:
    for name, value in values.items():
        setattr(slip, name, value)
    slip.save(update_fields=list(values))


def _write(slip: Supervision, step: Step, actor: Actor, at: datetime, text: str) -> None:
    SupervisionLine.objects.create(
        supervision=slip, step=step, at=at, by_id=actor.user_id, by_label=actor.label, text=text
    )


def _needed(text: str, field: str, message: str) -> str:
    found = storable_text(text, field, TEXT_MOST)
    if not found:
        raise InvalidInput(message, fields={field: _("必填")})
    return found


def _reply_due(day: date, at: datetime) -> datetime:
    today = timezone.localdate(at)
    if not today <= day <= today + FARTHEST:
        raise InvalidInput(
            _("回复期限应在今天之后、%(days)s 天之内。") % {"days": FARTHEST.days},
            fields={"reply_by": _("请改日期")},
        )
    try:
        due = work_time().due(midnight(day) - timedelta(seconds=1), 1, LimitUnit.WORKING_DAY)
    except CalendarMissing:
        due = midnight(day + timedelta(days=1))
    if due <= at:
        raise InvalidInput(_("今天已经下班，请改到下一个工作日。"), fields={"reply_by": _("请改日期")})
    return due


def _next_number(at: datetime) -> tuple[int, int]:
    """Return the next number of the year of `at`, and the year; the row is locked till the slip is there."""
    year = timezone.localdate(at).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [year])
        return int(cursor.fetchone()[0]), year


def _number(year: int, serial: int) -> str:
    return Supervision(year=year, serial=serial).number


@in_town_language
def _log_line(words: str, number: str, cause: object, text: str) -> str:
    label = cause.label if isinstance(cause, SupervisionCause) else ""
    return words % {"number": number, "cause": label, "text": text}


@in_town_language
def _tell_unit(slip: Supervision, case: Case, at: datetime, words: str) -> None:
    people = Recipients(timezone.localdate(at))
    due = timezone.localtime(slip.due_at).strftime("%Y-%m-%d %H:%M")
    tell(
        to=people.of([Whom.UNIT, Whom.UNIT_LEAD], Holder(slip.unit_id, None, path_of(case.region_id))),
        topic=TOPIC,
        title=words % {"number": slip.number, "due": due},
        body="\n".join((matter_of(case), slip.demand)),
        url=slip_page(slip),
        case_id=case.pk,
        is_urgent=case.urgency != Urgency.NORMAL,
        at=at,
    )


@in_town_language
def _tell_supervisor(slip: Supervision, at: datetime) -> None:
    people = Recipients(timezone.localdate(at))
    holder = Holder(None, None, path_of(slip.case.region_id))
    leaders = people.leader(holder)
    tell(
        # A slip that a rule issued, or whose supervisor has left, is every leader's.
        to=leaders & {slip.issued_by_id} or leaders,
        topic=TOPIC,
        title=_("督办单 %(number)s 已回复") % {"number": slip.number},
        body=matter_of(slip.case),
        url=slip_page(slip),
        case_id=slip.case_id,
        at=at,
    )
