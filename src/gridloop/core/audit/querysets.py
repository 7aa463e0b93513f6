"""Reads of the log."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

from gridloop.core.audit.chain import GENESIS, Head

if TYPE_CHECKING:
    from gridloop.core.audit.models import Entry, Seal


class EntryQuerySet(models.QuerySet["Entry"]):
    def stream(self, stream: UUID) -> Self:
        """Return the lines of one stream, the first one first."""
        return self.filter(stream=stream).order_by("seq")

    def head(self, stream: UUID) -> Head:
        """Return the last line of a stream, for whoever holds the lock on what the stream is about."""
        last = self.filter(stream=stream).order_by("-seq").values_list("seq", "hash").first()
        return Head(last[0], bytes(last[1])) if last else Head(0, GENESIS)


class SealQuerySet(models.QuerySet["Seal"]):
    def in_order(self) -> Self:
        """Return the seals, the first one first: each begins after the one before it."""
        return self.order_by("day")

    def newest(self) -> "Seal | None":
        return self.order_by("-day").first()
