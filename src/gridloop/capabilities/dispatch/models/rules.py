"""The rules of dispatch that a town writes itself."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.capabilities.dispatch.matching import ANY_TIME, OUTSIDE, WITHIN
from gridloop.capabilities.dispatch.querysets import RuleQuerySet
from gridloop.core.org.models import Unit, User

NAME_LENGTH, WORD_LENGTH = 60, 40


class WorkingTime(models.TextChoices):
    """Whether a rule holds only while the town's offices are open, or only while they are not."""

    ANY = ANY_TIME, _("不限")
    WITHIN = WITHIN, _("工作时间内")
    OUTSIDE = OUTSIDE, _("工作时间外")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DispatchRule(models.Model):
    """
    Where all conditions hold, this unit leads, these assist, this person has it by name.

    Rules are asked in the order of `position`; the first that fits decides. What a condition leaves empty it
    does not ask for. `beats_duty`: the rule goes before the duty list, and every proposal says so.
    """

    position = models.PositiveIntegerField(_("次序"))
    name = models.CharField(_("名称"), max_length=NAME_LENGTH)
    category_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("类别"))
    region_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("区划"))
    channels = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("来源"))
    words = ArrayField(
        models.CharField(max_length=WORD_LENGTH), default=list, blank=True, verbose_name=_("关键词")
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("星期")
    )
    starts = models.TimeField(_("从"), null=True, blank=True)
    ends = models.TimeField(_("到"), null=True, blank=True)
    working_time = models.CharField(
        _("工作时间"), max_length=8, choices=WorkingTime, default=WorkingTime.ANY, blank=True
    )
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主办单位")
    )
    assist_unit_ids = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("协办单位")
    )
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("指定经办人")
    )
    beats_duty = models.BooleanField(_("优先于履职清单"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    version = models.PositiveIntegerField(default=1)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("派遣规则")
        verbose_name_plural = _("派遣规则")
        constraints = [
            # Rules change places within a transaction.
            models.UniqueConstraint(
                fields=["position"], name="rule_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="rule_does_something", condition=Q(lead__isnull=False) | ~Q(assist_unit_ids=[])
            ),
            models.CheckConstraint(
                name="rule_hours_whole",
                condition=Q(starts=None, ends=None) | Q(starts__isnull=False, ends__isnull=False),
            ),
            models.CheckConstraint(
                name="rule_names_one_of_its_lead", condition=Q(assignee=None) | Q(lead__isnull=False)
            ),
            models.CheckConstraint(
                name="rule_working_time_known", condition=Q(working_time__in=WorkingTime.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleUse(models.Model):
    """How often a rule was the ground of a dispatch: counted as it happens, apart from its history."""

    rule = models.OneToOneField(DispatchRule, models.CASCADE, primary_key=True, related_name="use")
    hits = models.PositiveIntegerField(_("命中次数"), default=0)
    followed = models.PositiveIntegerField(_("采纳次数"), default=0)
    last_at = models.DateTimeField(_("最近命中"), null=True)

    def __str__(self) -> str:
        return f"{self.rule_id} {self.hits}"
