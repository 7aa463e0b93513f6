"""What happens now, for as long as a screen that was away may ask what it missed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.models import Case
from gridloop.faces.centre.querysets import LiveEventQuerySet

_TRANSACTION = Cast(
    Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
)


class LiveEvent(models.Model):
    """
    One verb that was made just now: which, on which case, and where, with nothing that tells of a person.

    `transaction` is the number of the database transaction that wrote it. Keys are given out in the order in
    which transactions begin to write, and seen in the order in which they end; by this number a reader knows
    up to where nothing more can appear.
    """

    at = models.DateTimeField(_("时间"))
    transaction = models.BigIntegerField(db_index=True, db_default=_TRANSACTION)
    # No constraint: a row lives a day, and the case is there by the transaction that writes both.
    case = models.ForeignKey(
        Case,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("案件"),
    )
    verb = models.CharField(_("动作"), max_length=30)
    state = models.CharField(_("状态"), max_length=20)
    region_path = models.CharField(max_length=255)
    units = ArrayField(models.BigIntegerField(), verbose_name=_("承办单位"))

    objects = LiveEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("实时消息")
        verbose_name_plural = _("实时消息")

    def __str__(self) -> str:
        return f"{self.pk} {self.verb}"
