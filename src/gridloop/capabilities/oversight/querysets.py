"""Chainable reads of what is watched over. What somebody may know of follows from the case."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from gridloop.core.cases.models import Case, Clock
from gridloop.core.cases.workflow import OPEN
from gridloop.core.org.actors import Actor, ActorKind
from gridloop.core.org.locate import ids_below, units_below
from gridloop.core.org.permissions import Scope

if TYPE_CHECKING:
    from gridloop.capabilities.oversight.models import Alert, ProblemCase, Sample, Supervision


def clocks_watched_by(actor: Actor) -> models.QuerySet[Clock]:
    """
    Return the running clocks that the actor watches over: in the region, or of the own unit's orders; none of
    a drill's.

    Whoever answers for a unit sees what that unit is late with, not what others are in the same cases.
    """
    clocks = Clock.objects.running().filter(case__is_drill=False)
    match actor.scope:
        case Scope.ALL:
            return clocks
        case Scope.REGION if actor.region_is_root and actor.can("case.view"):
            return clocks
        case Scope.REGION if actor.can("case.view"):
            return clocks.filter(case__region__in=ids_below(actor.region_path))
        case Scope.UNIT if actor.can("case.view"):
            return clocks.filter(order__unit__in=units_below(actor.unit_path))
    return clocks.none()


class AlertQuerySet(models.QuerySet["Alert"]):
    def unheard(self) -> Self:
        """Alerts of clocks that still run, of which nobody could be told."""
        running = Q(clock__stopped_at=None, clock__paused_at=None, clock__extensions=F("round"))
        return self.filter(running, told=0)


class SupervisionQuerySet(models.QuerySet["Supervision"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of cases that the actor sees; whoever sees a unit's cases only, sees that unit's slips."""
        if actor.kind == ActorKind.SYSTEM:
            return self
        if actor.scope == Scope.UNIT and actor.can("case.view"):
            return self.filter(unit__in=units_below(actor.unit_path))
        if actor.scope == Scope.REGION and actor.region_is_root and actor.can("case.view"):
            return self
        return self.filter(case__in=Case.objects.visible_to(actor))

    def unreleased(self) -> Self:
        return self.exclude(state="released")

    def unreplied(self) -> Self:
        return self.filter(state="issued")

    def late(self, now: datetime) -> Self:
        return self.unreplied().filter(due_at__lt=now)


class ProblemQuerySet(models.QuerySet["ProblemCase"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(case__in=Case.objects.visible_to(actor))

    def open(self) -> Self:
        """Those whose case is still in hand, drills left out."""
        return self.filter(case__state__in=sorted(OPEN), case__is_drill=False)


class SampleQuerySet(models.QuerySet["Sample"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of visible cases, and those that the person was given to look at."""
        mine = Q(assignee=actor.user_id) if actor.user_id else Q(pk__in=[])
        return self.filter(Q(case__in=Case.objects.visible_to(actor)) | mine)

    def waiting(self) -> Self:
        return self.filter(outcome="pending")
