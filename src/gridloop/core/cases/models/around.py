"""What comes with a case: files, and what its reporter thinks of the end."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.ids import new_id
from gridloop.core.cases.models.case import Case
from gridloop.core.cases.querysets import AttachmentQuerySet
from gridloop.core.org.models import User

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
