"""What is said to a unit by those who watch: a reminder (催办), and a supervision slip (督办单)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.capabilities.oversight.querysets import SupervisionQuerySet
from gridloop.core.cases.models import Case
from gridloop.core.org.models import Unit, User

TEXT_MOST = 2000


class ReminderCause(models.TextChoices):
    """Why somebody is reminded; of one case there is one reminder for each."""

    OVERDUE = "overdue", _("已经超期")
    SOON = "soon", _("即将到期")
    ASKED = "asked", _("上报人催问")
    SILENT = "silent", _("长时间没有进展")
    WEATHER = "weather", _("天气、活动等要求提前办理")
    OTHER = "other", _("其他原因")


class SupervisionCause(models.TextChoices):
    """Why a matter is supervised; of one case there is one slip for each."""

    OVERDUE = "overdue", _("超期未办结")
    UNHEEDED = "unheeded", _("催办后仍无进展")
    PROBLEM = "problem", _("问题工单")
    FALSE_CLOSURE = "false_closure", _("虚假办结")
    ORDERED = "ordered", _("领导交办")
    SAFETY = "safety", _("涉及安全")
    OTHER = "other", _("其他原因")


class SupervisionState(models.TextChoices):
    ISSUED = "issued", _("待回复")
    REPLIED = "replied", _("已回复")
    RELEASED = "released", _("已解除")


class Reminder(models.Model):
    """
    One reminder to whoever has the case in hand. Nobody is named in it: it goes to units.

    `about` is the deadline that it speaks of, or the round of the loop: a new deadline may be reminded of.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    cause = models.CharField(_("原因"), max_length=10, choices=ReminderCause)
    about = models.CharField(max_length=60)
    note = models.TextField(_("说明"), blank=True)
    at = models.DateTimeField(_("催办时间"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("催办人"))
    told = models.PositiveSmallIntegerField(_("告知人数"), default=0)

    class Meta:
        verbose_name = _("催办")
        verbose_name_plural = pgettext_lazy("many", "催办")
        constraints = [
            models.UniqueConstraint("case", "cause", "about", name="reminder_once"),
            models.CheckConstraint(name="reminder_cause_known", condition=Q(cause__in=ReminderCause.values)),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.case_id}"


class SlipSeries(models.Model):
    """The last number that was given to a supervision slip in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.year} {self.last}"


class Supervision(models.Model):
    """
    A supervision slip (督办单): matter, unit, demand and date; then the unit's reply, and the release.

    `round` is the case's count of reopenings: a matter that was taken up again may be supervised again.
    """

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("承办单位"))
    cause = models.CharField(_("督办原因"), max_length=14, choices=SupervisionCause)
    round = models.PositiveSmallIntegerField(default=0)
    matter = models.TextField(_("督办事项"))
    demand = models.TextField(_("办理要求"))
    state = models.CharField(
        _("状态"), max_length=8, choices=SupervisionState, default=SupervisionState.ISSUED
    )
    issued_at = models.DateTimeField(_("签发时间"))
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("签发人"))
    issued_as = models.CharField(_("签发"), max_length=120)
    due_at = models.DateTimeField(_("回复期限"))
    replied_at = models.DateTimeField(_("回复时间"), null=True)
    released_at = models.DateTimeField(_("解除时间"), null=True)
    returns = models.PositiveSmallIntegerField(_("退回次数"), default=0)

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("督办单")
        verbose_name_plural = pgettext_lazy("many", "督办单")
        constraints = [
            models.UniqueConstraint("year", "serial", name="supervision_numbered_once"),
            models.UniqueConstraint("case", "cause", "round", name="supervision_once"),
            models.CheckConstraint(
                name="supervision_state_known", condition=Q(state__in=SupervisionState.values)
            ),
            models.CheckConstraint(
                name="supervision_cause_known", condition=Q(cause__in=SupervisionCause.values)
            ),
            models.CheckConstraint(
                name="supervision_replied_once_replied",
                condition=Q(state="issued", replied_at=None)
                | Q(state="replied", replied_at__isnull=False)
                | Q(state="released"),
            ),
            models.CheckConstraint(
                name="supervision_released_whole",
                condition=Q(state="released", released_at__isnull=False)
                | (~Q(state="released") & Q(released_at=None)),
            ),
        ]
        indexes = [
            models.Index("due_at", "id", condition=~Q(state="released"), name="supervision_open_by_due"),
            models.Index(fields=["unit", "-id"], name="supervision_by_unit"),
            models.Index("case", name="supervision_by_case"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return the number as it is printed: 督〔2026〕7号."""
        return f"督〔{self.year}〕{self.serial}号"


class SupervisionLine(models.Model):
    """What was said in a supervision, in order: the demand, replies, returns, the release."""

    class SupervisionStep(models.TextChoices):
        ISSUE = "issue", pgettext_lazy("supervision", "签发")
        REPLY = "reply", pgettext_lazy("supervision", "回复")
        RETURN = "return", pgettext_lazy("supervision", "退回重报")
        RELEASE = "release", pgettext_lazy("supervision", "解除督办")

    supervision = models.ForeignKey(Supervision, models.CASCADE, related_name="lines")
    step = models.CharField(_("环节"), max_length=8, choices=SupervisionStep)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人"))
    by_label = models.CharField(max_length=120)
    text = models.TextField(_("内容"))

    class Meta:
        verbose_name = _("督办记录")
        verbose_name_plural = pgettext_lazy("many", "督办记录")
        constraints = [
            models.CheckConstraint(
                name="supervision_step_known", condition=Q(step__in=["issue", "reply", "return", "release"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"
