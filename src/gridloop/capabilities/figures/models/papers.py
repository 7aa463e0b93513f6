"""Registers that upper levels ask for, the files made of them, and briefs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.ids import new_id
from gridloop.capabilities.figures.labels import BriefKind, PaperState, Period
from gridloop.core.org.models import User


class Register(models.Model):
    """
    A register as the town has defined it: which columns, of which cases, over which period.

    `filters` are those of the list of cases, by name; `columns` names columns of `columns.COLUMNS`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    columns = models.JSONField(_("栏目"))
    filters = models.JSONField(_("筛选"), default=dict)
    period = models.CharField(_("期间"), max_length=12, choices=Period)
    made_at = models.DateTimeField(_("定义时间"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("定义人"))

    class Meta:
        verbose_name = _("台账定义")
        constraints = [models.CheckConstraint(name="register_named", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name


class RegisterFile(models.Model):
    """
    A register over a long period, made by a job for one person and kept for a day.

    `post_id` is the post in which it was asked for: what that post may see is in it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("台账"), max_length=40)
    definition = models.JSONField()
    since = models.DateField(_("从"))
    until = models.DateField(_("到"))
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("导出人"))
    post_id = models.BigIntegerField()
    state = models.CharField(_("状态"), max_length=8, choices=PaperState, default=PaperState.WAITING)
    done = models.PositiveIntegerField(_("已写行数"), default=0)
    asked_at = models.DateTimeField(_("申请时间"))
    expires_at = models.DateTimeField(_("保留至"))

    class Meta:
        verbose_name = _("台账文件")
        indexes = [
            models.Index(fields=["user", "-id"], name="register_file_of_user"),
            models.Index("expires_at", name="register_file_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.since}"


class Brief(models.Model):
    """A daily, weekly or monthly brief of the whole town: the figures that it states, and its two files."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("种类"), max_length=5, choices=BriefKind)
    starts_on = models.DateField(_("从"))
    state = models.CharField(_("状态"), max_length=8, choices=PaperState, default=PaperState.WAITING)
    facts = models.JSONField(_("所依据的数字"), default=dict)
    has_pdf = models.BooleanField(default=False)
    asked_at = models.DateTimeField(_("生成时间"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("生成人"))

    class Meta:
        verbose_name = _("简报")
        constraints = [models.UniqueConstraint("kind", "starts_on", name="brief_once_a_period")]
        indexes = [models.Index(fields=["-starts_on", "-id"], name="brief_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_on}"
