"""An emergency, whom it called, what was to be done, and what was learnt."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.ids import new_id
from gridloop.capabilities.incidents.models.plans import IncidentKind, PlanVersion
from gridloop.capabilities.incidents.models.resources import Resource
from gridloop.capabilities.incidents.querysets import CallQuerySet, IncidentQuerySet
from gridloop.capabilities.incidents.workflow import ACTIVE, ENDED, CallStep
from gridloop.core.cases.models import Case
from gridloop.core.org.models import Region, Unit, User

_ACTIVE = Q(state__in=sorted(ACTIVE))


class IncidentLevel(models.TextChoices):
    """依据: 突发事件应对法, four levels; the town answers to the lowest and asks for help above it."""

    MINOR = "4", _("一般（Ⅳ级）")
    MAJOR = "3", _("较大（Ⅲ级）")
    SERIOUS = "2", _("重大（Ⅱ级）")
    GRAVE = "1", _("特别重大（Ⅰ级）")


class CallState(models.TextChoices):
    """The steps of `workflow.CallStep` as people read them."""

    CALLED = CallStep.CALLED.value, _("已呼叫")
    ACKNOWLEDGED = CallStep.ACKNOWLEDGED.value, _("已接")
    ON_THE_WAY = CallStep.ON_THE_WAY.value, _("在途")
    ON_SPOT = CallStep.ON_SPOT.value, _("到场")
    DONE = CallStep.DONE.value, pgettext_lazy("call", "完成")
    DECLINED = CallStep.DECLINED.value, _("不能到场")
    REPLACED = CallStep.REPLACED.value, _("已替换")
    RELEASED = CallStep.RELEASED.value, _("已解除")


class Settings(models.Model):
    """How the centre calls; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    answer_minutes = models.PositiveSmallIntegerField(_("应答时限（分钟）"), default=5)
    is_automatic = models.BooleanField(_("超时自动改呼"), default=False)
    detour = models.FloatField(_("绕行系数"), default=1.3)
    reach_m = models.PositiveIntegerField(_("搜索范围（米）"), default=15_000)

    class Meta:
        verbose_name = _("应急调度设置")
        constraints = [
            models.CheckConstraint(name="incident_settings_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="incident_settings_in_range",
                condition=Q(answer_minutes__gte=1, detour__gte=1, detour__lte=5, reach_m__gte=100),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Incident(models.Model):
    """
    One emergency from its opening to its review, at a point, with or without a case.

    `version` and `log_head` are number and hash of the last line of its log (`core.audit`, the stream of the
    key). `is_drill` is set for good: nothing of a drill counts anywhere.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("编号"), max_length=20, unique=True)
    kind = models.CharField(_("事件类型"), max_length=10, choices=IncidentKind)
    level = models.CharField(_("级别"), max_length=1, choices=IncidentLevel, default=IncidentLevel.MINOR)
    title = models.CharField(_("事件"), max_length=80)
    brief = models.TextField(_("情况与要求"), blank=True)
    address = models.CharField(_("地点"), max_length=200, blank=True)
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("所在区划"))
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", verbose_name=_("案件"))
    is_drill = models.BooleanField(_("演练"), default=False)
    plan = models.ForeignKey(PlanVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("预案"))
    opened_at = models.DateTimeField(_("启动时间"))
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("启动人"))
    closed_at = models.DateTimeField(_("结束时间"), null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("结束人"))
    outcome = models.TextField(_("处置结果"), blank=True)
    worked = models.TextField(_("做得好的"), blank=True)
    failed = models.TextField(_("做得不够的"), blank=True)
    reviewed_at = models.DateTimeField(_("复盘时间"), null=True)
    version = models.PositiveIntegerField(default=0)
    log_head = models.BinaryField(max_length=32, editable=False, default=b"")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("突发事件")
        verbose_name_plural = pgettext_lazy("many", "突发事件")
        constraints = [
            models.CheckConstraint(name="incident_kind_known", condition=Q(kind__in=IncidentKind.values)),
            models.CheckConstraint(name="incident_level_known", condition=Q(level__in=IncidentLevel.values)),
            models.CheckConstraint(
                name="incident_point_in_range",
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
            ),
            models.CheckConstraint(
                name="incident_closed_after_opening",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="incident_reviewed_once_closed",
                condition=Q(reviewed_at=None) | Q(closed_at__isnull=False),
            ),
            models.UniqueConstraint("case", condition=Q(closed_at=None), name="incident_one_open_a_case"),
        ]
        indexes = [
            models.Index("opened_at", condition=Q(closed_at=None), name="incident_open"),
            models.Index(fields=["region", "-id"], name="incident_by_region"),
            models.Index(fields=["case", "-id"], condition=Q(case__isnull=False), name="incident_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Call(models.Model):
    """
    One resource called to one incident; what it was called as, how far it is, and when it said what.

    `due_at` is until when an answer is waited for; `overdue_at` is when the sweep found none, which it does
    once. `proposed` is whom it then proposed. `is_exclusive` and `is_drill` are the resource's and the
    incident's, kept here for the constraint: nobody is at two emergencies, but an emergency goes before a
    drill.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="calls")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="calls", verbose_name=_("资源"))
    role = models.CharField(_("任务"), max_length=40, blank=True)
    skills = models.JSONField(default=list)
    distance_m = models.PositiveIntegerField(_("路程（米）"), default=0)
    state = models.CharField(_("状态"), max_length=12, choices=CallState, default=CallState.CALLED)
    called_at = models.DateTimeField(_("呼叫时间"))
    called_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField(_("应答时限"))
    overdue_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(_("已接"), null=True)
    on_the_way_at = models.DateTimeField(_("在途"), null=True)
    on_spot_at = models.DateTimeField(_("到场"), null=True)
    done_at = models.DateTimeField(pgettext_lazy("call", "完成"), null=True)
    ended_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    proposed = models.ForeignKey(Resource, models.PROTECT, null=True, related_name="+")
    is_exclusive = models.BooleanField()
    is_drill = models.BooleanField()

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("呼叫")
        constraints = [
            models.CheckConstraint(name="call_state_known", condition=Q(state__in=CallState.values)),
            models.CheckConstraint(
                name="call_ended_at_iff_ended",
                condition=Q(_ACTIVE, ended_at=None) | Q(state__in=sorted(ENDED), ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="call_done_at_iff_done",
                condition=Q(state=CallState.DONE, done_at__isnull=False)
                | (~Q(state=CallState.DONE) & Q(done_at=None)),
            ),
            models.UniqueConstraint("incident", "resource", condition=_ACTIVE, name="call_once_an_incident"),
            models.UniqueConstraint(
                "resource",
                "is_drill",
                condition=Q(_ACTIVE, is_exclusive=True),
                name="call_at_one_emergency",
            ),
        ]
        indexes = [
            models.Index(
                "due_at", "id", condition=Q(state=CallState.CALLED, overdue_at=None), name="call_to_sweep"
            ),
            models.Index("resource", condition=_ACTIVE, name="call_active_by_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.resource_id}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class Callee(models.Model):
    """A person who was told of a call and may answer it; `code` opens the page of this one call."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="callees")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    code = models.CharField(max_length=16, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint("call", "user", name="callee_once")]
        indexes = [models.Index(fields=["user", "-call"], name="callee_by_user")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.user_id}"


class Ask(models.Model):
    """What somebody on the spot needs more of, until the centre has seen to it."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="asks")
    call = models.ForeignKey(Call, models.PROTECT, related_name="asks")
    text = models.CharField(_("增援需求"), max_length=500)
    at = models.DateTimeField(_("时间"))
    met_at = models.DateTimeField(_("已安排"), null=True)

    class Meta:
        verbose_name = _("增援请求")

    def __str__(self) -> str:
        return self.text


class IncidentStep(models.Model):
    """One line of the checklist, from the plan: who does what within how many minutes of the opening."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("步骤"), max_length=200)
    role = models.CharField(_("责任角色"), max_length=40, blank=True)
    due_at = models.DateTimeField(_("时限"), null=True)
    done_at = models.DateTimeField(pgettext_lazy("step", "完成时间"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("完成人"))

    class Meta:
        verbose_name = _("处置步骤")
        constraints = [models.UniqueConstraint("incident", "position", name="incident_step_once")]

    def __str__(self) -> str:
        return self.text


class IncidentFile(models.Model):
    """A photo or document of the incident; the bytes lie in the storage under their SHA-256."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="files")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    name = models.CharField(_("文件名"), max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("现场资料")
        constraints = [models.UniqueConstraint("incident", "sha256", name="incident_file_once")]

    def __str__(self) -> str:
        return self.name


class ReviewTask(models.Model):
    """What is to be put right after the review: what, who, by when."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="tasks")
    text = models.CharField(_("整改事项"), max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("责任单位"))
    due_on = models.DateField(_("完成期限"), null=True)
    done_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("整改事项")

    def __str__(self) -> str:
        return self.text
