"""When a deadline warns, when it is late, who is told of it after how long, and what was told."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.worktime import LimitUnit
from gridloop.capabilities.oversight.querysets import AlertQuerySet
from gridloop.core.cases.models import Case, Clock
from gridloop.core.catalogue.labels import UNIT_LABELS
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.models import User

WORDS_LENGTH = 200
MOST_AFTER = 1000


class AlertLevel(models.TextChoices):
    """Yellow before the end, red after it."""

    WARN = "warn", _("黄色预警")
    OVERDUE = "overdue", _("红色超期")


class ChainStage(models.TextChoices):
    """The stages that a chain may be for: those of the loop, and the reply to a supervision."""

    ACCEPT = "accept", _("受理")
    DISPATCH = "dispatch", _("派遣")
    SIGN = "sign", _("签收")
    HANDLE = "handle", _("处置")
    VERIFY = "verify", _("核查")
    REPLY = "reply", _("督办回复")


class Whom(models.TextChoices):
    """Who is told. What each stands for is in `recipients`."""

    HANDLER = "handler", _("经办人")
    UNIT = "unit", _("承办单位人员")
    UNIT_LEAD = "unit_lead", _("单位负责人")
    CENTRE = "centre", _("指挥中心坐席")
    LEADER = "leader", _("值班领导")


class ChainStep(models.Model):
    """
    One link: at this moment of a deadline these people are told.

    A warning comes when `share` percent of the limit's working time is used, or `amount` of `unit` before
    the end; a red step `amount` of `unit` after it, in working or in clock time as the unit says. Without a
    stage or an urgency it is for all of them.
    """

    stage = models.CharField(_("环节"), max_length=8, choices=ChainStage, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=10, choices=Urgency, blank=True)
    level = models.CharField(_("级别"), max_length=8, choices=AlertLevel)
    share = models.PositiveSmallIntegerField(_("时限用去百分比"), null=True, blank=True)
    amount = models.PositiveSmallIntegerField(_("时长"), null=True, blank=True)
    unit = models.CharField(
        _("单位"), max_length=14, choices=[(u.value, UNIT_LABELS[u]) for u in LimitUnit], blank=True
    )
    whom = ArrayField(models.CharField(max_length=10, choices=Whom), verbose_name=_("告知"))
    words = models.CharField(_("附言"), max_length=WORDS_LENGTH, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    changed_at = models.DateTimeField(_("修改时间"))
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("修改人")
    )

    class Meta:
        verbose_name = _("提醒规则")
        verbose_name_plural = pgettext_lazy("many", "提醒规则")
        constraints = [
            models.CheckConstraint(name="chain_level_known", condition=Q(level__in=AlertLevel.values)),
            models.CheckConstraint(name="chain_stage_known", condition=Q(stage__in=["", *ChainStage.values])),
            models.CheckConstraint(
                name="chain_says_when",
                condition=Q(level="warn", share__gte=1, share__lte=99, amount=None, unit="")
                | (
                    Q(share=None, amount__lte=MOST_AFTER)
                    & ~Q(unit="")
                    & (Q(level="overdue") | Q(amount__gte=1))
                ),
            ),
            models.CheckConstraint(name="chain_tells_somebody", condition=Q(whom__len__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.stage or '*'} {self.urgency or '*'}"

    @property
    def whom_labels(self) -> str:
        """Return who is told, as one would write it down."""
        return str(_("、")).join(str(Whom(one).label) for one in self.whom)


class Watch(models.Model):
    """
    When the sweep has to look at a running clock again. `due_at` is the end that it was worked out from.

    A clock without a row, or with another end, is worked out anew; a row of a clock that has stopped goes at
    its next look.
    """

    clock = models.OneToOneField(Clock, models.CASCADE, primary_key=True, related_name="+")
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("next_at", "clock", name="watch_next")]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.next_at:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """
    One moment of a deadline that has come: of a clock, or of the reply to a supervision.

    `moment` is when it should have been, `made_at` when the sweep came by. `round` counts the clock's
    extensions, each of which is warned of afresh. `told` is how many people were told: at 0 nobody could be,
    which the desk shows. Without a step no chain is there for a deadline that is late.
    """

    clock = models.ForeignKey(Clock, models.CASCADE, null=True, related_name="+")
    supervision = models.ForeignKey("oversight.Supervision", models.CASCADE, null=True, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    step = models.ForeignKey(
        ChainStep, models.PROTECT, null=True, related_name="+", verbose_name=_("提醒规则")
    )
    level = models.CharField(_("级别"), max_length=8, choices=AlertLevel)
    round = models.PositiveSmallIntegerField(default=0)
    moment = models.DateTimeField(_("应提醒时间"))
    made_at = models.DateTimeField(_("提醒时间"))
    told = models.PositiveSmallIntegerField(_("告知人数"), default=0)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("预警")
        verbose_name_plural = pgettext_lazy("many", "预警")
        constraints = [
            models.UniqueConstraint(
                "clock",
                "step",
                "round",
                condition=Q(supervision=None),
                nulls_distinct=False,
                name="alert_once",
            ),
            models.UniqueConstraint(
                "supervision",
                "step",
                "round",
                condition=Q(clock=None),
                nulls_distinct=False,
                name="alert_of_reply_once",
            ),
            models.CheckConstraint(
                name="alert_of_one_thing",
                condition=Q(clock=None, supervision__isnull=False) | Q(clock__isnull=False, supervision=None),
            ),
            models.CheckConstraint(name="alert_level_known", condition=Q(level__in=AlertLevel.values)),
        ]
        indexes = [
            models.Index(fields=["case", "-id"], name="alert_by_case"),
            models.Index("clock", condition=Q(told=0), name="alert_unheard"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.case_id} {self.moment:%Y-%m-%d %H:%M}"
