"""Dry runs: what would have gone elsewhere under changed rules or duty lists."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.models import Case
from gridloop.core.org.models import Unit, User


class DryRun(models.Model):
    """
    A past period held against rules and leads that are not saved.

    `rules` are all rules in their order as they would be, `leads` the changed leads of the duty list.
    `asked` counts the dispatches of the period, `moved` those that would have gone elsewhere.
    """

    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("经办"))
    made_at = models.DateTimeField(_("试算时间"))
    since = models.DateTimeField(_("从"))
    until = models.DateTimeField(_("到"))
    rules = models.JSONField(default=list)
    leads = models.JSONField(default=list)
    asked = models.PositiveIntegerField(_("派遣数"), default=0)
    moved = models.PositiveIntegerField(_("改变去向"), default=0)
    is_cut = models.BooleanField(default=False)
    finished_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("派遣试算")
        verbose_name_plural = _("派遣试算")
        constraints = [
            models.CheckConstraint(name="dry_run_period", condition=Q(since__lt=models.F("until"))),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DryRunCase(models.Model):
    """
    A case that would have gone elsewhere: from the unit that rules and duty lists name now, to another one.

    No unit stands for "a person judges". `really` is where it went.
    """

    dry_run = models.ForeignKey(DryRun, models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    at = models.DateTimeField(_("派遣时间"))
    source = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+", verbose_name=_("现去向"))
    target = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+", verbose_name=_("新去向"))
    really = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name=_("实际去向"))
    words = models.CharField(_("理由"), max_length=300)

    class Meta:
        verbose_name = _("试算案件")
        verbose_name_plural = _("试算案件")

    def __str__(self) -> str:
        return f"{self.dry_run_id} {self.case_id}"
