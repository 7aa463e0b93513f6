"""
What is counted, case by case, and the sums of it.

A `Tally` says that a case counts: for what, on which day, for which unit. A trigger writes each change of
the tallies down as a `Delta`, in the same transaction and by inserting alone, so that two verbs never wait
for each other; a job folds the deltas into the `Counter`s. Whoever reads adds what is not folded yet.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.capabilities.figures.labels import What
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case

NO_UNIT = 0


class Tally(models.Model):
    """
    A case counts once for `what` and unit (0 where there is none) on `day`, a date of the town.

    Region, category and channel are the case's own as they stand now. The log of the case tells which tallies
    it has, see `counting`. Numbers of regions, units and categories are no foreign keys: they outlive these.
    """

    pk = models.CompositePrimaryKey("case_id", "what", "unit_id")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    what = models.CharField(_("统计项"), max_length=12, choices=What)
    unit_id = models.BigIntegerField(_("单位"), default=NO_UNIT)
    day = models.DateField(_("日期"))
    region_id = models.BigIntegerField(_("区划"))
    category_id = models.BigIntegerField(_("类别"), default=0)
    channel = models.CharField(_("来源"), max_length=10, choices=Channel)
    is_excluded = models.BooleanField(_("剔除"), default=False)

    class Meta:
        verbose_name = _("统计记录")
        indexes = [
            # The cases behind a figure, newest first.
            models.Index("what", "unit_id", "day", "case", name="tally_by_unit"),
            models.Index("what", "region_id", "day", "case", name="tally_by_region"),
        ]
        constraints = [models.CheckConstraint(name="tally_what_known", condition=Q(what__in=What.values))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.what} {self.day}"


class Delta(models.Model):
    """A change of the tallies that no counter holds yet; written by trigger, folded by a job."""

    day = models.DateField()
    what = models.CharField(max_length=12)
    region_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    category_id = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    n = models.IntegerField()
    excluded = models.IntegerField()

    class Meta:
        verbose_name = _("未汇总变动")

    def __str__(self) -> str:
        return f"{self.day} {self.what} {self.n:+}"


class Grain(models.TextChoices):
    """How long a counter's period is."""

    DAY = "d", _("按日")
    MONTH = "m", _("按月")
    SETTLED = "s", _("已结算月份")


class Axis(models.TextChoices):
    """
    By what a counter divides: what it does not divide by is 0 or blank in it.

    The last five are the sums that are asked for most, of the whole town: as many as there are regions, units
    or categories, however many cases they hold.
    """

    NONE = "", _("区划和单位")
    CATEGORY = "category", _("区划、单位和类别")
    CHANNEL = "channel", _("区划、单位和来源")
    TOWN = "town", _("全镇")
    REGION = "region", _("区划")
    UNIT = "unit", _("单位")
    TOWN_CATEGORY = "town_category", _("全镇类别")
    TOWN_CHANNEL = "town_channel", _("全镇来源")


class Counter(models.Model):
    """
    How many cases count for `what` in a period, by what the axis divides by; `key` is a category or channel.

    A cube of all of them at once would be no smaller than the tallies. `excluded` of the `n` are left out of
    scores.
    """

    pk = models.CompositePrimaryKey("grain", "axis", "what", "starts_on", "region_id", "unit_id", "key")
    grain = models.CharField(max_length=1, choices=Grain)
    axis = models.CharField(max_length=16, choices=Axis)
    what = models.CharField(max_length=12, choices=What)
    starts_on = models.DateField()
    region_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    key = models.CharField(max_length=20)
    n = models.IntegerField()
    excluded = models.IntegerField()

    class Meta:
        verbose_name = _("汇总数")
        indexes = [
            # Sums of the whole town are read from the index alone: their rows lie far apart among the others.
            models.Index(
                fields=["axis", "what", "grain", "starts_on"],
                include=["region_id", "unit_id", "key", "n", "excluded"],
                condition=Q(axis__in=["town", "region", "unit", "town_category", "town_channel"]),
                name="counter_of_town",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} {self.what} {self.n}"


class Progress(models.Model):
    """How far the first count of the history that was there before the figures has come; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    counted_to = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("历史汇总进度")
        constraints = [models.CheckConstraint(name="figures_progress_once", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.counted_to} {self.done_at}"
