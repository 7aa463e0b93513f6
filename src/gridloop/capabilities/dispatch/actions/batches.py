"""
Carrying out a batch, and taking it back: each case in a transaction of its own, by the engine's own verbs.

A confirmation and an undoing only write down that they were asked for, and ask for a job in the same
transaction; whoever carries them out, a request or a job, takes the cases that are still to be done one by
one and skips those that another has in hand. So a second click, a job that runs twice and a process that is
killed in the middle all come to the same end, and no case is ever half dispatched.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from gridloop.base.common.errors import DomainError
from gridloop.capabilities.dispatch.actions.previews import locked_batch
from gridloop.capabilities.dispatch.errors import BatchClosed
from gridloop.capabilities.dispatch.limits import batch_rules
from gridloop.capabilities.dispatch.models import Batch, BatchItem, BatchState, ItemResult, LeftOut
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions import dispatch, recall
from gridloop.core.cases.actions.move import lock_files
from gridloop.core.cases.errors import StaleCase
from gridloop.core.cases.labels import VERBS
from gridloop.core.cases.policies import check_permission
from gridloop.core.org.actors import Actor, actor_of
from gridloop.core.org.posts import post_of

CARRY_OUT = "gridloop.capabilities.dispatch.tasks.carry_out"
# After one of these the case is no longer where the batch has put it.
_MOVED_ON = ("recall", "dispatch", "adjudicate", "transfer", "send_back", "split", "escalate", "merge")

log = structlog.get_logger(__name__)


@transaction.atomic
def confirm(batch_id: int, *, actor: Actor, at: datetime) -> Batch:
    """
    Take a preview as it stands; its cases are dispatched by `carry_out`. A second confirmation does nothing.

    :raises NotFound: no such batch, or another person's.
    :raises NotAllowed: the actor does not dispatch.
    :raises BatchClosed: no case is left in it to dispatch.
    """
    check_permission("dispatch", actor)
    batch = locked_batch(batch_id, actor)
    if batch.state != BatchState.PREVIEW:
        return batch
    if not batch.items.planned().exists():
        raise BatchClosed(_("这一批没有可以派遣的案件，请先为案件选择单位。"))
    until = at + timedelta(minutes=batch_rules().undo_minutes)
    _set(batch, state=BatchState.RUNNING, post_id=actor.post_id, confirmed_at=at, undo_until=until)
    return _asked(batch)


@transaction.atomic
def undo(batch_id: int, *, actor: Actor, at: datetime) -> Batch:
    """
    Take a batch back as far as nobody has signed for it: once, and within the town's time. Again does
    nothing.

    :raises BatchClosed: it is not carried out yet, or its time is over.
    :raises NotFound, NotAllowed: as `confirm`.
    """
    check_permission("recall", actor)
    batch = locked_batch(batch_id, actor)
    if batch.state in (BatchState.UNDOING, BatchState.UNDONE):
        return batch
    if batch.state != BatchState.DONE:
        raise BatchClosed(_("这一批还没有派遣完，请稍候再撤销。"))
    if not batch.may_be_undone(at):
        raise BatchClosed(
            _("派遣已超过 %(minutes)s 分钟，不能整批撤销；未签收的可在案件页逐件撤回。")
            % {"minutes": batch_rules().undo_minutes}
        )
    _set(batch, state=BatchState.UNDOING, undo_post_id=actor.post_id, undone_at=at)
    return _asked(batch)


def carry_out(batch_id: int, *, at: datetime, most: int | None = None) -> bool:
    """
    Do what the batch was last asked to do, for `most` of its cases or for all, and return whether all is
    done.

    May be called by several at once, and again after any fall.
    """
    batch = Batch.objects.get(pk=batch_id)
    steps = {
        BatchState.RUNNING: (_dispatch_next, batch.post_id),
        BatchState.UNDOING: (_recall_next, batch.undo_post_id),
    }
    step, post_id = steps.get(BatchState(batch.state), (None, None))
    if step is None or post_id is None:
        return True
    with override(settings.LANGUAGE_CODE):  # what the log keeps is in the town's language, whoever acts
        actor, done = actor_of(post_of(post_id)), 0
        while (most is None or done < most) and step(batch, actor, at):
            done += 1
    return _finish(batch)


def _asked(batch: Batch) -> Batch:
    app.configure_task(CARRY_OUT).defer(batch_id=batch.pk)
    return batch


def _dispatch_next(batch: Batch, actor: Actor, at: datetime) -> bool:
    return _with_next(batch, ItemResult.PLANNED, lambda item: _dispatch(item, actor, at), _dispatch_failed)


def _recall_next(batch: Batch, actor: Actor, at: datetime) -> bool:
    return _with_next(batch, ItemResult.DISPATCHED, lambda item: _recall(item, actor, at), _recall_failed)


Step = Callable[[BatchItem], None]


@transaction.atomic
def _with_next(batch: Batch, result: ItemResult, act: Step, fail: Step) -> bool:
    waiting = batch.items.select_for_update(of=("self",), skip_locked=True).filter(result=result)
    item = waiting.order_by("position").first()
    if item is None:
        return False
    try:
        with transaction.atomic():
            act(item)
    except (InterfaceError, OperationalError):
        raise  # the database is away, or somebody was in the way: a later run does it
    except Exception:
        # One case that cannot be done must not keep the others, nor other batches, waiting for ever.
        log.exception("batch_item_failed", batch=batch.pk, case=str(item.case_id))
        fail(item)
    return True


def _dispatch_failed(item: BatchItem) -> None:
    _leave(item, LeftOut.REFUSED, _("派遣时程序出错，案件仍在待派遣；请逐件派遣，并告知系统管理员。"))


def _recall_failed(item: BatchItem) -> None:
    reason = _("撤回时程序出错，派遣保持原样；请在案件页撤回，并告知系统管理员。")
    _set(item, result=ItemResult.KEPT, reason=reason)


def _dispatch(item: BatchItem, actor: Actor, at: datetime) -> None:
    try:
        case = dispatch(
            item.case_id,
            actor=actor,
            at=at,
            expected_version=item.version,
            note=_("一键派遣第%(batch)s批") % {"batch": item.batch_id},
            facts={"batch": item.batch_id},
            lead_unit_id=item.unit_id,
            assist_unit_ids=item.assist_unit_ids,
            assignee_id=item.assignee_id,
        )
    except StaleCase:
        _leave(item, LeftOut.CHANGED, _since(item))
    except DomainError as refusal:
        _leave(item, LeftOut.REFUSED, str(refusal.message))
    else:
        _set(item, result=ItemResult.DISPATCHED, version_after=case.version, done_at=at)


def _recall(item: BatchItem, actor: Actor, at: datetime) -> None:
    lock_files([item.case_id])
    if _has_moved_on(item):
        _set(item, result=ItemResult.KEPT, reason=_("派遣后已另有处理，不再撤回。"))
        return
    note = _("撤销一键派遣第%(batch)s批") % {"batch": item.batch_id}
    try:
        recall(item.case_id, actor=actor, at=at, note=note, facts={"batch": item.batch_id})
    except DomainError as refusal:
        _set(item, result=ItemResult.KEPT, reason=str(refusal.message)[:300])
    else:
        _set(item, result=ItemResult.RECALLED)


def _has_moved_on(item: BatchItem) -> bool:
    later = Entry.objects.filter(stream=item.case_id, seq__gt=item.version_after)
    return later.filter(verb__in=_MOVED_ON).exists()


def _leave(item: BatchItem, why: LeftOut, reason: str) -> None:
    _set(item, result=ItemResult.LEFT_OUT, left_out=why, reason=reason[:300])


def _since(item: BatchItem) -> str:
    """Say what happened to the case since it was seen."""
    news = Entry.objects.filter(stream=item.case_id, seq__gt=item.version).order_by("seq")
    verbs = _("、").join(dict.fromkeys(str(VERBS[entry.verb]) for entry in news[:5]))
    return _("预览后案件有新变化（%(verbs)s），请看过后再派。") % {"verbs": verbs}


@transaction.atomic
def _finish(batch: Batch) -> bool:
    """Close what was asked for if nothing is left of it; return whether nothing is."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    ends = {
        BatchState.RUNNING: (ItemResult.PLANNED, BatchState.DONE),
        BatchState.UNDOING: (ItemResult.DISPATCHED, BatchState.UNDONE),
    }
    if batch.state in ends:
        waiting, end = ends[BatchState(batch.state)]
        if batch.items.filter(result=waiting).exists():
            return False
        _set(batch, state=end)
    return True


def _set(row: Batch | BatchItem, **changed: object) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
