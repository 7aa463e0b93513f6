"""Chainable reads of the photos that were kept for a form."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from gridloop.faces.portal.models import KeptPhoto


class KeptPhotoQuerySet(models.QuerySet["KeptPhoto"]):
    def older_than(self, moment: datetime) -> Self:
        """Photos that last came before `moment`, the oldest first."""
        return self.filter(kept_at__lt=moment).order_by("kept_at")
