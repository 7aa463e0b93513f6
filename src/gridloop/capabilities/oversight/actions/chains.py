"""Writing the chain: the one that a town begins with, and what it makes of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.asks import Asked, check
from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.capabilities.oversight.chain import DEFAULTS, REVISION, chain
from gridloop.capabilities.oversight.models import ChainStep, Watch
from gridloop.core.org.actors import Actor
from gridloop.core.org.policies import check_can
from gridloop.core.org.revisions import bump

CHAIN_KEY = "oversight/chain"


def begin_chain(*, at: datetime) -> None:
    """Give a town that has never had a chain the default one; one that switched its steps off keeps none."""
    if chain() or ChainStep.objects.exists():
        return
    with transaction.atomic():
        bump(REVISION)  # holds the row, so that of two who begin at once one does
        if not ChainStep.objects.exists():
            rows = [asdict(default) | {"whom": list(default.whom)} for default in DEFAULTS]
            ChainStep.objects.bulk_create([ChainStep(**row, changed_at=at) for row in rows])


@transaction.atomic
def save_step(
    step_id: int | None,
    *,
    actor: Actor,
    at: datetime,
    level: str,
    whom: Sequence[str],
    stage: str = "",
    urgency: str = "",
    share: int | None = None,
    amount: int | None = None,
    unit: str = "",
    words: str = "",
) -> ChainStep:
    """
    Add a step, or change one by a new one that takes its place: what was told keeps the step it was told by.

    Every running clock is looked at again by the next sweep; moments of a new step that are past are told
    then.

    :raises NotAllowed: the actor may not manage the chain.
    :raises InvalidInput: it says not when, or nobody is told.
    :raises AsksTooMuch: its words ask for what is prohibited.
    """
    check_can(actor, "oversight.manage")
    bump(REVISION)
    _check(level, share=share, amount=amount, unit=unit, whom=whom)
    check(Asked(key=CHAIN_KEY, label=_("提醒规则"), texts={"words": words}), at)
    if step_id is not None:
        _switch_off(step_id, actor, at)
    step = ChainStep.objects.create(
        stage=stage,
        urgency=urgency,
        level=level,
        share=share,
        amount=amount,
        unit=unit,
        whom=list(whom),
        words=words.strip(),
        changed_at=at,
        changed_by_id=actor.user_id,
    )
    Watch.objects.update(next_at=at)
    return step


@transaction.atomic
def drop_step(step_id: int, *, actor: Actor, at: datetime) -> None:
    """Switch a step off; what it told is kept. :raises NotFound: there is none."""
    check_can(actor, "oversight.manage")
    bump(REVISION)
    _switch_off(step_id, actor, at)
    Watch.objects.update(next_at=at)


def _switch_off(step_id: int, actor: Actor, at: datetime) -> None:
    gone = ChainStep.objects.filter(pk=step_id, is_active=True).update(
        is_active=False, changed_at=at, changed_by_id=actor.user_id
    )
    if not gone:
        raise NotFound(_("没有找到这条提醒规则，可能已被他人修改。"))


def _check(level: str, **given: Any) -> None:
    if not given["whom"]:
        raise InvalidInput(_("请选择告知谁。"), fields={"whom": _("至少一项")})
    has_amount = given["amount"] is not None and bool(given["unit"])
    if level == "warn" and (given["share"] is None) != has_amount:
        raise InvalidInput(
            _("请填写用去百分之几时预警，或到期前多久预警，二者选一。"), fields={"share": _("二者选一")}
        )
    if level == "warn" and given["amount"] == 0:
        raise InvalidInput(_("到期前的时长应大于 0。"), fields={"amount": _("大于 0")})
    if level == "overdue" and (given["share"] is not None or not has_amount):
        raise InvalidInput(_("请填写超期多久之后告知，到期即告知填 0。"), fields={"amount": _("必填")})
