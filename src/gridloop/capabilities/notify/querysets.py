"""Chainable reads of messages."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from gridloop.capabilities.notify.models import Delivery, Notice


class NoticeQuerySet(models.QuerySet["Notice"]):
    def to(self, user_id: int | None) -> Self:
        """What one person was told; nothing for whoever has not signed in."""
        return self.filter(user=user_id) if user_id is not None else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> Self:
        return self.filter(state="waiting", due_at__lte=now)
