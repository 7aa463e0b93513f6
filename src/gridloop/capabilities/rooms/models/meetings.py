"""A joint meeting about one case or several: who comes when and where, what was said, what comes of it."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.ids import new_id
from gridloop.capabilities.rooms.querysets import MeetingQuerySet
from gridloop.core.cases.models import Case
from gridloop.core.org.models import Unit, User

TITLE_LENGTH = 120
VENUE_LENGTH = 120


class MeetingState(models.TextChoices):
    PLANNED = "planned", _("待召开")
    HELD = "held", _("已召开")
    CANCELLED = "cancelled", _("已取消")


class Meeting(models.Model):
    """
    会商: the cases, the time, the place and the agenda; once held, the minutes.

    `version` counts the changes: it is what a form was filled in on, and the sequence of the calendar file.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(_("议题"), max_length=TITLE_LENGTH)
    agenda = models.TextField(_("议程"), blank=True)
    venue = models.CharField(_("地点"), max_length=VENUE_LENGTH)
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    cases = models.ManyToManyField(Case, related_name="+", verbose_name=_("案件"))
    state = models.CharField(_("状态"), max_length=10, choices=MeetingState, default=MeetingState.PLANNED)
    version = models.PositiveIntegerField(default=1)
    called_at = models.DateTimeField(_("召集时间"))
    called_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("召集人"))
    called_in = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("召集单位")
    )
    chair = models.CharField(_("主持人"), max_length=60, blank=True)
    minutes = models.TextField(_("会议纪要"), blank=True)
    held_at = models.DateTimeField(_("纪要形成时间"), null=True)
    cancel_reason = models.TextField(_("取消原因"), blank=True)
    form_key = models.UUIDField(unique=True, default=uuid4)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("会商")
        verbose_name_plural = pgettext_lazy("many", "会商")
        constraints = [
            models.CheckConstraint(name="meeting_state_known", condition=Q(state__in=MeetingState.values)),
            models.CheckConstraint(name="meeting_ends_later", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="meeting_held_with_minutes",
                condition=(Q(state="held", held_at__isnull=False) & ~Q(minutes=""))
                | (~Q(state="held") & Q(held_at=None)),
            ),
        ]
        indexes = [models.Index(fields=["-starts_at", "-id"], name="meeting_by_time")]

    def __str__(self) -> str:
        return self.title


class Invitation(models.Model):
    """A unit that is asked to a meeting, or one person of it; and whether they came."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("人员"))
    is_present = models.BooleanField(_("到会"), null=True)
    attendee = models.CharField(_("出席人"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("参会单位")
        verbose_name_plural = pgettext_lazy("many", "参会单位")
        constraints = [
            models.UniqueConstraint("meeting", "unit", "person", nulls_distinct=False, name="invitation_once")
        ]
        indexes = [
            models.Index(fields=["unit", "meeting"], name="invitation_by_unit"),
            models.Index("person", condition=Q(person__isnull=False), name="invitation_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.unit_id}"


class ResolutionKind(models.TextChoices):
    """What is made of a decision: nothing but a line of the minutes, a verb of the case, or a task."""

    RECORD = "record", _("仅作记录")
    DISPATCH = "dispatch", _("派遣")
    ADJUDICATE = "adjudicate", _("裁定主办单位")
    ADD_ASSISTANT = "add_assistant", _("增加协办单位")
    TRANSFER = "transfer", _("改派")
    SPLIT = "split", _("拆分为子案件")
    TASK = "task", _("布置任务")


class ResolutionState(models.TextChoices):
    PENDING = "pending", _("待落实")
    DONE = "done", _("已落实")
    FAILED = "failed", _("未能落实")


class Resolution(models.Model):
    """
    One decision of a meeting, and what became of it. `units` and the others say with what it is carried out:
    the lead first, then assistants; for a transfer from whom to whom; for a task whose it is.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="resolutions")
    number = models.PositiveSmallIntegerField(_("序号"))
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+", verbose_name=_("案件"))
    text = models.TextField(_("决定"))
    kind = models.CharField(_("落实方式"), max_length=14, choices=ResolutionKind)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    from_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("原承办单位")
    )
    assistants = models.ManyToManyField(Unit, related_name="+", verbose_name=_("协办单位"))
    due_on = models.DateField(_("完成期限"), null=True)
    parts = models.JSONField(_("子案件"), default=list)
    state = models.CharField(
        _("状态"), max_length=8, choices=ResolutionState, default=ResolutionState.PENDING
    )
    reason = models.TextField(_("原因"), blank=True)
    done_at = models.DateTimeField(_("落实时间"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("落实人"))
    form_key = models.UUIDField(unique=True, default=uuid4)

    class Meta:
        verbose_name = _("会商决定")
        verbose_name_plural = pgettext_lazy("many", "会商决定")
        constraints = [
            models.UniqueConstraint("meeting", "number", name="resolution_numbered"),
            models.CheckConstraint(name="resolution_kind_known", condition=Q(kind__in=ResolutionKind.values)),
            models.CheckConstraint(
                name="resolution_state_known", condition=Q(state__in=ResolutionState.values)
            ),
            models.CheckConstraint(
                name="resolution_of_a_case_but_for_the_record",
                condition=Q(kind="record") | Q(case__isnull=False),
            ),
            models.CheckConstraint(
                name="resolution_done_iff_at",
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.number}"

    @property
    def is_done(self) -> bool:
        return self.state == ResolutionState.DONE
