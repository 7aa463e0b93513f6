"""What a person keeps at the desk: saved filters."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MOST_SAVED = 20
LONGEST_QUERY = 500


class SavedFilter(models.Model):
    """A list that a person comes back to, kept as the query string of its address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("名称"), max_length=30)
    query = models.CharField(max_length=LONGEST_QUERY)

    class Meta:
        verbose_name = _("常用筛选")
        constraints = [
            models.UniqueConstraint("user", "name", name="saved_filter_name_once"),
            models.CheckConstraint(name="saved_filter_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
