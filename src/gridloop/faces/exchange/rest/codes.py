"""Programs name categories, regions and units by their codes; here these become keys."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.models import Region, Unit, User


def category_id(code: str, field: str = "category") -> int:
    """:raises InvalidInput: no category in use has the code."""
    found = rulebook().by_code(code)
    if found is None or not found.is_active:
        raise _unknown(field, _("没有编码为“%(code)s”的事项类别。") % {"code": code})
    return found.id


def region_id(code: str, field: str = "region") -> int:
    """:raises InvalidInput: no region in use has the code."""
    key = Region.objects.active().filter(code=code).values_list("pk", flat=True).first()
    if key is None:
        raise _unknown(field, _("没有代码为“%(code)s”的区划。") % {"code": code})
    return int(key)


def unit_id(code: str, field: str = "unit") -> int:
    """:raises InvalidInput: no unit in use has the code."""
    return unit_ids([code], field)[0]


def unit_ids(codes: Iterable[str], field: str = "units") -> list[int]:
    """:raises InvalidInput: one of the codes is no unit's in use."""
    wanted = list(codes)
    known = dict(Unit.objects.active().filter(code__in=wanted).values_list("code", "pk"))
    if missing := [code for code in wanted if code not in known]:
        raise _unknown(field, _("没有代码为“%(codes)s”的单位。") % {"codes": _("、").join(missing)})
    return [known[code] for code in wanted]


def person_id(name: str, field: str = "assignee") -> int:
    """:raises InvalidInput: nobody who may sign in has this login name."""
    key = User.objects.filter(username=name, is_active=True).values_list("pk", flat=True).first()
    if key is None:
        raise _unknown(field, _("没有登录名为“%(name)s”的人员。") % {"name": name})
    return int(key)


def _unknown(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: _("没有这个代码")})
