"""Who may ask for and decide on an exclusion, and who reads a paper of the whole town."""

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, NotAllowed
from gridloop.capabilities.figures.models import Exclusion
from gridloop.core.org.actors import Actor
from gridloop.core.org.permissions import Scope
from gridloop.core.org.policies import check_can


class AlreadyAsked(DomainError):
    """The case is left out already, or somebody has asked for it."""

    code = "already-asked"


class AlreadyDecided(DomainError):
    """Somebody else was quicker."""

    code = "already-decided"


def check_can_decide(actor: Actor, exclusion: Exclusion) -> None:
    """
    Refuse whoever asked for it, and whoever may not decide.

    :raises NotAllowed: the actor holds no such permission, or asked for it; two persons must agree.
    :raises AlreadyDecided: it is decided.
    """
    check_can(actor, "figures.decide_exclusion")
    if exclusion.decided_at is not None:
        raise AlreadyDecided(_("这项申请已经审定，请刷新页面查看结果。"))
    if actor.user_id is None or actor.user_id == exclusion.asked_by_id:
        raise NotAllowed(_("剔除申请须由申请人以外的人审定，请交其他有权限的同事处理。"))


def can_decide(actor: Actor, exclusion: Exclusion) -> bool:
    """Answer what `check_can_decide` checks."""
    try:
        check_can_decide(actor, exclusion)
    except DomainError:
        return False
    return True


def can_read_briefs(actor: Actor) -> bool:
    """Return whether a paper about the whole town tells the actor no more than their cases would."""
    return actor.can("figures.view") and (
        actor.scope == Scope.ALL or (actor.scope == Scope.REGION and actor.region_is_root)
    )


def check_can_read_briefs(actor: Actor) -> None:
    """:raises NotAllowed: the actor's post is for a part of the town only."""
    if not can_read_briefs(actor):
        raise NotAllowed(_("简报涉及全镇数据，您的岗位只能查看本单位或本区划的数据，请到“考核”页查看。"))
