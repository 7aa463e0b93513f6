"""
How much of a case a unit sees that has left it: what had happened by then, and nothing of what came after.

A unit leaves by sending the case back, or when its work order is recalled or given to another. Who handled
its share to the end has not left: what comes of it is about its own work.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.cases.workflow import LEFT_ORDERS
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import units_below
from gridloop.core.org.permissions import Scope


def left_at(file: CaseFile, actor: Actor) -> datetime | None:
    """
    Return when the actor's unit left the case; None where it has not, or sees the case on another ground.

    Of one file what `in_sight` says of rows; a test holds the two together.
    """
    if not _sees_by_unit(actor) or actor.user_id == file.case.reported_by_id is not None:
        return None
    own = _own_orders(file, actor)
    if any(order.state not in LEFT_ORDERS for order in own):
        return None
    return max((order.ended_at for order in own if order.ended_at), default=None)


def orders_for(file: CaseFile, actor: Actor) -> list[WorkOrder]:
    """Return the work orders that the actor may read: of a case that their unit has left, its own."""
    return file.orders if left_at(file, actor) is None else _own_orders(file, actor)


def in_sight(actor: Actor, case: str) -> Q:
    """
    Return what narrows rows with a moment `at` to those that the actor may read, of cases that they see.

    :param case: the field of the row in which the key of the case stands.
    """
    if not _sees_by_unit(actor):
        return Q()
    own = WorkOrder.objects.filter(case=OuterRef(case), unit__in=units_below(actor.unit_path))
    seen = Q(Exists(own.exclude(state__in=LEFT_ORDERS))) | Q(Exists(own.filter(ended_at__gte=OuterRef("at"))))
    if actor.user_id is None:
        return seen
    return seen | Q(Exists(Case.objects.filter(pk=OuterRef(case), reported_by=actor.user_id)))


def lines_for(case_id: UUID, actor: Actor) -> QuerySet[Entry]:
    """Return the lines of a case's log that the actor may read, of a case that they see."""
    return Entry.objects.filter(in_sight(actor, "stream"), stream=case_id)


def _own_orders(file: CaseFile, actor: Actor) -> list[WorkOrder]:
    return [order for order in file.orders if order.unit.path.startswith(actor.unit_path)]


def _sees_by_unit(actor: Actor) -> bool:
    return actor.holds is None and actor.scope == Scope.UNIT
