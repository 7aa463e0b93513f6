"""What can be called out: people at their duty place, teams, vehicles, stores, shelters."""

from datetime import datetime
from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.fields import EncryptedTextField
from gridloop.capabilities.incidents.duty import is_on_duty, shown
from gridloop.capabilities.incidents.querysets import ResourceQuerySet
from gridloop.core.org.models import Region, Unit, User


class ResourceKind(models.TextChoices):
    PERSON = "person", _("人员")
    TEAM = "team", _("队伍")
    VEHICLE = "vehicle", _("车辆装备")
    STORE = "store", _("物资仓库")
    SHELTER = "shelter", _("避难场所")


# One that is at work in an emergency cannot be called to another one; a store or a shelter serves several.
EXCLUSIVE = (ResourceKind.PERSON.value, ResourceKind.TEAM.value, ResourceKind.VEHICLE.value)


def _tracked(*exclude: str) -> Any:
    """Keep the history of every change by database trigger, whoever makes it."""
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.track(*events, exclude=list(exclude))


class Skill(models.Model):
    """What a resource can do, in the town's own words; a plan and a search ask for it by its code."""

    code = models.CharField(_("代码"), max_length=24, primary_key=True)
    name = models.CharField(_("技能"), max_length=24, unique=True)

    class Meta:
        verbose_name = _("技能")
        verbose_name_plural = _("技能")
        constraints = [
            models.CheckConstraint(name="skill_code_plain", condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"))
        ]

    def __str__(self) -> str:
        return self.name


@_tracked("contact")
class Resource(models.Model):
    """
    One that can be called out. Its point (WGS-84) is where it stands on duty, never where somebody walks.

    `duty` is a weekly pattern as `duty.tidy` writes it, empty for round the clock. `contact` is encrypted: it
    is often a person's own number. `capacity` counts what the kind has: people of a team, seats, beds.
    """

    code = models.CharField(_("资源编号"), max_length=30, unique=True)
    kind = models.CharField(_("类型"), max_length=8, choices=ResourceKind)
    name = models.CharField(_("名称"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("所属单位"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("所在区划"))
    address = models.CharField(_("值守地点"), max_length=120, blank=True)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    skills = ArrayField(models.CharField(max_length=24), verbose_name=_("技能"), default=list, blank=True)
    duty = models.CharField(_("值守时间"), max_length=200, blank=True)
    contact = EncryptedTextField(_("联系电话"), blank=True)
    capacity = models.PositiveIntegerField(_("容量"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    owners = models.ManyToManyField(
        User, through="ResourceOwner", related_name="+", verbose_name=_("应答人员")
    )

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("应急资源")
        verbose_name_plural = pgettext_lazy("many", "应急资源")
        constraints = [
            models.CheckConstraint(name="resource_kind_known", condition=Q(kind__in=ResourceKind.values)),
            models.CheckConstraint(name="resource_code_given", condition=~Q(code="")),
            models.CheckConstraint(
                name="resource_point_in_range",
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
            ),
        ]
        indexes = [
            models.Index("kind", "lon", "lat", condition=Q(is_active=True), name="resource_by_point"),
            GinIndex("skills", name="resource_by_skill"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_on_duty(self, at: datetime) -> bool:
        return is_on_duty(self.duty, at)

    @property
    def shown_duty(self) -> str:
        return shown(self.duty)

    @property
    def is_exclusive(self) -> bool:
        return self.kind in EXCLUSIVE


@_tracked()
class ResourceOwner(models.Model):
    """A person who answers when the resource is called."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="owner_links")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("应答人员"))

    class Meta:
        verbose_name = _("应答人员")
        constraints = [models.UniqueConstraint("resource", "user", name="resource_owner_once")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.user_id}"


@_tracked()
class StockLine(models.Model):
    """One line of what a store holds."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="stock")
    item = models.CharField(_("物资"), max_length=40)
    quantity = models.DecimalField(_("数量"), max_digits=10, decimal_places=1)
    measure = models.CharField(_("单位"), max_length=8)

    class Meta:
        verbose_name = _("库存")
        constraints = [
            models.UniqueConstraint("resource", "item", name="stock_item_once"),
            models.CheckConstraint(name="stock_not_negative", condition=Q(quantity__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.quantity.normalize():f}{self.measure}"
