"""Chainable reads of batches and precedents."""

from typing import TYPE_CHECKING, Self

from django.db import models

from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor

if TYPE_CHECKING:
    from gridloop.capabilities.dispatch.models import Batch, BatchItem, DispatchRule, Precedent


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, actor: Actor) -> Self:
        """Narrow to the person's own batches; whoever manages dispatch sees all of them."""
        return self if actor.can("dispatch.manage") else self.filter(made_by=actor.user_id)

    def under_way(self) -> Self:
        return self.filter(state__in=["running", "undoing"])


class BatchItemQuerySet(models.QuerySet["BatchItem"]):
    def visible_to(self, actor: Actor) -> Self:
        """Narrow to the cases that the actor may know of, whoever made the batch."""
        return self.filter(case__in=Case.objects.visible_to(actor))

    def planned(self) -> Self:
        return self.filter(result="planned")

    def dispatched(self) -> Self:
        return self.filter(result="dispatched")


class PrecedentQuerySet(models.QuerySet["Precedent"]):
    def to_learn(self) -> Self:
        """What was not taken in yet, in the order of time."""
        return self.filter(number=None).order_by("at", "pk")

    def as_learnt(self) -> Self:
        """All, in the order in which they were taken in; what was not comes last, in the order of time."""
        return self.order_by(models.F("number").asc(nulls_last=True), "at", "case_id", "seq", "unit_id")


class RuleQuerySet(models.QuerySet["DispatchRule"]):
    def in_order(self) -> Self:
        return self.order_by("position", "pk")

    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_use(self) -> Self:
        """Load what a list of rules shows."""
        return self.select_related("lead", "assignee", "use").in_order()
