"""Chainable reads of rooms and meetings."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor

if TYPE_CHECKING:
    from gridloop.capabilities.rooms.models import Meeting, Message, RoomTask


class MessageQuerySet(models.QuerySet["Message"]):
    def until(self, moment: datetime | None) -> Self:
        """What was said up to a moment; all of it for None."""
        return self if moment is None else self.filter(at__lte=moment)

    def newest(self) -> Self:
        return self.order_by("-at", "-id")


class TaskQuerySet(models.QuerySet["RoomTask"]):
    def until(self, moment: datetime | None) -> Self:
        return self if moment is None else self.filter(made_at__lte=moment)

    def open(self) -> Self:
        return self.filter(done_at=None, dropped_at=None)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, actor: Actor) -> Self:
        """
        What the actor is asked to, by the unit or in person, or called; the centre sees the meetings about
        its cases.

        The cases of a meeting, and what was decided on each, are shown to those alone who see the case.
        """
        if actor.user_id is None or not actor.can("case.view"):
            return self.none()
        mine = Q(Exists(self._asked(actor))) | Q(called_by=actor.user_id)
        if actor.can("case.dispatch") or actor.can("case.adjudicate"):
            cases = self.model.cases.through.objects.filter(
                meeting=OuterRef("pk"), case__in=Case.objects.visible_to(actor)
            )
            return self if actor.region_is_root else self.filter(mine | Q(Exists(cases)))
        return self.filter(mine)

    def asked(self, actor: Actor) -> Self:
        """Those to which the actor is asked."""
        return self.filter(Exists(self._asked(actor)))

    def upcoming(self, now: datetime) -> Self:
        return self.filter(state="planned", ends_at__gte=now)

    def _asked(self, actor: Actor) -> models.QuerySet[models.Model]:
        invitations: Any = self.model._meta.get_field("invitations").related_model
        asked = Q(person=actor.user_id) | Q(unit=actor.unit_id, person=None)
        return invitations.objects.filter(asked, meeting=OuterRef("pk"))
