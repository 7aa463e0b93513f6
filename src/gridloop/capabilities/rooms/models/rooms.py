"""The room in which all who have to do with one case speak: messages, decisions, tasks."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.ids import new_id
from gridloop.capabilities.rooms.querysets import MessageQuerySet, TaskQuerySet
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.org.actors import LABEL_LENGTH
from gridloop.core.org.models import Unit, User

TITLE_LENGTH = 120


class Room(models.Model):
    """The room of one case, there from the moment at which somebody opened it."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    opened_at = models.DateTimeField(_("开设时间"))
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("开设人"))

    class Meta:
        verbose_name = _("联合处置室")
        verbose_name_plural = pgettext_lazy("many", "联合处置室")

    def __str__(self) -> str:
        return str(self.case_id)


class MessageKind(models.TextChoices):
    UPDATE = "update", _("进展")
    DECISION = "decision", _("决定")
    NOTE = "note", _("记事")


class Message(models.Model):
    """
    What somebody said in a room, or, as a note, what the system has to say. The database refuses to change or
    remove it.

    `form_key` is made with the form, so that sending it twice says it once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="messages")
    kind = models.CharField(_("种类"), max_length=10, choices=MessageKind)
    body = models.TextField(_("内容"))
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("发言人"))
    by_label = models.CharField(max_length=LABEL_LENGTH)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("发言单位"))
    mentions = models.ManyToManyField(Unit, related_name="+", verbose_name=_("提醒单位"))
    files = models.ManyToManyField(Attachment, related_name="+", verbose_name=_("附件"))
    form_key = models.UUIDField(unique=True, default=uuid4)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("发言")
        verbose_name_plural = pgettext_lazy("many", "发言")
        constraints = [
            models.CheckConstraint(name="message_kind_known", condition=Q(kind__in=MessageKind.values)),
            models.CheckConstraint(name="message_says_something", condition=~Q(body="")),
        ]
        indexes = [models.Index(fields=["room", "-at", "-id"], name="message_newest")]

    def __str__(self) -> str:
        return str(self.id)


class RoomTask(models.Model):
    """
    Something that one unit, or one person of it, has to do for a case by a day.

    `is_proposal`: the system asks the centre to call a meeting that fixes the lead; one at a time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="tasks")
    title = models.CharField(_("任务"), max_length=TITLE_LENGTH)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("责任单位"))
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("责任人"))
    due_on = models.DateField(_("完成期限"))
    made_at = models.DateTimeField(_("布置时间"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("布置人"))
    made_in = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    is_proposal = models.BooleanField(default=False)
    done_at = models.DateTimeField(_("完成时间"), null=True)
    dropped_at = models.DateTimeField(_("取消时间"), null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.TextField(_("完成情况"), blank=True)
    form_key = models.UUIDField(unique=True, default=uuid4)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("处置任务")
        verbose_name_plural = pgettext_lazy("many", "处置任务")
        constraints = [
            models.CheckConstraint(
                name="room_task_done_or_dropped", condition=Q(done_at=None) | Q(dropped_at=None)
            ),
            models.UniqueConstraint(
                "room",
                condition=Q(is_proposal=True, done_at=None, dropped_at=None),
                name="room_task_one_proposal",
            ),
        ]
        indexes = [
            models.Index(fields=["room", "due_on", "id"], name="room_task_by_due"),
            models.Index("due_on", condition=Q(done_at=None, dropped_at=None), name="room_task_open_by_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.dropped_at is None
