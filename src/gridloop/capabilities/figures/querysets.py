"""Chainable reads of what counts and what was asked to be left out."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from gridloop.capabilities.figures.models import Exclusion


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def granted(self) -> Self:
        return self.filter(is_granted=True)

    def waiting(self) -> Self:
        """What was asked for and is not decided."""
        return self.filter(decided_at=None)
