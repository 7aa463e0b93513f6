"""What programs hold: keys, and the answers that a retry gets again."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.core.org.models import Post
from gridloop.faces.exchange.querysets import AnswerQuerySet, ApiKeyQuerySet

CALLS_PER_MINUTE = 600


# What every call counts is no change of the key, and what opens it belongs in no second table.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["digest", "used_at", "minute", "calls"],
)
class ApiKey(models.Model):
    """
    A program's key. Only its hash is kept; the key itself is shown once, when it is made.

    It acts as a post where it has one, as a program that sees all cases otherwise, and in both cases may do
    no more than its scopes say. `minute` and `calls` count what it has used of its limit.
    """

    name = models.CharField(_("用途"), max_length=60)
    prefix = models.CharField(_("密钥开头"), max_length=12)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    post = models.ForeignKey(
        Post,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("以岗位身份"),
        help_text=_("留空表示以“应用程序”身份，可见全部案件"),
    )
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("权限范围"))
    calls_per_minute = models.PositiveIntegerField(_("每分钟最多调用"), default=CALLS_PER_MINUTE)
    created_at = models.DateTimeField(_("发放时间"))
    expires_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, editable=False)
    used_at = models.DateTimeField(_("最近使用"), null=True, editable=False)
    minute = models.DateTimeField(null=True, editable=False)
    calls = models.PositiveIntegerField(default=0, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = pgettext_lazy("many", "接口密钥")
        constraints = [
            models.CheckConstraint(name="api_key_named", condition=~Q(name="")),
            models.CheckConstraint(name="api_key_has_scopes", condition=Q(scopes__len__gte=1)),
            models.CheckConstraint(name="api_key_limit_positive", condition=Q(calls_per_minute__gte=1)),
            models.CheckConstraint(
                name="api_key_expires_after_made",
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotentAnswer(models.Model):
    """What was answered under one Idempotency-Key of one program, kept for its retries."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    request = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0)
    etag = models.CharField(max_length=20, blank=True)
    body = models.BinaryField(default=b"")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("已存应答")
        verbose_name_plural = _("已存应答")
        constraints = [models.UniqueConstraint("api_key", "key", name="idempotent_answer_once")]
        indexes = [models.Index("at", name="idempotent_answer_by_age")]

    def __str__(self) -> str:
        return self.key
