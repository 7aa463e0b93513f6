"""What a called person answers, or the centre writes down for somebody on the telephone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.capabilities.incidents.actions.calling import stand_in
from gridloop.capabilities.incidents.actions.recording import (
    Files,
    call_of,
    commanded,
    incident_of,
    keep_files,
    locked,
    named,
    record,
)
from gridloop.capabilities.incidents.actions.telling import outward, tell_commander
from gridloop.capabilities.incidents.models import Ask, Call, Incident
from gridloop.capabilities.incidents.policies import check_answer, check_open, check_own_call
from gridloop.capabilities.incidents.workflow import ANSWERS, MOMENTS, CallStep
from gridloop.core.org.actors import Actor

NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """The call as it stands now; `is_late`: it had been replaced before the answer came."""

    call: Call
    is_late: bool = False


@transaction.atomic
def answer(call_id: UUID, name: str, *, actor: Actor, at: datetime, note: str = "") -> Answered:
    """
    Answer one's own call: `acknowledge`, `set_out`, `arrive`, `finish` or `decline`.

    The same answer again does nothing. An answer to a call that was replaced meanwhile is kept in the log and
    changes nothing else: the person is told not to come, the centre that somebody would.

    :raises NotFound: the call is not one's own.
    :raises CallOver: it has ended otherwise.
    :raises InvalidInput: there is no such answer, or declining gives no reason.
    """
    incident = locked(incident_of(call_id))
    row = call_of(incident, call_id)
    check_own_call(row, actor.user_id)
    if row.state == CallStep.REPLACED and incident.is_open:
        return _late(incident, row, name, actor, at)
    _answer(incident, row, name, actor=actor, at=at, note=note)
    return Answered(row)


@transaction.atomic
def answer_for(call_id: UUID, name: str, *, actor: Actor, at: datetime, note: str = "") -> Call:
    """Write down what somebody of the resource said on the telephone; the log says who wrote it."""
    incident = commanded(incident_of(call_id), actor)
    row = call_of(incident, call_id)
    _answer(incident, row, name, actor=actor, at=at, note=note or _("电话告知，指挥中心代记"))
    return row


@transaction.atomic
def ask_more(call_id: UUID, text: str, *, actor: Actor, at: datetime) -> Ask:
    """
    Ask the centre for more: people, vehicles, material. The same words again are the same wish.

    :raises InvalidInput: it says nothing.
    """
    incident = locked(incident_of(call_id))
    row = call_of(incident, call_id)
    check_own_call(row, actor.user_id)
    check_open(incident)
    wish = _given(text, _("请写明需要什么增援。"))
    if known := incident.asks.filter(call=row, text=wish, met_at=None).first():
        return known
    ask = Ask.objects.create(incident=incident, call=row, text=wish, at=at)
    record(incident, "call.ask", actor=actor, at=at, note=wish, data=named(row))
    who = {"name": outward(row)}
    tell_commander(incident, title=_("%(name)s 请求增援") % who, body=wish, once=f"ask:{ask.pk}", at=at)
    return ask


@transaction.atomic
def meet(ask_id: int, *, actor: Actor, at: datetime) -> None:
    """Say that a wish was seen to; saying so again does nothing. :raises NotFound: there is none."""
    ask = Ask.objects.filter(pk=ask_id).first()
    if ask is None:
        raise NotFound(_("没有找到这条增援请求。"))
    incident = commanded(ask.incident_id, actor)
    if Ask.objects.filter(pk=ask_id, met_at=None).update(met_at=at):
        record(incident, "call.ask_met", actor=actor, at=at, note=ask.text)


@transaction.atomic
def report_from_spot(call_id: UUID, text: str, *, actor: Actor, at: datetime, files: Files = ()) -> None:
    """
    Add words and photos from the spot to the incident's log.

    :raises InvalidInput: there is neither.
    """
    incident = locked(incident_of(call_id))
    row = call_of(incident, call_id)
    check_own_call(row, actor.user_id)
    check_open(incident)
    kept = keep_files(incident, files, user_id=actor.user_id, at=at)
    words = text.strip()[:NOTE_LENGTH] if kept else _given(text, _("请写几句现场情况，或选一张照片。"))
    record(incident, "incident.note", actor=actor, at=at, note=words, data=named(row) | {"files": kept})


def _answer(incident: Incident, row: Call, name: str, *, actor: Actor, at: datetime, note: str) -> None:
    move = ANSWERS.get(name)
    if move is None:
        raise InvalidInput(_("没有这种应答。"))
    check_open(incident)
    if not check_answer(row, move):
        return
    if move.target == CallStep.DECLINED:
        note = _given(note, _("请说明不能到场的原因，方便改派他人。"))
    _advance(row, move.target, at)
    record(incident, f"call.{name}", actor=actor, at=at, note=note[:NOTE_LENGTH], data=named(row))
    if move.target == CallStep.DECLINED:
        body = f"{note}\n{stand_in(incident, row, at=at)}"
        title = _("%(name)s 不能到场") % {"name": outward(row)}
        tell_commander(incident, title=title, body=body, once=f"declined:{row.pk}", at=at)


def _advance(row: Call, target: CallStep, at: datetime) -> None:
    """Move the call on; whoever is on the way has acknowledged, even where it was not said."""
    row.state = target.value
    changed = ["state"]
    if target in MOMENTS:
        row.acknowledged_at = row.acknowledged_at or at
        setattr(row, MOMENTS[target], at)
        changed += ["acknowledged_at", MOMENTS[target]]
    if not row.is_active:
        row.ended_at = at
        changed.append("ended_at")
    row.save(update_fields=sorted(set(changed)))


def _late(incident: Incident, row: Call, name: str, actor: Actor, at: datetime) -> Answered:
    if Call.objects.filter(pk=row.pk, late_at=None).update(late_at=at):
        row.late_at = at
        record(incident, "call.late", actor=actor, at=at, data=named(row) | {"answer": name[:20]})
    return Answered(row, is_late=True)


def _given(text: str, why: str) -> str:
    words = text.strip()[:NOTE_LENGTH]
    if not words:
        raise InvalidInput(why, fields={"note": _("必填")})
    return words
