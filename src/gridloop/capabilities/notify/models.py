"""What a person is told, by which ways outside the application, and how each of these went."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.fields import EncryptedTextField
from gridloop.base.common.ids import new_id
from gridloop.capabilities.notify.querysets import DeliveryQuerySet, NoticeQuerySet
from gridloop.core.cases.models import Case
from gridloop.core.org.models import User

TITLE_LENGTH = 120
URL_LENGTH = 400


class Notice(models.Model):
    """
    One thing that one person is told. The key is the UUIDv7 of `at`, so keys sort by the time of telling.

    `topic` is the code of what it is about, `once` a key under which the person is told no second time.

    By mail and messenger go title and link alone; `outward` instead of a title that somebody had a word in.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("收件人"))
    topic = models.CharField(_("主题"), max_length=40)
    title = models.CharField(_("标题"), max_length=TITLE_LENGTH)
    outward = models.CharField(max_length=TITLE_LENGTH, blank=True)
    body = models.TextField(_("内容"), blank=True)
    url = models.CharField(_("链接"), max_length=URL_LENGTH, blank=True)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+", verbose_name=_("案件"))
    is_urgent = models.BooleanField(_("紧急"), default=False)
    at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True)
    once = models.CharField(max_length=120, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = pgettext_lazy("many", "消息")
        constraints = [models.UniqueConstraint("user", "once", condition=~Q(once=""), name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_newest"),
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notice_unread"),
            models.Index("case", condition=Q(case__isnull=False), name="notice_by_case"),
        ]

    def __str__(self) -> str:
        return self.title


class ChannelKind(models.TextChoices):
    EMAIL = "email", _("电子邮件")
    SMS = "sms", _("短信")
    MESSENGER = "messenger", _("即时消息")


class Channel(models.Model):
    """
    A way to reach a person outside the application: an address, a number, or the address of a messenger.

    Nothing but the code that proves it is sent there until it is verified. `code` and `tries` are of that
    proof and empty again afterwards.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("人员"))
    kind = models.CharField(_("方式"), max_length=10, choices=ChannelKind)
    address = EncryptedTextField(_("地址"))
    is_active = models.BooleanField(_("启用"), default=True)
    verified_at = models.DateTimeField(_("验证时间"), null=True)
    code = models.CharField(max_length=6, blank=True)
    code_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("接收方式")
        verbose_name_plural = pgettext_lazy("many", "接收方式")
        constraints = [
            models.CheckConstraint(name="channel_kind_known", condition=Q(kind__in=ChannelKind.values)),
            models.CheckConstraint(
                name="channel_code_has_its_time",
                condition=Q(code="", code_at=None) | (~Q(code="") & Q(code_at__isnull=False)),
            ),
        ]
        indexes = [models.Index("user", name="channel_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_usable(self) -> bool:
        return self.is_active and self.verified_at is not None


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("待发送")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")
    DROPPED = "dropped", _("过时未发")


class Delivery(models.Model):
    """
    One message on its way by one channel: a notice, or the code that proves the channel.

    `due_at` is when it is tried next; `attempts` counts how often it was.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    state = models.CharField(_("状态"), max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("已试次数"), default=0)
    error = models.TextField(_("原因"), blank=True)
    made_at = models.DateTimeField(_("生成时间"))
    due_at = models.DateTimeField(_("发送时间"))
    ended_at = models.DateTimeField(_("完成时间"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("发送记录")
        verbose_name_plural = pgettext_lazy("many", "发送记录")
        constraints = [
            models.UniqueConstraint("notice", "channel", name="delivery_once"),
            models.CheckConstraint(name="delivery_state_known", condition=Q(state__in=DeliveryState.values)),
            models.CheckConstraint(
                name="delivery_ended_iff_not_waiting",
                condition=Q(state="waiting", ended_at=None)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index("due_at", condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["channel", "-id"], name="delivery_by_channel"),
            models.Index("ended_at", condition=Q(ended_at__isnull=False), name="delivery_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
