"""Chainable reads of the loop. `visible_to` comes first in every chain that a person or a program starts."""

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from gridloop.core.cases.workflow import ENDED, OPEN, OrderState, State
from gridloop.core.org.actors import Actor, ActorKind
from gridloop.core.org.locate import ids_below, units_below
from gridloop.core.org.permissions import Scope

if TYPE_CHECKING:
    from gridloop.core.cases.models import Attachment, Case, Clock, WorkOrder


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> Self:
        """
        Narrow to what the actor may know of: what lies in the post's scope, and what the person reported.

        The bearer of a tracking code sees that one case; nobody but the system itself sees a case without
        `case.view`.
        """
        if actor.holds is not None:
            return self.filter(pk=actor.holds)
        if actor.kind == ActorKind.SYSTEM:
            return self
        if not actor.can("case.view"):
            return self.none()
        match actor.scope:
            case Scope.ALL:
                return self
            case Scope.REGION if actor.region_is_root:
                return self
            case Scope.REGION:
                return self.filter(Q(region__in=ids_below(actor.region_path)) | _reported_by(actor))
            case Scope.UNIT:
                return self.filter(_held_or_reported_by(actor))
            case Scope.OWN:
                return self.filter(_reported_by(actor))
        return self.none()

    def open(self) -> Self:
        return self.filter(state__in=sorted(OPEN))

    def ended(self) -> Self:
        return self.filter(state__in=sorted(ENDED))

    def scored(self) -> Self:
        """Cases that count in performance figures: not a drill, nor what a grid worker solved on the spot."""
        return self.real().filter(is_self_closed=False)

    def real(self) -> Self:
        """Cases that happened: a drill goes round the loop like them, and is no figure of the town."""
        return self.filter(is_drill=False)

    def told_of(self, case_id: UUID) -> Self:
        """The case and those merged into it: their reporters are all told of its end."""
        return self.filter(Q(pk=case_id) | Q(merged_into=case_id))

    def overdue(self, now: datetime) -> Self:
        """Open cases with a running clock that is past its end at `now`."""
        return self.open().filter(due_at__lt=now)

    def to_resume(self, now: datetime) -> Self:
        return self.filter(state=State.SUSPENDED, resume_at__lte=now)


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def waiting_for(self, unit_id: int | None) -> Self:
        """Work orders of open cases that this unit has still to sign or to finish."""
        return self.filter(
            unit=unit_id, is_case_open=True, state__in=[OrderState.ISSUED, OrderState.HANDLING]
        )

    def given_to(self, actor: Actor) -> Self:
        """Those that wait for the actor's unit and were given to the actor by name."""
        return self.waiting_for(actor.unit_id).filter(assignee=actor.user_id, assignee__isnull=False)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def readable_by(self, actor: Actor) -> Self:
        """
        Files of the cases that the actor sees; of these a reporter sees what is public, and a unit that has
        left what was there by then.
        """
        from gridloop.core.cases.models import Case
        from gridloop.core.cases.sight import in_sight

        visible = self.filter(in_sight(actor, "case"), case__in=Case.objects.visible_to(actor))
        return visible.filter(is_public=True) if actor.kind == ActorKind.REPORTER else visible


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> Self:
        return self.filter(stopped_at=None, paused_at=None)


def _reported_by(actor: Actor) -> Q:
    # Without a person there is nothing of one's own; `reported_by=None` would be everybody's.
    return Q(reported_by=actor.user_id) if actor.user_id is not None else Q(pk__in=[])


def _held_or_reported_by(actor: Actor) -> Q:
    """The cases with an order of the actor's unit, and what the actor reported, if that was ever anything."""
    from gridloop.core.cases.models import WorkOrder
    from gridloop.core.cases.staff import has_reported

    held = Q(pk__in=WorkOrder.objects.filter(unit__in=units_below(actor.unit_path)).values("case"))
    return held | _reported_by(actor) if has_reported(actor.user_id) else held
