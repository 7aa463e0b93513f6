"""What a batch would do, kept before anything is done, and changed by hand until it is confirmed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.capabilities.dispatch.errors import BatchClosed
from gridloop.capabilities.dispatch.limits import MOST_CASES
from gridloop.capabilities.dispatch.models import Batch, BatchItem, BatchState, ItemResult, LeftOut
from gridloop.capabilities.dispatch.options import Proposals
from gridloop.capabilities.dispatch.planning import Planned, Wish, plan, shown
from gridloop.capabilities.dispatch.proposals import propose
from gridloop.capabilities.dispatch.room import room_of
from gridloop.core.cases.models import Case
from gridloop.core.cases.policies import check_permission
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Unit

DAYS_KEPT = 2  # a preview that nobody confirmed


def preview(
    case_ids: Iterable[UUID],
    *,
    actor: Actor,
    at: datetime,
    wishes: Mapping[UUID, Wish] | None = None,
    query: str = "",
) -> Batch:
    """
    Plan all these cases together, as they are now, and keep the plan; nothing is dispatched yet.

    :param case_ids: those that no longer wait for dispatch, that the actor may not know of, or that are of a
        drill, are passed over.
    :param wishes: what the person chose for some of them by the number keys, or one unit for all.
    :param query: the filters of the list that it was made from, to come back to.
    :raises NotAllowed: the actor does not dispatch.
    :raises InvalidInput: none of the cases waits for dispatch, or they are more than 1,000; a unit is closed.
    """
    check_permission("dispatch", actor)
    wishes = wishes or {}
    _check_units(wish.unit_id for wish in wishes.values())
    cases = _waiting(case_ids, actor)
    proposed = propose(cases, at=at)
    room = room_of(
        {option.unit_id for found in proposed.values() for option in found.options}, on=timezone.localdate(at)
    )
    planned = plan([proposed[case.pk] for case in cases], room, wishes)
    with transaction.atomic():
        batch = Batch.objects.create(made_by_id=cast(int, actor.user_id), made_at=at, query=query[:2000])
        BatchItem.objects.bulk_create(
            _item(batch, n, case, proposed[case.pk], made)
            for n, (case, made) in enumerate(zip(cases, planned, strict=True), 1)
        )
    return batch


@transaction.atomic
def choose(batch_id: int, case_id: UUID, *, wish: Wish, actor: Actor) -> BatchItem:
    """
    Send one case of a preview to another of its proposals, or to any unit; one that was left out comes in
    again.

    :raises NotFound: no such case in a batch that the actor may see.
    :raises BatchClosed: the batch was confirmed already.
    :raises InvalidInput: there is no such proposal, or the unit is closed.
    """
    item = _open_item(batch_id, case_id, actor)
    rank = wish.rank or _rank_of(item, wish.unit_id)
    if rank is not None and 1 <= rank <= len(item.options):
        option = item.options[rank - 1]
        changed = {
            "unit_id": option["unit"],
            "assignee_id": option["assignee"],
            "assist_unit_ids": option["assist"],
            "rank": rank,
            "words": option["words"],
        }
    else:
        _check_units([wish.unit_id], is_needed=True)
        changed = {
            "unit_id": wish.unit_id,
            "assignee_id": None,
            "assist_unit_ids": [],
            "rank": None,
            "words": _("由经办人选定。"),
        }
    return _set(item, **changed, is_by_hand=True, result=ItemResult.PLANNED, left_out="", reason="")


@transaction.atomic
def leave_out(batch_id: int, case_id: UUID, *, actor: Actor) -> BatchItem:
    """Take one case out of a preview; it stays in the queue. Raises as `choose`."""
    item = _open_item(batch_id, case_id, actor)
    return _set(item, result=ItemResult.LEFT_OUT, left_out=LeftOut.BY_HAND, reason=_("由经办人移出本批。"))


@transaction.atomic
def take_in(batch_id: int, case_id: UUID, *, actor: Actor) -> BatchItem:
    """Put a case that was taken out back to where it was to go. Raises as `choose`."""
    item = _open_item(batch_id, case_id, actor)
    if item.unit_id is None:
        raise InvalidInput(_("这件还没有选定单位，请先选择派给谁。"), fields={"unit": _("必填")})
    return _set(item, result=ItemResult.PLANNED, left_out="", reason="")


def drop_old_previews(*, before: datetime) -> int:
    """Forget the previews made before a moment that nobody confirmed; return how many."""
    old = Batch.objects.filter(state=BatchState.PREVIEW, made_at__lt=before)
    return old.delete()[1].get("dispatch.Batch", 0)


def locked_batch(batch_id: int, actor: Actor) -> Batch:
    """Lock a batch that the actor may see. :raises NotFound: there is none."""
    batch = Batch.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound(_("没有找到这个派遣批次，或者您无权查看。"))
    return batch


def _waiting(case_ids: Iterable[UUID], actor: Actor) -> list[Case]:
    wanted = list(dict.fromkeys(case_ids))
    if len(wanted) > MOST_CASES:
        raise InvalidInput(_("一批最多 %(most)s 件，请分批派遣。") % {"most": MOST_CASES})
    waiting = Case.objects.visible_to(actor).real()
    cases = waiting.filter(pk__in=wanted, state=State.REGISTERED, is_adjudicating=False)
    found = list(cases.select_related("category", "region").order_by("due_at", "pk"))
    if not found:
        raise InvalidInput(_("没有选中待派遣的案件。可能已被他人派遣，请返回列表重新选择。"))
    return found


def _item(batch: Batch, position: int, case: Case, proposals: Proposals, made: Planned) -> BatchItem:
    return BatchItem(
        batch=batch,
        case=case,
        position=position,
        version=case.version,
        options=[shown(option) for option in proposals.options],
        boundary=proposals.boundary.words[:300] if proposals.boundary else "",
        unit_id=made.unit_id,
        assignee_id=made.person_id,
        assist_unit_ids=list(made.assist_unit_ids),
        rank=made.rank,
        is_by_hand=made.is_by_hand,
        words=made.words[:1000],
        result=ItemResult.LEFT_OUT if made.left_out else ItemResult.PLANNED,
        left_out=made.left_out,
        reason=made.reason[:300],
    )


def _open_item(batch_id: int, case_id: UUID, actor: Actor) -> BatchItem:
    check_permission("dispatch", actor)
    batch = locked_batch(batch_id, actor)
    if batch.state != BatchState.PREVIEW:
        raise BatchClosed(_("这一批已经确认派遣，不能再改；需要调整请撤销整批，或在案件页改派。"))
    item = BatchItem.objects.visible_to(actor).filter(batch=batch, case=case_id).first()
    if item is None:
        raise NotFound(_("这一批里没有这个案件。"))
    return item


def _rank_of(item: BatchItem, unit_id: int | None) -> int | None:
    return next((n for n, option in enumerate(item.options, 1) if option["unit"] == unit_id), None)


def _set(item: BatchItem, **changed: object) -> BatchItem:
    for name, value in changed.items():
        setattr(item, name, value)
    item.save(update_fields=list(changed))
    return item


def _check_units(unit_ids: Iterable[int | None], *, is_needed: bool = False) -> None:
    wanted = {unit_id for unit_id in unit_ids if unit_id is not None}
    if is_needed and not wanted:
        raise InvalidInput(_("请选择派给哪个单位。"), fields={"unit": _("必填")})
    if wanted and Unit.objects.active().filter(pk__in=wanted).count() < len(wanted):
        raise InvalidInput(_("所选单位不存在或已停用。"), fields={"unit": _("请重新选择单位")})
