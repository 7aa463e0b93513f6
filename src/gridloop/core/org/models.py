"""Where and who: regions and their boundaries, units, people, posts, and the work calendar."""

from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from treebeard.mp_tree import MP_Node

from gridloop.core.org.permissions import APPOINTABLE, ROLES, Role, role_choices
from gridloop.core.org.querysets import (
    BoundaryQuerySet,
    CalendarQuerySet,
    PostQuerySet,
    RegionManager,
    UnitManager,
)


def _tracked(*exclude: str) -> Any:
    """Keep the history of every change by database trigger, whoever makes it."""
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.track(*events, exclude=list(exclude))


@_tracked("password", "last_login")
class User(AbstractUser):
    """A person who can sign in. What the person may do comes from posts, never from here."""

    # A Chinese name is one word; two halves of it would only drift apart.
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("姓名"), max_length=60, blank=True)
    phone = models.CharField(_("工作电话"), max_length=20, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("人员")  # type: ignore[assignment]  # the stubs know plain text only
        verbose_name_plural = pgettext_lazy("many", "人员")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        return self.full_name or self.get_username()

    def get_short_name(self) -> str:
        return self.get_full_name()


class Level(models.TextChoices):
    """Levels of the tree, from the top down; a village and a community are peers."""

    PROVINCE = "province", _("省")
    CITY = "city", _("市")
    DISTRICT = "district", _("区县")
    TOWN = "town", _("镇街")
    VILLAGE = "village", _("村")
    COMMUNITY = "community", _("社区")
    GRID = "grid", _("网格")
    MICRO_GRID = "micro_grid", _("微网格")


GRID_LEVELS = (Level.GRID.value, Level.MICRO_GRID.value)


class GridKind(models.TextChoices):
    COMPREHENSIVE = "comprehensive", _("综合网格")
    EXCLUSIVE = "exclusive", _("专属网格")
    MICRO = "micro", _("微网格")


_IS_GRID = Q(level__in=GRID_LEVELS)


@_tracked()
class Region(MP_Node):
    """
    A piece of the administrative map, from the province down to the micro-grid.

    The code is the 12 digits of the statistical division; a grid adds a suffix of up to 7 to its village's.
    """

    code = models.CharField(_("代码"), max_length=19, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    level = models.CharField(_("层级"), max_length=12, choices=Level)
    grid_kind = models.CharField(_("网格类型"), max_length=14, choices=GridKind, blank=True)
    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)
    population = models.PositiveIntegerField(_("人口"), null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    objects: ClassVar[RegionManager] = RegionManager()

    class Meta:
        verbose_name = _("区划")
        verbose_name_plural = pgettext_lazy("many", "区划")
        constraints = [
            models.CheckConstraint(name="region_level_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(
                name="region_code_fits_level",
                condition=(_IS_GRID & Q(code__regex=r"^[0-9]{12}[0-9A-Z]{1,7}$"))
                | (~_IS_GRID & Q(code__regex=r"^[0-9]{12}$")),
            ),
            models.CheckConstraint(
                name="region_grid_kind_fits_level",
                condition=Q(level=Level.GRID, grid_kind__in=[GridKind.COMPREHENSIVE, GridKind.EXCLUSIVE])
                | Q(level=Level.MICRO_GRID, grid_kind=GridKind.MICRO)
                | (~_IS_GRID & Q(grid_kind="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_grid(self) -> bool:
        return self.level in GRID_LEVELS


class SourceSystem(models.TextChoices):
    """The coordinate system in which a boundary arrived; what is stored is always WGS-84."""

    WGS84 = "wgs84", _("WGS-84（CGCS2000）")
    GCJ02 = "gcj02", _("GCJ-02（国测局）")
    BD09 = "bd09", _("BD-09（百度）")


class Boundary(models.Model):
    """The ground that a region covered from `valid_from` until `valid_to`; open-ended while it is current."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="boundaries", verbose_name=_("区划"))
    wkb = models.BinaryField(_("边界"), help_text="MultiPolygon, WGS-84, well-known binary")
    source_crs = models.CharField(_("来源坐标系"), max_length=8, choices=SourceSystem)
    valid_from = models.DateTimeField(_("生效时间"))
    valid_to = models.DateTimeField(_("失效时间"), null=True, blank=True)

    objects = BoundaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("边界")
        verbose_name_plural = _("边界")
        constraints = [
            models.UniqueConstraint("region", condition=Q(valid_to=None), name="boundary_one_current"),
            models.CheckConstraint(
                name="boundary_valid_period", condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="boundary_source_crs_known", condition=Q(source_crs__in=SourceSystem.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.valid_from:%Y-%m-%d}"


class UnitKind(models.TextChoices):
    CENTRE = "centre", _("指挥中心")
    DEPARTMENT = "department", _("部门")
    VILLAGE_COMMITTEE = "village_committee", _("村民委员会")
    COMMUNITY_COMMITTEE = "community_committee", _("社区居民委员会")
    BRANCH = "branch", _("党支部")
    TEAM = "team", _("队伍")
    STATION = "station", _("站点")
    ENTERPRISE = "enterprise", _("企业")
    OTHER = "other", _("其他")


@_tracked()
class Unit(MP_Node):
    """Whoever a work order can be given to: a department, a committee, a team, a station."""

    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("类型"), max_length=20, choices=UnitKind)
    region = models.ForeignKey(Region, models.PROTECT, related_name="units", verbose_name=_("所在区划"))
    duty_phone = models.CharField(_("值班电话"), max_length=20, blank=True)
    takes_named = models.BooleanField(
        _("允许直接派到人"), default=False, help_text=_("派遣时可以指定本单位的经办人；同事仍可代办。")
    )
    is_active = models.BooleanField(_("启用"), default=True)

    objects: ClassVar[UnitManager] = UnitManager()

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = pgettext_lazy("many", "单位")
        constraints = [
            models.CheckConstraint(name="unit_kind_known", condition=Q(kind__in=UnitKind.values)),
            models.CheckConstraint(name="unit_code_given", condition=~Q(code="")),
        ]

    def __str__(self) -> str:
        return self.name


@_tracked()
class Post(models.Model):
    """A person in a unit, in a role, for a region. A person may hold several and acts in one at a time."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("人员"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name=_("单位"))
    role = models.CharField(_("角色"), max_length=16, choices=role_choices())
    region = models.ForeignKey(Region, models.PROTECT, related_name="posts", verbose_name=_("责任区划"))
    starts_on = models.DateField(_("任职日期"))
    ends_on = models.DateField(_("离任日期"), null=True, blank=True)
    is_default = models.BooleanField(_("默认岗位"), default=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = pgettext_lazy("many", "岗位")
        constraints = [
            models.CheckConstraint(name="post_role_appointable", condition=Q(role__in=list(APPOINTABLE))),
            models.CheckConstraint(
                name="post_period", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.UniqueConstraint("user", condition=Q(is_default=True), name="post_one_default"),
            models.UniqueConstraint(
                "user", "unit", "role", "region", condition=Q(ends_on=None), name="post_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{ROLES[Role(self.role)].label} #{self.pk}"


@_tracked()
class CalendarDay(models.Model):
    """Whether one date is worked; a date without a row is unknown and never guessed."""

    date = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("工作日"))
    name = models.CharField(_("名称"), max_length=40, blank=True)
    source = models.CharField(_("来源"), max_length=200, blank=True)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("工作日历")
        verbose_name_plural = _("工作日历")

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d}"


class WorkingHours(models.Model):
    """One working interval of a day. The rows of the latest `valid_from` so far are in force together."""

    starts = models.TimeField(_("上班"))
    ends = models.TimeField(_("下班"))
    valid_from = models.DateField(_("生效日期"))

    class Meta:
        verbose_name = _("工作时间")
        verbose_name_plural = _("工作时间")
        constraints = [
            models.CheckConstraint(name="working_hours_forward", condition=Q(ends__gt=F("starts"))),
            models.UniqueConstraint("valid_from", "starts", name="working_hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}-{self.ends:%H:%M}"


class Revision(models.Model):
    """A counter that tells every process when something it keeps in memory has changed."""

    name = models.CharField(max_length=40, primary_key=True)
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
