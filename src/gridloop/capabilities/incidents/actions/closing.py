"""The log while it runs, the end, and what was learnt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.capabilities.incidents.actions.calling import end
from gridloop.capabilities.incidents.actions.recording import Files, commanded, keep_files, named, record
from gridloop.capabilities.incidents.actions.telling import tell_off
from gridloop.capabilities.incidents.models import Call, Incident, IncidentStep, ReviewTask
from gridloop.capabilities.incidents.workflow import CallStep
from gridloop.core.cases.actions import annotate
from gridloop.core.cases.models import Case
from gridloop.core.org.actions import log_act
from gridloop.core.org.actors import Actor

NOTE_LENGTH, REVIEW_LENGTH, TASK_LENGTH = 1000, 4000, 200


class NotOverYet(DomainError):
    """A review looks back: the incident has to be closed first."""

    code = "not-over-yet"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be put right, by whom and by when."""

    text: str
    unit_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What worked, what did not, and what follows from it."""

    worked: str
    failed: str
    tasks: tuple[Task, ...] = ()


@transaction.atomic
def note(incident_id: UUID, text: str, *, actor: Actor, at: datetime, files: Files = ()) -> None:
    """Add a line to the log, with photos or documents. :raises InvalidInput: there is neither."""
    incident = commanded(incident_id, actor)
    kept = keep_files(incident, files, user_id=actor.user_id, at=at)
    words = text.strip()
    if not words and not kept:
        raise InvalidInput(_("请写下要记录的情况，或选择照片。"), fields={"note": _("必填")})
    if len(words) > NOTE_LENGTH:
        raise InvalidInput(
            _("一条记录最多 %(most)s 个字。") % {"most": NOTE_LENGTH}, fields={"note": _("过长")}
        )
    record(incident, "incident.note", actor=actor, at=at, note=words, data={"files": kept})


@transaction.atomic
def tick(step_id: int, *, is_done: bool, actor: Actor, at: datetime) -> IncidentStep:
    """Say that a step is done, or was not; again changes nothing. :raises NotFound: there is no such step."""
    row = IncidentStep.objects.filter(pk=step_id).first()
    if row is None:
        raise NotFound(_("没有找到这个步骤。"))
    incident = commanded(row.incident_id, actor)
    row.refresh_from_db()
    if is_done == (row.done_at is not None):
        return row
    row.done_at, row.done_by_id = (at, actor.user_id) if is_done else (None, None)
    row.save(update_fields=["done_at", "done_by"])
    verb = "incident.step" if is_done else "incident.step_undo"
    record(incident, verb, actor=actor, at=at, note=row.text, data={"step": row.pk})
    return row


@transaction.atomic
def close(
    incident_id: UUID, outcome: str, *, actor: Actor, at: datetime, review: Review | None = None
) -> Incident:
    """
    End an incident: whoever is still called is let go and told so, once.

    :param review: where it is known already; it can be written later.
    :raises InvalidInput: it is not said how it ended.
    :raises IncidentOver: somebody else closed it.
    """
    _annotate_case(incident_id, actor, at)  # the case is locked before the incident, as in opening
    incident = commanded(incident_id, actor)
    if not outcome.strip():
        raise InvalidInput(_("请写明处置结果。"), fields={"outcome": _("必填")})
    for row in incident.calls.active().select_related("resource").order_by("pk"):
        row.incident = incident
        _let_go(row, at)
    incident.closed_at, incident.closed_by_id, incident.outcome = (
        at,
        actor.user_id,
        outcome.strip()[:REVIEW_LENGTH],
    )
    incident.save(update_fields=["closed_at", "closed_by", "outcome"])
    record(incident, "incident.close", actor=actor, at=at, note=incident.outcome)
    if review:
        _review(incident, review, actor, at)
    return incident


@transaction.atomic
def write_review(incident_id: UUID, review: Review, *, actor: Actor, at: datetime) -> Incident:
    """
    Write what was learnt, or write it anew; the log keeps each version.

    :raises NotOverYet: the incident still runs.
    """
    incident = commanded(incident_id, actor, is_open=False)
    if incident.is_open:
        raise NotOverYet(_("事件还没有结束，请先结束应急调度，再写复盘。"))
    _review(incident, review, actor, at)
    return incident


@transaction.atomic
def finish_task(task_id: int, *, actor: Actor, at: datetime) -> None:
    """Say that what the review asked for is done; again does nothing. :raises NotFound: no such task."""
    task = ReviewTask.objects.filter(pk=task_id).first()
    if task is None:
        raise NotFound(_("没有找到这条整改事项。"))
    incident = commanded(task.incident_id, actor, is_open=False)
    if ReviewTask.objects.filter(pk=task_id, done_at=None).update(done_at=at):
        record(incident, "incident.task_done", actor=actor, at=at, note=task.text)


@transaction.atomic
def reveal_contact(call_id: UUID, *, actor: Actor, at: datetime) -> str:
    """Return the number of a called resource in full; both its own log and the incident's say who looked."""
    row = Call.objects.select_related("resource").filter(pk=call_id).first()
    if row is None:
        raise NotFound(_("没有找到这次呼叫。"))
    incident = commanded(row.incident_id, actor)
    record(incident, "call.contact", actor=actor, at=at, data=named(row))
    log_act(row.resource, "reveal", actor=actor, at=at)
    return str(row.resource.contact)


def _annotate_case(incident_id: UUID, actor: Actor, at: datetime) -> None:
    incident = Incident.objects.visible_to(actor).filter(pk=incident_id).first()
    if incident is None or incident.case_id is None or not incident.is_open:
        return
    if Case.objects.visible_to(actor).filter(pk=incident.case_id).exists():
        annotate(
            incident.case_id,
            actor=actor,
            at=at,
            note=_("应急调度 %(number)s 结束") % {"number": incident.number},
        )


def _let_go(row: Call, at: datetime) -> None:
    is_waiting = row.state == CallStep.CALLED
    end(row, CallStep.RELEASED, at)
    why = _("事件已结束，无需前往") if is_waiting else _("事件已结束，任务解除，谢谢")
    tell_off(row, why=why, at=at)


def _review(incident: Incident, review: Review, actor: Actor, at: datetime) -> None:
    worked, failed = (text.strip()[:REVIEW_LENGTH] for text in (review.worked, review.failed))
    if not worked and not failed:
        raise InvalidInput(_("复盘请至少写一条做得好的或做得不够的。"), fields={"worked": _("必填")})
    incident.worked, incident.failed, incident.reviewed_at = worked, failed, at
    incident.save(update_fields=["worked", "failed", "reviewed_at"])
    _add_tasks(incident, review.tasks)
    data = {"worked": worked, "failed": failed, "tasks": [task.text for task in review.tasks]}
    record(incident, "incident.review", actor=actor, at=at, data=data)


def _add_tasks(incident: Incident, tasks: Iterable[Task]) -> None:
    """Write the tasks anew; what is done already stays."""
    incident.tasks.filter(done_at=None).delete()
    done = set(incident.tasks.values_list("text", flat=True))
    ReviewTask.objects.bulk_create(
        ReviewTask(incident=incident, text=text, unit_id=task.unit_id, due_on=task.due_on)
        for task in tasks
        if (text := task.text.strip()[:TASK_LENGTH]) and text not in done
    )
