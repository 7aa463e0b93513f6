"""When somebody may be reminded or supervised, and who has a word in a supervision."""

from datetime import datetime

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, NotAllowed
from gridloop.capabilities.oversight.models import Sample, Supervision
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import OPEN, PAUSING
from gridloop.core.org.actors import Actor, ActorKind


class NothingToPress(DomainError):
    """The case has ended or stands still: there is nobody to be pressed."""

    code = "nothing-to-press"


class AlreadyPressed(DomainError):
    """The same was said of this case for the same cause."""

    code = "already-pressed"


class SlipMoved(DomainError):
    """The slip has gone on meanwhile."""

    code = "slip-moved"


def why_not_press(case: Case) -> str | None:
    """Return why nobody is to be reminded of the case or supervised in it; None where somebody is."""
    if case.state not in OPEN:
        return _("案件已经结束，无需催办或督办。")
    if case.state in PAUSING:
        return _("案件已暂停计时，恢复办理后再催办或督办。")
    return None


def check_press(case: Case) -> None:
    """:raises NothingToPress: the case has ended or stands still."""
    if refusal := why_not_press(case):
        raise NothingToPress(refusal)


def may_reply(actor: Actor, slip: Supervision) -> bool:
    return actor.can("case.submit_result") and actor.unit_id == slip.unit_id


def check_may_reply(actor: Actor, slip: Supervision) -> None:
    """:raises NotAllowed: the slip went to another unit."""
    if not may_reply(actor, slip):
        raise NotAllowed(_("督办单由承办单位回复。"))


def may_supervise(actor: Actor) -> bool:
    return actor.can("oversight.supervise")


def may_check(actor: Actor, sample: Sample) -> bool:
    """Return whether the actor may say what was found: who was given it, or who answers for sampling."""
    if actor.kind != ActorKind.PERSON:
        return False
    return sample.assignee_id == actor.user_id or actor.can("oversight.sample")


def check_may_check(actor: Actor, sample: Sample) -> None:
    """:raises NotAllowed: it was given to somebody else."""
    if not may_check(actor, sample):
        raise NotAllowed(_("这件抽查由他人核查。"))


def is_late(slip: Supervision, now: datetime) -> bool:
    """Return whether the reply is owed since before `now`."""
    return slip.state == "issued" and slip.due_at < now
