"""For which categories the system dispatches by itself, and when it has to stop."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.core.catalogue.models import Category

_SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class AutoDispatch(models.Model):
    """
    Automatic dispatch of one sub-category: off until somebody switches it on.

    `threshold`: the least score of the first proposal. `most_returned`: the share of the last automatic
    dispatches that may come back, beyond which it stops itself; `stopped_why` then says so.
    """

    category = models.OneToOneField(
        Category, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("类别")
    )
    is_on = models.BooleanField(_("自动派遣"), default=False)
    threshold = models.FloatField(_("最低得分"), default=0.85, validators=_SHARE)
    most_returned = models.FloatField(_("退单率上限"), default=0.1, validators=_SHARE)
    since = models.DateTimeField(_("开启时间"), null=True)
    stopped_at = models.DateTimeField(_("自动停止时间"), null=True)
    stopped_why = models.CharField(_("自动停止原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("自动派遣")
        verbose_name_plural = _("自动派遣")
        constraints = [
            models.CheckConstraint(
                name="auto_shares_in_range",
                condition=Q(threshold__gte=0, threshold__lte=1, most_returned__gte=0, most_returned__lte=1),
            ),
            models.CheckConstraint(
                name="auto_on_or_stopped",
                condition=Q(is_on=True, since__isnull=False, stopped_at=None, stopped_why="")
                | Q(is_on=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.category_id)
