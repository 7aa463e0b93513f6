"""What the portal remembers of its own: which photos came with a form."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.faces.portal.querysets import KeptPhotoQuerySet


class KeptPhoto(models.Model):
    """
    A photo that was stored for a form, sent or not; one row a content, with when it last came.

    Whether the form was sent is told by the attachments of cases alone.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    kept_at = models.DateTimeField()

    objects = KeptPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("照片")
        constraints = [
            models.CheckConstraint(name="kept_photo_sha256", condition=Q(sha256__regex=r"^[0-9a-f]{64}$"))
        ]
        indexes = [models.Index("kept_at", name="kept_photo_by_age")]

    def __str__(self) -> str:
        return self.sha256
