"""The case itself, its links to others, and who reported it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.fields import EncryptedTextField
from gridloop.base.common.ids import new_id, show_tracking_code
from gridloop.core.cases.labels import PUBLIC_STATES, STATES, Channel, Demand, RejectReason
from gridloop.core.cases.querysets import CaseQuerySet
from gridloop.core.cases.workflow import ENDED, OPEN, State
from gridloop.core.catalogue.models import Category, Urgency
from gridloop.core.org.models import Region, SourceSystem, User

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
        Category, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("类别")
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
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", db_index=False, verbose_name=_("区划")
    )

    state = models.CharField(_("状态"), max_length=12, choices=[(s.value, STATES[s]) for s in State])
    state_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
    log_head = models.BinaryField(max_length=32, editable=False)
    reported_at = models.DateTimeField(_("上报时间"))
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("上报人员")
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
    is_drill = models.BooleanField(_("演练"), default=False)
    needs_call_back = models.BooleanField(_("待回访"), default=False)
    needs_review = models.BooleanField(_("待复核"), default=False)
    reject_reason = models.CharField(_("不予受理原因"), max_length=12, choices=RejectReason, blank=True)
    outcome = models.TextField(_("办理结果"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="duplicates", db_index=False, verbose_name=_("并入")
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
        # An index that begins with a foreign key stands in for the key's own: every verb writes one less.
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
            # What ended, and where places come back, is summed up from the index alone.
            models.Index(
                fields=["closed_at"],
                include=["state", "registered_at", "is_self_closed", "is_drill", "region"],
                condition=Q(closed_at__isnull=False),
                name="case_by_end",
            ),
            models.Index(
                fields=["id"],
                include=["lon", "lat", "category", "region"],
                condition=Q(lon__isnull=False, category__isnull=False, is_drill=False),
                name="case_places",
            ),
            models.Index("id", condition=Q(is_confidential=True), name="case_confidential"),
            models.Index("closed_at", condition=Q(is_confidential=True), name="case_confidential_by_end"),
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
