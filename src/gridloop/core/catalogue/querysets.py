"""Chainable reads of categories, standards and duties."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from gridloop.core.catalogue.models import Category


class CategoryQuerySet(models.QuerySet["Category"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def main(self) -> Self:
        """Return the main categories (大类)."""
        return self.filter(parent=None)

    def sub(self) -> Self:
        """Return the sub-categories (小类), those that a case may have."""
        return self.filter(parent__isnull=False)


class VersionQuerySet(models.QuerySet[Any]):
    def until(self, day: date) -> Self:
        """Return the versions that have taken effect by `day`, those since superseded included."""
        return self.filter(effective_on__lte=day)
