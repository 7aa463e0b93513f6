"""Why a case went where it went: what was proposed, and what was chosen of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.models import Case
from gridloop.core.org.models import Unit


class HowChosen(models.TextChoices):
    """Who chose."""

    BY_HAND = "by_hand", _("人工派遣")
    TOGETHER = "together", _("一键派遣")
    AUTOMATIC = "automatic", _("自动派遣")


class Reason(models.Model):
    """
    One dispatch of a case, by its line in the log, with the proposals at that time, best first.

    `options` are as `planning.shown` writes them. `rank` is the place of the chosen unit, from 1; empty where
    a person chose another one. `sent_back_at`: the unit refused it, or lost it by a transfer.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    seq = models.PositiveIntegerField(_("序号"))
    at = models.DateTimeField(_("派遣时间"))
    how = models.CharField(_("方式"), max_length=10, choices=HowChosen)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("主办单位"))
    rank = models.PositiveSmallIntegerField(_("建议序位"), null=True)
    options = models.JSONField(default=list)
    boundary = models.CharField(_("交界提示"), max_length=300, blank=True)
    ask = models.CharField(_("请人工判断"), max_length=300, blank=True)
    sent_back_at = models.DateTimeField(_("退回时间"), null=True)

    class Meta:
        verbose_name = _("派遣理由")
        verbose_name_plural = _("派遣理由")
        constraints = [
            models.UniqueConstraint("case", "seq", name="reason_once"),
            models.CheckConstraint(name="reason_how_known", condition=Q(how__in=HowChosen.values)),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(how="automatic"), name="reason_automatic"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"
