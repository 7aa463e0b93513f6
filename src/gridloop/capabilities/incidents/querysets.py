"""Chainable reads of resources, incidents and calls."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Q

from gridloop.capabilities.incidents.workflow import ACTIVE, CallStep
from gridloop.core.org.actors import Actor, ActorKind
from gridloop.core.org.locate import ids_below

if TYPE_CHECKING:
    from gridloop.capabilities.incidents.models import Call, Incident, Resource

Box = tuple[float, float, float, float]


class ResourceQuerySet(models.QuerySet["Resource"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def in_box(self, box: Box) -> Self:
        """Return what stands within west, south, east, north."""
        west, south, east, north = box
        return self.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)

    def able(self, skills: Iterable[str]) -> Self:
        """Return what has every one of the skills."""
        wanted = sorted(set(skills))
        return self.filter(skills__contains=wanted) if wanted else self


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, actor: Actor) -> Self:
        """Narrow to what a commander answers for: what lies in the region of the post."""
        if actor.kind == ActorKind.SYSTEM:
            return self
        if not actor.can("incident.command"):
            return self.none()
        return self if actor.region_is_root else self.filter(region__in=ids_below(actor.region_path))

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def ended(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def real(self) -> Self:
        """Leave drills out: nothing of a drill counts."""
        return self.filter(is_drill=False)


class CallQuerySet(models.QuerySet["Call"]):
    def active(self) -> Self:
        return self.filter(state__in=sorted(ACTIVE))

    def with_owners(self) -> Self:
        """Annotate how many people answer for the resource."""
        return self.annotate(owner_count=Count("resource__owner_links"))

    def of_person(self, user_id: int | None) -> Self:
        """Return the calls that this person was told of."""
        return self.filter(callees__user=user_id) if user_id is not None else self.none()

    def unanswered(self, now: datetime) -> Self:
        """Return the calls whose time to answer is over, and that the sweep has not come to yet."""
        return self.filter(Q(state=CallStep.CALLED), overdue_at=None, due_at__lte=now)
