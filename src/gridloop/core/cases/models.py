"""
The tables of the closed loop. Rows change only through `actions`; the database guards what a row must be.
"""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.fields import EncryptedTextField
from gridloop.base.common.ids import new_id, show_tracking_code
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.cases.labels import (
    ORDER_STATES,
    PUBLIC_STATES,
    STATES,
    Channel,
    Demand,
    RejectReason,
    SendBackReason,
)
from gridloop.core.cases.querysets import (
    AttachmentQuerySet,
    CaseQuerySet,
    ClockQuerySet,
)
from gridloop.core.cases.workflow import ACTIVE_ORDERS, ENDED, OPEN, OrderState, State
from gridloop.core.catalogue.labels import STAGE_LABELS, UNIT_LABELS
from gridloop.core.catalogue.models import Category, Urgency
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.models import Region, SourceSystem, Unit, User

_OPEN = Q(state__in=sorted(OPEN))


class PlaceMatch(models.TextChoices):
    """How the case's region was found."""

    INSIDE = "inside", _("坐标落在网格内")
    NEAREST = "nearest", _("取最近网格")
    OUTSIDE = "outside", _("坐标在辖区外")
    CHOSEN = "chosen", _("人工指定")
    UNKNOWN = "unknown", _("位置待核实")


class Case(models.Model):
    """
    One problem on its way round the loop. The key is a UUIDv7, so keys sort by the time of reporting.

    `version` is the number of lines in its log and `log_head` the hash of the last. `due_at` is the
    earliest end of its running clocks. `region` is the finest known; the whole town where the place is not
    known.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("案件编号"), max_length=20, unique=True)
    tracking_code = models.CharField(_("查询码"), max_length=16, unique=True)
    kind = models.CharField(_("案件类型"), max_length=20, default="general")
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", verbose_name=_("类别")
    )
    title = models.CharField(_("标题"), max_length=120)
    description = models.TextField(_("问题描述"))
    demand = models.CharField(_("诉求类型"), max_length=10, choices=Demand, default=Demand.HELP)
    channel = models.CharField(_("来源"), max_length=10, choices=Channel)
    source_ref = models.CharField(_("来源编号"), max_length=80, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=10, choices=Urgency, default=Urgency.NORMAL)
    is_confidential = models.BooleanField(_("上报人要求保密"), default=False)

    address = models.CharField(_("地址"), max_length=200, blank=True)
    lon = models.FloatField(_("经度"), null=True)
    lat = models.FloatField(_("纬度"), null=True)
    coordinate_source = models.CharField(_("坐标系"), max_length=8, choices=SourceSystem, blank=True)
    place_match = models.CharField(
        _("定位方式"), max_length=8, choices=PlaceMatch, default=PlaceMatch.UNKNOWN
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("区划"))

    state = models.CharField(_("状态"), max_length=12, choices=[(s.value, STATES[s]) for s in State])
    state_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
    log_head = models.BinaryField(max_length=32, editable=False)
    reported_at = models.DateTimeField(_("上报时间"))
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("上报人员")
    )
    registered_at = models.DateTimeField(_("立案时间"), null=True)
    verified_at = models.DateTimeField(_("核查通过时间"), null=True)
    closed_at = models.DateTimeField(_("结束时间"), null=True)
    due_at = models.DateTimeField(_("期限"), null=True)
    resume_at = models.DateTimeField(_("恢复时间"), null=True)
    send_backs = models.PositiveSmallIntegerField(_("退单次数"), default=0)
    reworks = models.PositiveSmallIntegerField(_("返工次数"), default=0)
    reopenings = models.PositiveSmallIntegerField(_("重办次数"), default=0)
    is_adjudicating = models.BooleanField(_("待裁定"), default=False)
    is_split = models.BooleanField(_("已拆分"), default=False)
    is_self_closed = models.BooleanField(_("自办自结"), default=False)
    needs_call_back = models.BooleanField(_("待回访"), default=False)
    needs_review = models.BooleanField(_("待复核"), default=False)
    reject_reason = models.CharField(_("不予受理原因"), max_length=12, choices=RejectReason, blank=True)
    outcome = models.TextField(_("办理结果"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="duplicates", verbose_name=_("并入")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name=_("上级案件")
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件")
        verbose_name_plural = _("案件")
        constraints = [
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=sorted(State))),
            models.CheckConstraint(
                name="case_closed_at_iff_ended",
                condition=Q(state__in=sorted(ENDED), closed_at__isnull=False) | Q(_OPEN, closed_at=None),
            ),
            models.CheckConstraint(
                name="case_merged_iff_into",
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into=None)),
            ),
            models.CheckConstraint(name="case_not_into_itself", condition=~Q(merged_into=F("id"))),
            models.CheckConstraint(name="case_not_its_own_parent", condition=~Q(parent=F("id"))),
            models.CheckConstraint(
                name="case_resume_iff_suspended",
                condition=Q(state=State.SUSPENDED, resume_at__isnull=False)
                | (~Q(state=State.SUSPENDED) & Q(resume_at=None)),
            ),
            models.CheckConstraint(
                name="case_reason_iff_rejected",
                condition=(Q(state=State.REJECTED) & ~Q(reject_reason=""))
                | (~Q(state=State.REJECTED) & Q(reject_reason="")),
            ),
            models.CheckConstraint(name="case_due_only_while_open", condition=Q(due_at=None) | _OPEN),
            models.CheckConstraint(
                name="case_point_whole_and_in_range",
                condition=Q(lon=None, lat=None) | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
            ),
            models.CheckConstraint(name="case_version_counts", condition=Q(version__gte=1)),
            models.UniqueConstraint(
                "channel", "source_ref", condition=~Q(source_ref=""), name="case_source_once"
            ),
        ]
        indexes = [
            # Hot reads touch only open cases: these stay as small as the town's work in hand.
            models.Index("state", "due_at", "id", condition=_OPEN, name="case_open_by_state"),
            models.Index("region", "state", condition=_OPEN, name="case_open_by_region"),
            models.Index("lon", "lat", condition=_OPEN, name="case_open_by_point"),
            models.Index(
                "needs_call_back", "id", condition=Q(needs_call_back=True), name="case_to_call_back"
            ),
            models.Index("needs_review", "id", condition=Q(needs_review=True), name="case_to_review"),
            models.Index("resume_at", condition=Q(state=State.SUSPENDED), name="case_to_resume"),
            models.Index("merged_into", condition=Q(merged_into__isnull=False), name="case_duplicates"),
            # History is read newest first by key.
            models.Index(fields=["region", "-id"], name="case_by_region"),
            models.Index(fields=["category", "-id"], name="case_by_category"),
            models.Index(fields=["state", "-id"], name="case_by_state"),
            models.Index("closed_at", condition=Q(closed_at__isnull=False), name="case_by_end"),
            models.Index(
                fields=["reported_by", "-id"], condition=Q(reported_by__isnull=False), name="case_by_staff"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def state_label(self) -> str:
        return str(STATES[State(self.state)])

    @property
    def public_state_label(self) -> str:
        return str(PUBLIC_STATES[State(self.state)])

    @property
    def shown_tracking_code(self) -> str:
        return show_tracking_code(self.tracking_code)


class Reporter(models.Model):
    """
    Who reported, apart from the case, so that reading a case never reads a person. All fields may be empty.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="reporter")
    name = EncryptedTextField(_("姓名"), blank=True)
    phone = EncryptedTextField(_("电话"), blank=True)
    id_number = EncryptedTextField(_("证件号码"), blank=True)
    phone_index = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("上报人")
        indexes = [
            models.Index("phone_index", condition=Q(phone_index__isnull=False), name="reporter_by_phone")
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class WordsField(SearchVectorField):  # type: ignore[type-arg]
    """
    A tsvector that is written as its literal: the words are split in `base.common.textsearch`, not by
    PostgreSQL.
    """

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:  # noqa: ARG002
        return "%s::tsvector"


@WordsField.register_lookup
class Holds(models.Lookup):
    """`words__holds=literal`: the words match a tsquery, taken as it is written."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*params, self.rhs]


class CaseWords(models.Model):
    """
    What can be searched in a case; apart from it, because a move must not rewrite the index of its words.

    The words hold the month of reporting as well (`@202611`), so that the newest matches are found first.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="words")
    words = WordsField()

    class Meta:
        indexes = [GinIndex("words", name="case_words")]

    def __str__(self) -> str:
        return str(self.case_id)


