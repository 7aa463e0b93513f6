"""By what rule units and regions are scored, which months are settled, and what is left out."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.ids import new_id
from gridloop.capabilities.figures.labels import ExclusionReason, What
from gridloop.capabilities.figures.querysets import ExclusionQuerySet
from gridloop.core.cases.models import Case
from gridloop.core.org.models import Unit, User


class Formula(models.Model):
    """
    How rates become a score, from the month `effective_on` on until a later version takes over.

    The three weights are percent and make 100; each of the points is what a share of 100 % would take off.
    """

    version = models.PositiveIntegerField(_("版本"), primary_key=True)
    effective_on = models.DateField(_("生效月份"))
    response = models.PositiveSmallIntegerField(_("响应率权重"))
    resolution = models.PositiveSmallIntegerField(_("解决率权重"))
    satisfaction = models.PositiveSmallIntegerField(_("满意率权重"))
    late_points = models.PositiveSmallIntegerField(_("超期扣分"))
    rework_points = models.PositiveSmallIntegerField(_("返工扣分"))
    send_back_points = models.PositiveSmallIntegerField(_("退单扣分"))
    least_cases = models.PositiveSmallIntegerField(_("最少样本"))
    settles_after_days = models.PositiveSmallIntegerField(_("结算日"))
    source = models.CharField(_("依据"), max_length=300, blank=True)
    is_local_default = models.BooleanField(_("系统默认值"), default=False)
    made_at = models.DateTimeField(_("制定时间"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("制定人"))

    class Meta:
        verbose_name = _("计分公式")
        constraints = [
            models.CheckConstraint(
                name="formula_weights_make_100",
                condition=Q(response=100 - F("resolution") - F("satisfaction")),
            ),
            models.CheckConstraint(name="formula_from_a_month", condition=Q(effective_on__day=1)),
            models.CheckConstraint(
                name="formula_points_in_range",
                condition=Q(late_points__lte=100, rework_points__lte=100, send_back_points__lte=100),
            ),
            models.CheckConstraint(
                name="formula_settles_within_month", condition=Q(settles_after_days__range=(1, 28))
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version} {self.effective_on:%Y-%m}"


class Publication(models.Model):
    """A month whose figures are settled: no later change of cases, exclusions or the formula touches it."""

    month = models.DateField(_("月份"), primary_key=True)
    published_at = models.DateTimeField(_("结算时间"))
    formula = models.JSONField(_("公式"))

    class Meta:
        verbose_name = _("已结算月份")
        constraints = [models.CheckConstraint(name="publication_of_a_month", condition=Q(month__day=1))]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class PublishedTally(models.Model):
    """A case behind a settled figure, as it counted on the day of the settlement."""

    pk = models.CompositePrimaryKey("month", "what", "unit_id", "case_id")
    month = models.DateField()
    what = models.CharField(max_length=12, choices=What)
    unit_id = models.BigIntegerField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    region_id = models.BigIntegerField()
    is_excluded = models.BooleanField()

    class Meta:
        verbose_name = _("结算明细")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.what} {self.case_id}"


class Exclusion(models.Model):
    """A wish that a case be left out of scores, with its reason, and the word of a second person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("申请单位"))
    reason = models.CharField(_("剔除理由"), max_length=12, choices=ExclusionReason)
    detail = models.TextField(_("情况说明"))
    asked_at = models.DateTimeField(_("申请时间"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    decided_at = models.DateTimeField(_("审定时间"), null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("审定人")
    )
    is_granted = models.BooleanField(_("同意剔除"), null=True)
    answer = models.TextField(_("审定意见"), blank=True)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        verbose_name = _("剔除申请")
        constraints = [
            models.CheckConstraint(
                name="exclusion_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="exclusion_decided_whole",
                condition=Q(decided_at=None, decided_by=None, is_granted=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_granted__isnull=False),
            ),
            models.UniqueConstraint(
                "case", condition=Q(decided_at=None) | Q(is_granted=True), name="exclusion_once"
            ),
        ]
        indexes = [
            models.Index("asked_at", "id", condition=Q(decided_at=None), name="exclusion_waiting"),
            models.Index(fields=["-id"], name="exclusion_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"
