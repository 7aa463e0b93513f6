"""How much a unit can take."""

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.dispatch.models import UnitLimit
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Unit


@transaction.atomic
def set_limit(unit_id: int, *, most: int | None, most_each: int | None, actor: Actor) -> None:
    """
    Set how many cases a unit, and each of its people by name, can have in hand; None for both lifts the
    limit.

    :raises NotAllowed: the actor does not manage dispatch.
    :raises InvalidInput: there is no such unit.
    """
    if not actor.can("dispatch.manage"):
        raise NotAllowed(_("您的岗位不能设置承接上限。"), permission="dispatch.manage")
    if not Unit.objects.active().filter(pk=unit_id).exists():
        raise InvalidInput(_("所选单位不存在或已停用。"), fields={"unit": _("请重新选择单位")})
    if most is None and most_each is None:
        UnitLimit.objects.filter(unit=unit_id).delete()
        return
    UnitLimit.objects.update_or_create(unit_id=unit_id, defaults={"most": most, "most_each": most_each})
