"""Plans: what an emergency of a kind needs, prepared; every change is a version of its own."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.core.org.models import User


class IncidentKind(models.TextChoices):
    FIRE = "fire", _("火灾")
    GAS = "gas", _("燃气泄漏")
    FLOOD = "flood", _("内涝台风")
    MISSING = "missing", _("走失人员")
    TRAFFIC = "traffic", _("交通事故")
    HAZMAT = "hazmat", _("危化品泄漏")
    OUTAGE = "outage", _("停水停电")
    COLLAPSE = "collapse", _("坍塌")
    HEALTH = "health", _("公共卫生")
    CROWD = "crowd", _("人员聚集")
    OTHER = "other", _("其他突发事件")


class Plan(models.Model):
    """A plan (预案) for one kind of emergency; what it says stands in its versions, the latest in force."""

    name = models.CharField(_("预案名称"), max_length=60, unique=True)
    kind = models.CharField(_("适用事件"), max_length=10, choices=IncidentKind)
    is_active = models.BooleanField(_("启用"), default=True)
    version = models.PositiveIntegerField(_("版本"), default=0)

    class Meta:
        verbose_name = _("预案")
        verbose_name_plural = pgettext_lazy("many", "预案")
        constraints = [
            models.CheckConstraint(name="plan_kind_known", condition=Q(kind__in=IncidentKind.values))
        ]

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """
    What a plan said from one change to the next; never altered, so that an incident keeps what it followed.

    `content` is `{"roles": [{"label", "kind", "skills", "count", "radius_m", "resources"}], "steps":
    [{"text", "role", "due_m"}], "documents": [{"sha256", "content_type", "name"}]}`.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("版本"))
    content = models.JSONField(_("内容"))
    at = models.DateTimeField(_("修订时间"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("修订人"))
    note = models.CharField(_("修订说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("预案版本")
        constraints = [models.UniqueConstraint("plan", "number", name="plan_version_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"

    @property
    def roles(self) -> list[dict[str, Any]]:
        return self.content.get("roles", [])

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.content.get("steps", [])

    @property
    def documents(self) -> list[dict[str, Any]]:
        return self.content.get("documents", [])
