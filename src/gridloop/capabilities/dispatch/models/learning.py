"""What happened to cases and teaches, and what was learnt of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.capabilities.dispatch.querysets import PrecedentQuerySet


class Precedent(models.Model):
    """
    One line of a case's log that says whose such cases are: `share` for the unit, or against it.

    `number` is the order in which the model took it in, empty while it has not. Case and unit are plain
    numbers, as in the log; so a verb that adds one takes no other lock.
    """

    case_id = models.UUIDField(_("案件"))
    seq = models.PositiveIntegerField(_("序号"))
    unit_id = models.BigIntegerField(_("单位"))
    share = models.FloatField(_("份量"))
    facts = models.JSONField(_("要素"))
    at = models.DateTimeField(_("发生时间"))
    number = models.BigIntegerField(null=True)

    objects = PrecedentQuerySet.as_manager()

    class Meta:
        verbose_name = _("派遣先例")
        verbose_name_plural = _("派遣先例")
        constraints = [
            models.UniqueConstraint("case_id", "seq", "unit_id", name="precedent_once"),
            models.UniqueConstraint(
                "number", condition=Q(number__isnull=False), name="precedent_numbered_once"
            ),
            models.CheckConstraint(name="precedent_says_something", condition=~Q(share=0)),
        ]
        indexes = [
            models.Index("at", "id", condition=Q(number=None), name="precedent_not_learnt"),
            models.Index("at", name="precedent_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"


class Cell(models.Model):
    """One cell of what is learnt, see `learning.model`. Written by whoever holds the row of `Learning`."""

    key = models.TextField(primary_key=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.key


class Learning(models.Model):
    """The one row that whoever learns holds, with the number of precedents that were taken in."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    learnt = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="learning_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.learnt)
