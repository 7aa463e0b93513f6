"""
Who may know who reported. The person is kept apart from the case, encrypted, shown masked, and in full only
for a reason that is logged; never to a unit that handles the matter, since it may be the one reported on.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotAllowed
from gridloop.base.common.masks import mask_id, mask_name, mask_phone
from gridloop.core.cases.models import Case, Reporter, WorkOrder
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Unit
from gridloop.core.org.posts import units_of

REVEAL = "case.reveal_reporter"
REVEAL_CONFIDENTIAL = "case.reveal_confidential"


@dataclass(frozen=True, slots=True)
class Masked:
    """A reporter as everybody who sees the case may see them: 王**, 138****5678."""

    name: str
    phone: str
    id_number: str


@dataclass(frozen=True, slots=True)
class Person:
    """A reporter in full, after the reading was logged; false where nobody left anything."""

    name: str
    phone: str
    id_number: str

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.id_number)


def reporter_of(case: Case) -> Person:
    """Return the reporter in full; the caller has made `reveal_reporter`, which logs why."""
    row = Reporter.objects.filter(pk=case.pk).first()
    return Person(row.name, row.phone, row.id_number) if row else Person("", "", "")


def masked_reporter(case: Case) -> Masked | None:
    """
    Return what may be shown of the reporter without a reason; None where nobody is known.

    Of one who asked not to be named, nothing is shown but that there is somebody.
    """
    known = Reporter.objects.filter(case=case).first()
    if known is None:
        return None
    if case.is_confidential:
        return Masked("*" * bool(known.name), "*" * bool(known.phone), "*" * bool(known.id_number))
    return Masked(mask_name(known.name), mask_phone(known.phone), mask_id(known.id_number))


def check_may_know_reporter(case: Case, actor: Actor) -> None:
    """
    Refuse whoever has to do with a unit that was given the matter. One query.

    The matter is the case, what it was merged into and what it was split into; having to do with a unit is
    acting in it or below it, or holding another post there.

    :raises NotAllowed: as said; or the reporter asked not to be named and the actor may not know even so.
    """
    if case.is_confidential and not actor.can(REVEAL_CONFIDENTIAL):
        raise NotAllowed(_("上报人要求保密，只有值班领导可以查看。"), permission=REVEAL_CONFIDENTIAL)
    if orders_of_own_units(actor).filter(_matter(case)).exists():
        raise NotAllowed(_("承办单位不能查看上报人信息。"))


def may_know_reporter(case: Case, actor: Actor) -> bool:
    """Return whether the actor may be shown who reported: masked, and in full for a reason."""
    if not actor.can(REVEAL):
        return False
    try:
        check_may_know_reporter(case, actor)
    except NotAllowed:
        return False
    return True


def orders_of_own_units(actor: Actor, **narrow: Any) -> QuerySet[WorkOrder]:
    """Return the work orders, narrowed, of units that the person has to do with."""
    above = {path[:end] for path in _own(actor) for end in range(Unit.steplen, len(path) + 1, Unit.steplen)}
    return WorkOrder.objects.filter(unit__path__in=sorted(above), **narrow)


def _own(actor: Actor) -> set[str]:
    return {actor.unit_path, *units_of(actor.user_id)} - {""}


def _matter(case: Case) -> Q:
    return (
        Q(case=case.pk)
        | Q(case__parent=case.pk)
        | Q(case__merged_into=case.pk)
        | Q(case__in=[key for key in (case.merged_into_id, case.parent_id) if key])
    )
