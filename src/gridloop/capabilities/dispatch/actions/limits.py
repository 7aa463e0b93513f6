"""How much a unit can take."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.dispatch.models import UnitLimit
from gridloop.core.org.actions.acts import log_act
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Unit
from gridloop.core.org.policies import check_can


@transaction.atomic
def set_limit(unit_id: int, *, most: int | None, most_each: int | None, actor: Actor, at: datetime) -> None:
    """
    Set how many cases a unit, and each of its people by name, can have in hand; None for both lifts the
    limit.

    :raises NotAllowed: the actor does not manage dispatch.
    :raises InvalidInput: there is no such unit.
    """
    check_can(actor, "dispatch.manage")
    unit = Unit.objects.active().filter(pk=unit_id).first()
    if unit is None:
        raise InvalidInput(_("所选单位不存在或已停用。"), fields={"unit": _("请重新选择单位")})
    if most is None and most_each is None:
        UnitLimit.objects.filter(unit=unit).delete()
    else:
        UnitLimit.objects.update_or_create(unit=unit, defaults={"most": most, "most_each": most_each})
    log_act(unit, "limit", actor=actor, at=at, data={"most": most, "most_each": most_each})
