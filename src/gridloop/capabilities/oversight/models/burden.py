"""What the house asks of the people at the base: exemptions from the prohibitions, and the daily figures."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.core.org.models import User


class BurdenPattern(models.TextChoices):
    """The five prohibited patterns. 依据: 国办函〔2026〕12号 负面清单."""

    REPEAT = "repeat", _("重复填表报数")
    CHECK_IN = "check_in", _("打卡签到、积分排名、在线时长")
    FORCED = "forced", _("强制下载安装、强制登录")
    FOR_SHOW = "for_show", _("点赞转发、学习时长等形式考核")
    TRACES = "traces", _("非必要强制上传照片、视频或轨迹")


class BurdenMeasure(models.TextChoices):
    """What is counted a day; `acts` by the verb that was made."""

    CLOSED = "closed", _("办结案件")
    ACTS = "acts", _("网格员填报次数")
    PHOTOS = "photos", _("网格员上传照片")
    MESSAGES = "messages", _("发给网格员的消息")


class BurdenExemption(models.Model):
    """Leave to ask for what is otherwise refused, in an emergency: who gave it, why, and until when."""

    subject = models.CharField(_("对象"), max_length=80)
    pattern = models.CharField(_("情形"), max_length=10, choices=BurdenPattern)
    reason = models.TextField(_("理由"))
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    granted_as = models.CharField(_("批准"), max_length=120)
    granted_at = models.DateTimeField(_("批准时间"))
    until = models.DateTimeField(_("有效期至"))
    ended_at = models.DateTimeField(_("提前终止"), null=True)

    class Meta:
        verbose_name = _("例外")
        verbose_name_plural = pgettext_lazy("many", "例外")
        constraints = [
            models.CheckConstraint(
                name="exemption_pattern_known", condition=Q(pattern__in=BurdenPattern.values)
            ),
            models.CheckConstraint(name="exemption_explained", condition=~Q(reason="")),
            models.CheckConstraint(name="exemption_ends", condition=Q(until__gt=F("granted_at"))),
        ]
        indexes = [models.Index("until", condition=Q(ended_at=None), name="exemption_in_force")]

    def __str__(self) -> str:
        return f"{self.pattern} {self.subject}"


class BurdenDay(models.Model):
    """One number of the cases closed on a local day; made anew from these cases, never added to."""

    day = models.DateField()
    measure = models.CharField(max_length=8, choices=BurdenMeasure)
    verb = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("day", "measure", "verb", name="burden_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.measure} {self.verb}"
