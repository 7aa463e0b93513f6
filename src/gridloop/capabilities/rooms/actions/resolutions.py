"""What a meeting decides, and making work orders of it: each decision once, in their order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.capabilities.rooms.actions.meetings import find_meeting
from gridloop.capabilities.rooms.actions.rooms import add_task, ensure_room
from gridloop.capabilities.rooms.models import Meeting, Resolution, ResolutionKind, ResolutionState
from gridloop.capabilities.rooms.models.rooms import TITLE_LENGTH
from gridloop.capabilities.rooms.policies import check_centre, check_decidable, check_undecided
from gridloop.core.cases import actions as cases
from gridloop.core.cases.actions import Part
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.casefile import locked_file
from gridloop.core.org.actors import Actor

TEXT_LENGTH = 2000
MOST = 50
K = ResolutionKind
# What each kind of decision cannot be carried out without, by the field that asks for it.
NEEDS: dict[str, tuple[str, ...]] = {
    K.RECORD: (),
    K.DISPATCH: ("case_id", "unit_id"),
    K.ADJUDICATE: ("case_id", "unit_id"),
    K.ADD_ASSISTANT: ("case_id", "unit_id"),
    K.TRANSFER: ("case_id", "from_unit_id", "unit_id"),
    K.SPLIT: ("case_id", "parts"),
    K.TASK: ("case_id", "unit_id", "due_on"),
}
_HELPED = (K.DISPATCH, K.ADJUDICATE)  # which may name assistants besides the lead


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision as it is written down; what its kind does not need is left out."""

    text: str
    kind: str = K.RECORD
    case_id: UUID | None = None
    unit_id: int | None = None
    from_unit_id: int | None = None
    assist_unit_ids: tuple[int, ...] = ()
    due_on: date | None = None
    parts: tuple[str, ...] = ()


@transaction.atomic
def decide(
    meeting_id: UUID, wish: Wish, *, actor: Actor, at: datetime, form_key: UUID | None = None
) -> Resolution:
    """
    Write down a decision of a meeting; nothing is done about it before `carry_out`.

    :raises NotFound, NotAllowed: the meeting is not visible, or the actor is not the centre.
    :raises MeetingOver: it was cancelled.
    :raises InvalidInput: no text, no such case in this meeting, or something that its kind needs is missing.
    """
    del at
    meeting = find_meeting(meeting_id, actor)
    check_centre(actor)
    check_decidable(meeting)
    if form_key and (known := meeting.resolutions.filter(form_key=form_key).first()):
        return known
    kind, text = one_of(ResolutionKind, wish.kind, "kind"), storable_text(wish.text, "text", TEXT_LENGTH)
    _check_wish(meeting, kind, text, wish)
    last = meeting.resolutions.aggregate(last=Max("number"))["last"] or 0
    needs = NEEDS[kind]
    row = Resolution.objects.create(
        meeting=meeting,
        number=last + 1,
        kind=kind,
        text=text,
        case_id=wish.case_id,
        unit_id=wish.unit_id if "unit_id" in needs else None,
        from_unit_id=wish.from_unit_id if "from_unit_id" in needs else None,
        due_on=wish.due_on if "due_on" in needs else None,
        parts=list(wish.parts) if "parts" in needs else [],
        form_key=form_key or uuid4(),
    )
    row.assistants.set(wish.assist_unit_ids if kind in _HELPED else ())
    return row


@transaction.atomic
def undecide(resolution_id: UUID, *, actor: Actor) -> None:
    """Strike out a decision that has not been carried out; one that is gone stays gone."""
    row = Resolution.objects.filter(pk=resolution_id).first()
    if row is None:
        return
    find_meeting(row.meeting_id, actor)
    check_centre(actor)
    locked = Resolution.objects.select_for_update().filter(pk=resolution_id).first()
    if locked is not None:
        check_undecided(locked)
        locked.delete()


def carry_out(meeting_id: UUID, *, actor: Actor, at: datetime) -> list[Resolution]:
    """
    Make work orders, parts and tasks of what was decided, in the order of the decisions.

    Each decision is one transaction: its verb and the note that it is done stand or fall together, so that
    a retry leaves alone what is done, whoever died in between. One that is refused keeps the reason and does
    not hold up the others. The log of each case names the meeting.

    :returns: all decisions of the meeting as they stand then.
    :raises NotFound, NotAllowed, MeetingOver: as for `decide`.
    """
    with transaction.atomic():
        meeting = find_meeting(meeting_id, actor)
        check_centre(actor)
        check_decidable(meeting)
    waiting = meeting.resolutions.exclude(state=ResolutionState.DONE).order_by("number")
    for key in list(waiting.values_list("pk", flat=True)):
        _carry_out(meeting, key, actor, at)
    return list(meeting.resolutions.order_by("number"))


