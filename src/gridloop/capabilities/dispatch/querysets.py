"""Chainable reads of batches."""

from typing import TYPE_CHECKING, Self

from django.db import models

from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor

if TYPE_CHECKING:
    from gridloop.capabilities.dispatch.models import Batch, BatchItem


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
