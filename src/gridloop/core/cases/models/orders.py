"""What units have to do, by when, and what they ask for."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.ids import new_id
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.cases.labels import ORDER_STATES, SendBackReason
from gridloop.core.cases.models.case import Case
from gridloop.core.cases.querysets import ClockQuerySet, WorkOrderQuerySet
from gridloop.core.cases.workflow import ACTIVE_ORDERS, OrderState
from gridloop.core.catalogue.labels import STAGE_LABELS, UNIT_LABELS
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.models import Unit, User


class OrderRole(models.TextChoices):
    LEAD = "lead", _("主办")
    ASSIST = "assist", _("协办")


_ACTIVE = Q(state__in=sorted(ACTIVE_ORDERS))


class WorkOrder(models.Model):
    """
    One unit's share of a case. `is_fixed`: the lead was adjudicated and cannot send it back.

    `assignee` is the person of the unit to whom it was given by name; the others may act on it all the same.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="orders", verbose_name=_("案件"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("承办单位"))
    role = models.CharField(_("主协办"), max_length=6, choices=OrderRole)
    state = models.CharField(
        _("状态"), max_length=12, choices=[(s.value, ORDER_STATES[s]) for s in OrderState]
    )
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("指定经办人")
    )
    is_fixed = models.BooleanField(_("裁定主办"), default=False)
    is_case_open = models.BooleanField(default=True)
    demand = models.TextField(_("办理要求"), blank=True)
    issued_at = models.DateTimeField(_("派遣时间"))
    signed_at = models.DateTimeField(_("签收时间"), null=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("签收人"))
    ended_at = models.DateTimeField(_("完成时间"), null=True)
    handled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人")
    )
    result = models.TextField(_("处置结果"), blank=True)
    send_back_reason = models.CharField(_("退单理由"), max_length=12, choices=SendBackReason, blank=True)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("工单")
        verbose_name_plural = _("工单")
        constraints = [
            models.CheckConstraint(name="order_state_known", condition=Q(state__in=sorted(OrderState))),
            models.CheckConstraint(
                name="order_ended_iff_not_running",
                condition=Q(state__in=[OrderState.ISSUED, OrderState.HANDLING], ended_at=None)
                | (~Q(state__in=[OrderState.ISSUED, OrderState.HANDLING]) & Q(ended_at__isnull=False)),
            ),
            models.UniqueConstraint("case", condition=Q(_ACTIVE, role=OrderRole.LEAD), name="order_one_lead"),
            models.UniqueConstraint("case", "unit", condition=_ACTIVE, name="order_once_a_unit"),
        ]
        indexes = [
            models.Index("unit", "state", "case", condition=Q(is_case_open=True), name="order_open_by_unit"),
            models.Index(fields=["unit", "-case"], name="order_by_unit"),
            models.Index(
                "assignee",
                "case",
                condition=Q(is_case_open=True, assignee__isnull=False),
                name="order_open_by_name",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_ORDERS

    @property
    def assignee_name(self) -> str:
        """The person's name, where it was given to one; `assignee` is to be loaded with the order."""
        return self.assignee.get_full_name() if self.assignee else ""

    @property
    def assignee_login(self) -> str | None:
        """The name by which programs know the person; `assignee` is to be loaded with the order."""
        return self.assignee.get_username() if self.assignee else None

    @property
    def state_label(self) -> str:
        return str(ORDER_STATES[OrderState(self.state)])


class Clock(models.Model):
    """
    A deadline of a case or of a work order. It has its own copy of amount and unit, so no rulebook moves it.

    `remaining` is kept while paused, in the unit's own measure (see `WorkTime.remaining`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    order = models.ForeignKey(WorkOrder, models.CASCADE, null=True, related_name="clocks")
    stage = models.CharField(_("环节"), max_length=8, choices=[(s.value, STAGE_LABELS[s]) for s in Stage])
    amount = models.PositiveIntegerField(_("时限"))
    unit = models.CharField(_("单位"), max_length=14, choices=[(u.value, UNIT_LABELS[u]) for u in LimitUnit])
    started_at = models.DateTimeField(_("开始"))
    due_at = models.DateTimeField(_("到期"))
    paused_at = models.DateTimeField(_("暂停"), null=True)
    remaining = models.IntegerField(null=True)
    stopped_at = models.DateTimeField(_("停止"), null=True)
    extensions = models.PositiveSmallIntegerField(_("延期次数"), default=0)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("期限")
        verbose_name_plural = _("期限")
        constraints = [
            models.CheckConstraint(name="clock_stage_known", condition=Q(stage__in=list(Stage))),
            models.CheckConstraint(
                name="clock_remaining_iff_paused",
                condition=Q(paused_at=None, remaining=None)
                | Q(paused_at__isnull=False, remaining__isnull=False),
            ),
            models.CheckConstraint(
                name="clock_stopped_after_start",
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")),
            ),
            models.UniqueConstraint(
                "case",
                "order",
                "stage",
                condition=Q(stopped_at=None),
                nulls_distinct=False,
                name="clock_one_running",
            ),
        ]
        indexes = [
            models.Index(
                "due_at", "id", condition=Q(stopped_at=None, paused_at=None), name="clock_running_by_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and self.paused_at is None

    @property
    def stage_label(self) -> str:
        return str(STAGE_LABELS[Stage(self.stage)])


class TimeRequest(models.Model):
    """A unit's wish for more time or for the clock to stand still, and the answer."""

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("延期")
        SUSPENSION = "suspension", _("挂起")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="time_requests")
    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="time_requests")
    kind = models.CharField(_("种类"), max_length=10, choices=Kind)
    amount = models.PositiveIntegerField(_("延长"), null=True)
    until = models.DateTimeField(_("挂起至"), null=True)
    reason = models.TextField(_("理由"))
    asked_at = models.DateTimeField(_("申请时间"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("申请人"))
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("审批人")
    )
    is_granted = models.BooleanField(_("同意"), null=True)

    class Meta:
        verbose_name = _("时限申请")
        constraints = [
            models.CheckConstraint(
                name="time_request_says_how_long",
                condition=Q(kind="extension", amount__isnull=False, until=None)
                | Q(kind="suspension", amount=None, until__isnull=False),
            ),
            models.CheckConstraint(
                name="time_request_decided_whole",
                condition=Q(decided_at=None, is_granted=None)
                | Q(decided_at__isnull=False, is_granted__isnull=False),
            ),
            models.UniqueConstraint("case", condition=Q(decided_at=None), name="time_request_one_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"
