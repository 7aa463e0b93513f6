"""Chainable reads of keys and kept answers."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from gridloop.faces.exchange.models import ApiKey, IdempotentAnswer


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, now: datetime) -> Self:
        """Keys that are neither revoked nor expired at `now`."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class AnswerQuerySet(models.QuerySet["IdempotentAnswer"]):
    def older_than(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)
