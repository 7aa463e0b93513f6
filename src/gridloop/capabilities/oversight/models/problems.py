"""Problem cases (问题工单): those that came back too often, one level up by rule."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.capabilities.oversight.querysets import ProblemQuerySet
from gridloop.core.cases.models import Case


class ProblemKind(models.TextChoices):
    """What came too often."""

    REPEAT = "repeat", _("重复派件")
    REWORK = "rework", _("多次返工")
    TRANSFER = "transfer", _("多次改派")


class ProblemRule(models.Model):
    """
    From how many times on a case is a problem case; 0 switches the kind off.

    `is_supervised`: a slip is issued by the rule as well, where a unit has the case in hand.
    """

    kind = models.CharField(_("种类"), max_length=10, primary_key=True, choices=ProblemKind)
    threshold = models.PositiveSmallIntegerField(_("次数"))
    is_supervised = models.BooleanField(_("自动督办"), default=True)

    class Meta:
        verbose_name = _("问题工单规则")
        verbose_name_plural = pgettext_lazy("many", "问题工单规则")
        constraints = [
            models.CheckConstraint(name="problem_kind_known", condition=Q(kind__in=ProblemKind.values)),
            models.CheckConstraint(name="problem_threshold_range", condition=Q(threshold__lte=50)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.threshold}"


class ProblemCase(models.Model):
    """A case that is a problem case since a moment; `told_at` is when it went one level up."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    kind = models.CharField(_("种类"), max_length=10, choices=ProblemKind)
    since = models.DateTimeField(_("列入时间"))
    told_at = models.DateTimeField(_("上报时间"), null=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("问题工单")
        verbose_name_plural = pgettext_lazy("many", "问题工单")
        constraints = [
            models.UniqueConstraint("case", "kind", name="problem_once"),
            models.CheckConstraint(name="problem_case_kind_known", condition=Q(kind__in=ProblemKind.values)),
        ]
        indexes = [
            models.Index("id", condition=Q(told_at=None), name="problem_untold"),
            models.Index(fields=["-since", "-id"], name="problem_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"
