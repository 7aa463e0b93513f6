"""
The rulebook as rows: what kinds of problem there are, by what standard each is handled, and by whom.

A rule is never rewritten but followed by a later version: whoever asks gives a date and gets the version of
that day. Clocks that run have copied their amount and unit, so no version ever moves them.
"""

from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.labels import STAGE_LABELS, UNIT_LABELS
from gridloop.core.catalogue.querysets import CategoryQuerySet, VersionQuerySet
from gridloop.core.catalogue.stages import Stage

KEYWORD_LENGTH = 40
MOST_OF_ONE_LIMIT = 10_000


def _tracked() -> Any:
    """Keep the history of every change by database trigger, whoever makes it."""
    return pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())


class CategoryKind(models.TextChoices):
    EVENT = "event", _("事件")
    COMPONENT = "component", _("部件")
    SERVICE = "service", _("服务")


class Urgency(models.TextChoices):
    NORMAL = "normal", _("一般")
    URGENT = "urgent", _("紧急")
    CRITICAL = "critical", _("特急")


_MAIN_CODE = Q(parent=None, code__regex=r"^[0-9A-Z]{2}$")
_SUB_CODE = Q(parent__isnull=False, code__regex=r"^[0-9A-Z]{4}$")


@_tracked()
class Category(models.Model):
    """
    A kind of problem: a main category (大类, two characters) or a sub-category (小类, two more).

    依据: the shape of GB/T 30428.2; codes with a letter are free for a town's own.
    """

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("大类")
    )
    code = models.CharField(_("编码"), max_length=4, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=10, choices=CategoryKind)
    keywords = ArrayField(
        models.CharField(max_length=KEYWORD_LENGTH), verbose_name=_("关键词"), default=list, blank=True
    )
    icon = models.CharField(_("图标"), max_length=40, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=10, choices=Urgency, default=Urgency.NORMAL)
    is_public = models.BooleanField(_("群众可上报"), default=True)
    is_active = models.BooleanField(_("启用"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("事项类别")
        verbose_name_plural = pgettext_lazy("many", "事项类别")
        constraints = [
            models.CheckConstraint(name="category_code_fits_level", condition=_MAIN_CODE | _SUB_CODE),
            models.CheckConstraint(name="category_named", condition=~Q(name="")),
            models.CheckConstraint(name="category_kind_known", condition=Q(kind__in=CategoryKind.values)),
            models.CheckConstraint(name="category_urgency_known", condition=Q(urgency__in=Urgency.values)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@_tracked()
class Standard(models.Model):
    """
    By what a category's cases are opened, proven and closed from `effective_on` on, until a later version.

    Without a category it is the town's default. What is left blank, and a stage without a limit, is taken
    from the main category's standard and then from the town's; so a version that says nothing ends the last.
    """

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="standards",
        verbose_name=_("事项类别"),
        help_text=_("留空表示全镇默认标准"),
    )
    effective_on = models.DateField(_("生效日期"))
    opening = models.TextField(_("立案条件"), blank=True)
    closing = models.TextField(_("结案条件"), blank=True)
    evidence = models.TextField(_("证据要求"), blank=True)
    basis = models.TextField(_("依据"), blank=True)
    is_local_default = models.BooleanField(
        _("本地默认"), default=False, help_text=_("时限没有上级文件依据，由本地暂定")
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("标准")
        verbose_name_plural = pgettext_lazy("many", "标准")
        constraints = [
            models.UniqueConstraint(
                "category", "effective_on", name="standard_one_a_day", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        covered = self.category or _("全镇默认")
        return f"{covered} {self.effective_on:%Y-%m-%d}"


@_tracked()
class StageLimit(models.Model):
    """How long one stage may take."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="limits", verbose_name=_("标准"))
    stage = models.CharField(_("环节"), max_length=10, choices=[(s.value, STAGE_LABELS[s]) for s in Stage])
    amount = models.PositiveIntegerField(_("时限"))
    unit = models.CharField(_("单位"), max_length=14, choices=[(u.value, UNIT_LABELS[u]) for u in LimitUnit])

    class Meta:
        verbose_name = _("时限")
        verbose_name_plural = _("时限")
        constraints = [
            models.UniqueConstraint("standard", "stage", name="stage_limit_once"),
            models.CheckConstraint(
                name="stage_limit_range", condition=Q(amount__gte=1, amount__lte=MOST_OF_ONE_LIMIT)
            ),
            models.CheckConstraint(
                name="stage_limit_stage_known", condition=Q(stage__in=[s.value for s in Stage])
            ),
            models.CheckConstraint(
                name="stage_limit_unit_known", condition=Q(unit__in=[u.value for u in LimitUnit])
            ),
        ]

    def __str__(self) -> str:
        return f"{STAGE_LABELS[Stage(self.stage)]} {self.amount} {UNIT_LABELS[LimitUnit(self.unit)]}"


class DutyKind(models.TextChoices):
    """On which of the town's three lists a matter stands (依据: 乡镇（街道）履行职责事项清单)."""

    TOWN_PRIMARY = "town_primary", _("基本履职")
    TOWN_ASSIST = "town_assist", _("配合履职")
    UPPER = "upper", _("上级部门收回")


@_tracked()
class Duty(models.Model):
    """
    Who answers for a category in a region from `effective_on` on, until a later version for the same region.

    The leading unit is named outright, or it is whichever village or community committee the place lies in
    (`is_local_lead`), which may assist instead (`is_local_assist`). `lead_name` keeps the name of a unit that
    the town has not set up yet. A version that is withdrawn ends the one before it, so that the rule of the
    wider region holds again.
    """

    category = models.ForeignKey(Category, models.PROTECT, related_name="duties", verbose_name=_("事项类别"))
    region = models.ForeignKey(
        "org.Region",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("适用区划"),
        help_text=_("留空表示全镇"),
    )
    effective_on = models.DateField(_("生效日期"))
    kind = models.CharField(_("履职类型"), max_length=14, choices=DutyKind)
    lead_unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主办单位")
    )
    lead_name = models.CharField(_("主办单位名称（未建单位）"), max_length=80, blank=True)
    is_local_lead = models.BooleanField(_("由属地村（社区）主办"), default=False)
    assist_units = models.ManyToManyField(
        "org.Unit", blank=True, related_name="+", verbose_name=_("协办单位")
    )
    assist_names = models.CharField(_("协办单位名称（未建单位）"), max_length=400, blank=True)
    is_local_assist = models.BooleanField(_("由属地村（社区）协办"), default=False)
    upper_department = models.CharField(_("上级部门"), max_length=120, blank=True)
    basis = models.TextField(_("依据"), blank=True)
    is_local_default = models.BooleanField(_("本地默认"), default=False)
    is_withdrawn = models.BooleanField(_("停用"), default=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("履职事项")
        verbose_name_plural = _("履职清单")
        constraints = [
            models.UniqueConstraint(
                "category", "region", "effective_on", name="duty_one_a_day", nulls_distinct=False
            ),
            models.CheckConstraint(name="duty_kind_known", condition=Q(kind__in=DutyKind.values)),
            models.CheckConstraint(
                name="duty_one_lead",
                condition=Q(is_local_lead=False) | Q(is_local_lead=True, lead_unit=None, lead_name=""),
            ),
            models.CheckConstraint(
                name="duty_lead_known_or_named", condition=Q(lead_unit=None) | Q(lead_name="")
            ),
            models.CheckConstraint(
                name="duty_local_once", condition=Q(is_local_lead=False) | Q(is_local_assist=False)
            ),
            models.CheckConstraint(
                name="duty_upper_named",
                condition=Q(kind=DutyKind.TOWN_PRIMARY) | ~Q(upper_department="") | Q(is_withdrawn=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.effective_on:%Y-%m-%d}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class DutyAssist(Duty.assist_units.through):  # type: ignore[misc,name-defined]
    """The assisting units of a duty, named only so that their history is kept as well."""

    class Meta:
        proxy = True
        verbose_name = _("协办单位")
        verbose_name_plural = _("协办单位")


class Upload(models.Model):
    """
    A rulebook file between its upload and its application, kept as it came.

    In the database, not in a folder: it may be applied by another process or on another machine. Without a
    person it came by the command line.
    """

    file_name = models.CharField(_("文件名"), max_length=200)
    content = models.BinaryField(_("内容"))
    effective_on = models.DateField(_("生效日期"))
    removes_missing = models.BooleanField(_("停用表中没有的行"), default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("上传人")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))
    fingerprint = models.CharField(_("差异指纹"), max_length=64)
    applied_at = models.DateTimeField(_("应用时间"), null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("应用人")
    )
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("修改"), default=0)
    removed = models.PositiveIntegerField(_("停用"), default=0)

    class Meta:
        verbose_name = _("目录导入")
        verbose_name_plural = _("目录导入")
        constraints = [
            models.CheckConstraint(
                name="upload_applied_by_somebody_at_a_time",
                condition=Q(applied_by=None) | Q(applied_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
