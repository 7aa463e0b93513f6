"""Sampling (抽查): a random, reproducible share of the closed cases is looked at again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.capabilities.oversight.querysets import SampleQuerySet
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.models import Category
from gridloop.core.org.models import Region, Unit, User

TASK_LENGTH = 500


class SampleKind(models.TextChoices):
    CALL_BACK = "call_back", _("电话回访")
    FIELD = "field", _("实地复核")


class SamplePeriod(models.TextChoices):
    DAILY = "daily", _("每日")
    WEEKLY = "weekly", _("每周")


class Stratum(models.TextChoices):
    """By what the closed cases are divided, so that each part is looked at."""

    UNIT = "unit", _("按主办单位")
    REGION = "region", _("按村（社区）")


class SampleOutcome(models.TextChoices):
    """What was found. A call that was not answered leaves the sample open."""

    PENDING = "pending", _("待核")
    SOUND = "sound", _("属实")
    FALSE = "false", _("虚假办结")
    DISMISSED = "dismissed", _("经复议属实")
    MOOT = "moot", _("已重新办理，无需再核")


class SampleRule(models.Model):
    """Which share of which closed cases is drawn how often. `seed` makes the chance repeatable."""

    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("方式"), max_length=10, choices=SampleKind)
    period = models.CharField(_("周期"), max_length=7, choices=SamplePeriod)
    share = models.PositiveSmallIntegerField(_("比例（%）"))
    stratum = models.CharField(_("分层"), max_length=6, choices=Stratum)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("限定类别")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("限定区划")
    )
    task = models.CharField(_("核查要求"), max_length=TASK_LENGTH, blank=True)
    seed = models.CharField(_("随机种子"), max_length=40)
    is_active = models.BooleanField(_("启用"), default=True)
    starts_on = models.DateField(_("开始日期"))
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("抽查规则")
        verbose_name_plural = pgettext_lazy("many", "抽查规则")
        constraints = [
            models.CheckConstraint(name="sample_share_range", condition=Q(share__gte=1, share__lte=100)),
            models.CheckConstraint(name="sample_kind_known", condition=Q(kind__in=SampleKind.values)),
            models.CheckConstraint(name="sample_period_known", condition=Q(period__in=SamplePeriod.values)),
            models.CheckConstraint(name="sample_stratum_known", condition=Q(stratum__in=Stratum.values)),
        ]

    def __str__(self) -> str:
        return self.name


class SampleDraw(models.Model):
    """
    One draw: from whom it was drawn, with which seed and share. `frame` is [stratum, case] of every case that
    could have been drawn, so that anybody can draw again and get the same.
    """

    rule = models.ForeignKey(SampleRule, models.PROTECT, related_name="draws", verbose_name=_("抽查规则"))
    first_on = models.DateField(_("期间自"))
    last_on = models.DateField(_("期间至"))
    seed = models.CharField(_("随机种子"), max_length=60)
    share = models.PositiveSmallIntegerField(_("比例（%）"))
    frame = models.JSONField(default=list)
    drawn_at = models.DateTimeField(_("抽取时间"))

    class Meta:
        verbose_name = _("抽查批次")
        verbose_name_plural = pgettext_lazy("many", "抽查批次")
        constraints = [models.UniqueConstraint("rule", "first_on", name="draw_once_a_period")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.first_on}"


class Sample(models.Model):
    """One case that was drawn, who looks at it, and what was found. `unit` is the lead at the draw."""

    draw = models.ForeignKey(SampleDraw, models.CASCADE, related_name="samples")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    kind = models.CharField(_("方式"), max_length=10, choices=SampleKind)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("主办单位"))
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("核查人"))
    outcome = models.CharField(_("结果"), max_length=10, choices=SampleOutcome, default=SampleOutcome.PENDING)
    reason = models.TextField(_("说明"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("拨打次数"), default=0)
    drawn_at = models.DateTimeField(_("抽取时间"))
    checked_at = models.DateTimeField(_("核查时间"), null=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("核查人")
    )
    reopened_at = models.DateTimeField(_("重办时间"), null=True)

    objects = SampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("抽查件")
        verbose_name_plural = pgettext_lazy("many", "抽查件")
        constraints = [
            models.UniqueConstraint("draw", "case", name="sample_once"),
            models.CheckConstraint(
                name="sample_outcome_known", condition=Q(outcome__in=SampleOutcome.values)
            ),
            models.CheckConstraint(
                name="sample_checked_whole",
                condition=Q(outcome="pending", checked_at=None)
                | (~Q(outcome="pending") & Q(checked_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="sample_false_explained",
                condition=~Q(outcome__in=["false", "dismissed"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="sample_reopened_only_false", condition=Q(reopened_at=None) | Q(outcome="false")
            ),
        ]
        indexes = [
            models.Index("assignee", "id", condition=Q(outcome="pending"), name="sample_waiting"),
            models.Index(fields=["-drawn_at", "-id"], name="sample_newest"),
            models.Index("case", name="sample_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"
