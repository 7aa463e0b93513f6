"""A batch of cases that are dispatched by one confirmation, kept with all that its preview showed."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.capabilities.dispatch.querysets import BatchItemQuerySet, BatchQuerySet
from gridloop.core.cases.models import Case
from gridloop.core.org.models import Post, Unit, User


class BatchState(models.TextChoices):
    """How far a batch has come. A batch that runs, or is undone, goes on by itself after any fall."""

    PREVIEW = "preview", _("待确认")
    RUNNING = "running", _("派遣中")
    DONE = "done", _("已派遣")
    UNDOING = "undoing", _("撤销中")
    UNDONE = "undone", _("已撤销")


class ItemResult(models.TextChoices):
    """What became of one case of a batch."""

    PLANNED = "planned", _("待派遣")
    LEFT_OUT = "left_out", _("未派遣")
    DISPATCHED = "dispatched", _("已派遣")
    RECALLED = "recalled", _("已撤回")
    KEPT = "kept", _("未能撤回")


class LeftOut(models.TextChoices):
    """Why a case of a batch was not dispatched."""

    ASK = "ask", _("需人工判断")
    FULL = "full", _("承接已满")
    BY_HAND = "by_hand", _("人工移出")
    CHANGED = "changed", _("预览后有变化")
    REFUSED = "refused", _("不能派遣")


class Batch(models.Model):
    """
    Cases that one person wants to dispatch together. Its key is the number that people call it by.

    `query` is the list it was made from, as its filters stand in the address. `undo_until` is set by the
    confirmation; a batch is undone once at the most.
    """

    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("经办"))
    made_at = models.DateTimeField(_("生成时间"))
    query = models.CharField(max_length=2000, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=BatchState, default=BatchState.PREVIEW)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name=_("确认岗位"))
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    undo_until = models.DateTimeField(_("可撤销至"), null=True)
    undo_post = models.ForeignKey(
        Post, models.PROTECT, null=True, related_name="+", verbose_name=_("撤销岗位")
    )
    undone_at = models.DateTimeField(_("撤销时间"), null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("派遣批次")
        verbose_name_plural = _("派遣批次")
        constraints = [
            models.CheckConstraint(name="batch_state_known", condition=Q(state__in=BatchState.values)),
            models.CheckConstraint(
                name="batch_confirmed_whole",
                condition=Q(state="preview", confirmed_at=None, undo_until=None, post=None)
                | (~Q(state="preview") & Q(confirmed_at__isnull=False, undo_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="batch_undone_whole",
                condition=Q(state__in=["undoing", "undone"], undone_at__isnull=False)
                | (~Q(state__in=["undoing", "undone"]) & Q(undone_at=None)),
            ),
        ]
        indexes = [
            models.Index("id", condition=Q(state__in=["running", "undoing"]), name="batch_under_way"),
            models.Index(fields=["made_by", "-id"], name="batch_by_person"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_under_way(self) -> bool:
        return self.state in (BatchState.RUNNING, BatchState.UNDOING)

    def may_be_undone(self, now: datetime) -> bool:
        """Return whether the batch was carried out, never undone, and its time for that is not over."""
        return self.state == BatchState.DONE and self.undo_until is not None and now <= self.undo_until


class BatchItem(models.Model):
    """
    One case of a batch: what was proposed when the preview was made, what was chosen, what became of it.

    `options` are the proposals as they were shown, best first (see `planning.shown`). `rank` is the place of
    the chosen one among them, from 1; empty where a person chose another unit. `version` is the case as it
    was seen, `version_after` as the dispatch left it.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", verbose_name=_("案件"))
    position = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField()
    options = models.JSONField(default=list)
    boundary = models.CharField(_("交界提示"), max_length=300, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("主办单位"))
    assist_unit_ids = ArrayField(models.BigIntegerField(), default=list)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人"))
    rank = models.PositiveSmallIntegerField(_("建议序位"), null=True)
    is_by_hand = models.BooleanField(_("人工选定"), default=False)
    words = models.CharField(_("派遣理由"), max_length=1000, blank=True)
    result = models.CharField(_("结果"), max_length=10, choices=ItemResult, default=ItemResult.PLANNED)
    left_out = models.CharField(_("未派遣原因"), max_length=8, choices=LeftOut, blank=True)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    version_after = models.PositiveIntegerField(null=True)
    done_at = models.DateTimeField(_("派遣时间"), null=True)

    objects = BatchItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("批次案件")
        verbose_name_plural = _("批次案件")
        constraints = [
            models.UniqueConstraint("batch", "case", name="batch_case_once"),
            models.UniqueConstraint("batch", "position", name="batch_position_once"),
            models.CheckConstraint(name="batch_result_known", condition=Q(result__in=ItemResult.values)),
            models.CheckConstraint(
                name="batch_left_out_says_why",
                condition=Q(result="left_out", left_out__in=LeftOut.values)
                | (~Q(result="left_out") & Q(left_out="")),
            ),
            models.CheckConstraint(
                name="batch_goes_to_a_unit", condition=Q(result="left_out") | Q(unit__isnull=False)
            ),
            models.CheckConstraint(
                name="batch_done_whole",
                condition=Q(result__in=["planned", "left_out"], version_after=None, done_at=None)
                | Q(
                    result__in=["dispatched", "recalled", "kept"],
                    version_after__isnull=False,
                    done_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"


class UnitLimit(models.Model):
    """How much a unit can have in hand before one-key dispatch gives it no more; empty is no limit."""

    unit = models.OneToOneField(
        Unit, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("单位")
    )
    most = models.PositiveIntegerField(_("单位在办上限"), null=True, blank=True)
    most_each = models.PositiveIntegerField(_("每人在办上限"), null=True, blank=True)

    class Meta:
        verbose_name = _("承接上限")
        verbose_name_plural = _("承接上限")

    def __str__(self) -> str:
        return str(self.unit_id)
