"""Chainable reads of what happens now."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from gridloop.faces.centre.models import LiveEvent


class LiveEventQuerySet(models.QuerySet["LiveEvent"]):
    def since(self, transaction: int) -> Self:
        """Rows that a reader may not have seen who had seen all that ended before `transaction`."""
        return self.filter(transaction__gte=transaction)

    def before(self, at: datetime) -> Self:
        return self.filter(at__lt=at)