class OrderRole(models.TextChoices):
    LEAD = "lead", _("主办")
    ASSIST = "assist", _("协办")


_ACTIVE = Q(state__in=sorted(ACTIVE_ORDERS))


class WorkOrder(models.Model):
    """One unit's share of a case. `is_fixed`: the lead was adjudicated and cannot send it back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="orders", verbose_name=_("案件"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("承办单位"))
    role = models.CharField(_("主协办"), max_length=6, choices=OrderRole)
    state = models.CharField(
        _("状态"), max_length=12, choices=[(s.value, ORDER_STATES[s]) for s in OrderState]
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
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_ORDERS

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


_SCORE = {"gte": 1, "lte": 5}


def _scored(field: str) -> Q:
    return Q(**{field: None}) | Q(**{f"{field}__{k}": v for k, v in _SCORE.items()})


class Feedback(models.Model):
    """What the reporter thinks of the end: given on the tracking page or told on the telephone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="feedback")
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("回访人"))
    is_reached = models.BooleanField(_("已联系上"), default=True)
    attitude = models.PositiveSmallIntegerField(_("态度"), null=True)
    result = models.PositiveSmallIntegerField(_("结果"), null=True)
    is_lawful = models.BooleanField(_("诉求合理合法"), null=True)
    comment = models.TextField(_("意见"), blank=True)

    class Meta:
        verbose_name = _("评价")
        constraints = [
            models.CheckConstraint(
                name="feedback_scores_1_to_5", condition=_scored("attitude") & _scored("result")
            )
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class CaseLink(models.Model):
    """Two cases that have to do with each other; stored once, the smaller key first."""

    first = models.ForeignKey(Case, models.CASCADE, related_name="+")
    second = models.ForeignKey(Case, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="link_in_order", condition=Q(first__lt=F("second"))),
            models.UniqueConstraint("first", "second", name="link_once"),
        ]
        indexes = [models.Index("second", name="link_by_second")]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class Attachment(models.Model):
    """A file of a case. The bytes lie in the storage under their SHA-256, so equal files are kept once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments")
    verb = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    name = models.CharField(_("文件名"), max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    is_public = models.BooleanField(_("上报人可见"), default=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("附件")
        constraints = [
            models.UniqueConstraint("case", "sha256", name="attachment_once"),
            models.CheckConstraint(name="attachment_sha256", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return self.name
