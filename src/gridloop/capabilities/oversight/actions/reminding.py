"""催办: a reminder to whoever has the case in hand, once for each cause."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.oversight.models import Reminder, ReminderCause, Whom
from gridloop.capabilities.oversight.policies import AlreadyPressed, check_press
from gridloop.capabilities.oversight.reading import holders_of, nearest_clock
from gridloop.capabilities.oversight.recipients import Recipients
from gridloop.capabilities.oversight.words import in_town_language, matter_of, page_of
from gridloop.core.cases import actions as cases
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.core.org.policies import check_can

TOPIC = "oversight.remind"
NOTE_MOST = 500
_OF_DEADLINE = frozenset({ReminderCause.OVERDUE, ReminderCause.SOON})


@transaction.atomic
def remind(case_id: UUID, *, actor: Actor, at: datetime, cause: str, note: str = "") -> Reminder:
    """
    Remind the units that have the case in hand, their people and leads; the centre where none has.

    It is a note in the case's log. A deadline is reminded of once, and again only after it was extended or
    another one began; of what is no deadline there is one reminder for each cause and round of the loop.

    :raises NotAllowed, NotFound: the actor may not remind, or may not know of the case.
    :raises NothingToPress: the case has ended or stands still.
    :raises AlreadyPressed: it was reminded of this already.
    :raises InvalidInput: the cause does not hold: nothing is late, or nothing runs.
    """
    check_can(actor, "oversight.remind")
    why = ReminderCause(one_of(ReminderCause, cause, "cause"))
    text = storable_text(note, "note", NOTE_MOST)
    # The note locks the case, so that of two who remind at once the second finds the first one's row.
    case = cases.annotate(case_id, actor=actor, at=at, note=_line(why, text))
    check_press(case)
    about = _about(case, why, at)
    row, is_new = Reminder.objects.get_or_create(
        case=case, cause=why, about=about, defaults={"note": text, "at": at, "by_id": actor.user_id}
    )
    if not is_new:
        raise AlreadyPressed(
            _("已于 %(at)s 因“%(cause)s”催办过本案，无需重复。")
            % {"at": timezone.localtime(row.at).strftime("%m-%d %H:%M"), "cause": why.label}
        )
    row.told = _tell(case, why, text, at)
    row.save(update_fields=["told"])
    return row


def remind_many(
    case_ids: Iterable[UUID], *, actor: Actor, at: datetime, cause: str, note: str = ""
) -> tuple[int, list[tuple[str, str]]]:
    """
    Remind of several cases, each by itself; return how many were, and of the others (number, why not).

    :raises NotAllowed: the actor may not remind at all.
    """
    check_can(actor, "oversight.remind")
    done, refused = 0, []
    numbers = dict(Case.objects.visible_to(actor).filter(pk__in=case_ids).values_list("pk", "number"))
    for case_id, number in sorted(numbers.items()):
        try:
            remind(case_id, actor=actor, at=at, cause=cause, note=note)
            done += 1
        except DomainError as refusal:
            refused.append((number, refusal.message))
    return done, refused


def _about(case: Case, cause: ReminderCause, at: datetime) -> str:
    if cause not in _OF_DEADLINE:
        return f"round/{case.reopenings}"
    clock = nearest_clock(case)
    is_late = clock is not None and clock.due_at < at
    if clock is None or is_late != (cause == ReminderCause.OVERDUE):
        raise InvalidInput(
            _("本案当前环节没有超期。")
            if cause == ReminderCause.OVERDUE
            else _("本案当前没有即将到期的环节。"),
            fields={"cause": _("与案件期限不符")},
        )
    return f"{clock.pk}/{clock.extensions}"


@in_town_language
def _line(cause: ReminderCause, note: str) -> str:
    return (_("催办（%(cause)s）：%(note)s") if note else _("催办（%(cause)s）")) % {
        "cause": cause.label,
        "note": note,
    }


@in_town_language
def _tell(case: Case, cause: ReminderCause, note: str, at: datetime) -> int:
    people = Recipients(timezone.localdate(at))
    told: set[int] = set()
    for holder in holders_of(case):
        told |= people.of([Whom.HANDLER, Whom.UNIT_LEAD], holder)
    tell(
        to=told,
        topic=TOPIC,
        title=_("催办：%(number)s %(cause)s") % {"number": case.number, "cause": cause.label},
        body="\n".join(part for part in (matter_of(case), note) if part),
        url=page_of(case.pk),
        case_id=case.pk,
        is_urgent=case.urgency != Urgency.NORMAL,
        at=at,
    )
    return len(told)