@transaction.atomic
def _carry_out(meeting: Meeting, key: UUID, actor: Actor, at: datetime) -> None:
    row = Resolution.objects.select_for_update().filter(pk=key).first()
    if row is None or row.is_done:
        return
    try:
        with transaction.atomic():
            _CARRIED_OUT[row.kind](row, actor, at, _note(meeting, row))
    except DomainError as refusal:
        row.state, row.reason = ResolutionState.FAILED, refusal.message
    else:
        row.state, row.reason, row.done_at, row.done_by_id = ResolutionState.DONE, "", at, actor.user_id
    row.save(update_fields=["state", "reason", "done_at", "done_by"])


def _note(meeting: Meeting, row: Resolution) -> str:
    day = f"{timezone.localtime(meeting.starts_at):%Y-%m-%d}"
    return _("会商决定（%(day)s《%(title)s》第%(number)s项）：%(text)s") % {
        "day": day,
        "title": meeting.title,
        "number": row.number,
        "text": row.text,
    }


def _case(row: Resolution) -> UUID:
    if row.case_id is None:
        raise NotFound(_("没有找到这个案件。"))
    return row.case_id


def _record(row: Resolution, actor: Actor, at: datetime, note: str) -> None:
    if row.case_id is not None:
        cases.annotate(row.case_id, actor=actor, at=at, note=note)


def _giving_out(verb: cases.Verb) -> Callable[[Resolution, Actor, datetime, str], None]:
    """Return how a decision gives the case to lead and assistants: by a dispatch, or by fixing the lead."""

    def give_out(row: Resolution, actor: Actor, at: datetime, note: str) -> None:
        verb(
            _case(row),
            actor=actor,
            at=at,
            note=note,
            lead_unit_id=row.unit_id,
            assist_unit_ids=_assistants(row),
            demand=row.text,
        )

    return give_out


def _add_assistant(row: Resolution, actor: Actor, at: datetime, note: str) -> None:
    cases.add_assistant(_case(row), actor=actor, at=at, note=note, unit_id=row.unit_id, demand=row.text)


def _transfer(row: Resolution, actor: Actor, at: datetime, note: str) -> None:
    cases.transfer(
        _case(row), actor=actor, at=at, note=note, from_unit_id=row.from_unit_id, to_unit_id=row.unit_id
    )


def _split(row: Resolution, actor: Actor, at: datetime, note: str) -> None:
    cases.split(_case(row), actor=actor, at=at, note=note, parts=[Part(text) for text in row.parts])


def _task(row: Resolution, actor: Actor, at: datetime, note: str) -> None:
    file = locked_file(_case(row))
    if file is None or row.unit_id is None or row.due_on is None:
        raise NotFound(_("没有找到这个案件。"))
    ensure_room(file, at=at, by=actor.user_id)
    cases.annotate(file.case.pk, actor=actor, at=at, note=note)
    add_task(
        file.case.pk,
        actor=actor,
        at=at,
        title=row.text[:TITLE_LENGTH],
        unit_id=row.unit_id,
        due_on=row.due_on,
        form_key=row.pk,
    )


_CARRIED_OUT: dict[str, Callable[[Resolution, Actor, datetime, str], None]] = {
    K.RECORD: _record,
    K.DISPATCH: _giving_out(cases.dispatch),
    K.ADJUDICATE: _giving_out(cases.adjudicate),
    K.ADD_ASSISTANT: _add_assistant,
    K.TRANSFER: _transfer,
    K.SPLIT: _split,
    K.TASK: _task,
}


def _assistants(row: Resolution) -> list[int]:
    return list(row.assistants.order_by("pk").values_list("pk", flat=True))


def _check_wish(meeting: Meeting, kind: ResolutionKind, text: str, wish: Wish) -> None:
    missing = {} if text else {"text": _("必填")}
    missing |= {name: _("必填") for name in NEEDS[kind] if not getattr(wish, name)}
    if kind == K.SPLIT and len(wish.parts) < 2:
        missing["parts"] = _("至少两行，每行一个子案件")
    if missing:
        raise InvalidInput(_("这项决定还不完整，落实时会用到。"), fields=missing)
    if wish.case_id is not None and not meeting.cases.filter(pk=wish.case_id).exists():
        raise InvalidInput(_("这个案件不在本次会商中。"), fields={"case_id": _("请重新选择")})
    if meeting.resolutions.count() >= MOST:
        raise InvalidInput(_("一次会商最多记 %(most)s 项决定。") % {"most": MOST})
