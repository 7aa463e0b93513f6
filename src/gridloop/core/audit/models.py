"""The append-only record: a line for every act, a daily seal over all lines. The database refuses changes."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from gridloop.core.audit.querysets import EntryQuerySet, SealQuerySet

HASH_BYTES = 32
ACTOR_KINDS = ("person", "reporter", "program", "system")


class Entry(models.Model):
    """
    One line of the log of one stream (a case, a region, an import): who did what, when, and what changed.

    Lines of a stream are numbered from 1 and tied to each other by hash. People, posts and units are plain
    numbers: the log outlives them.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.UUIDField(_("对象"))
    seq = models.IntegerField(_("序号"))
    verb = models.CharField(_("操作"), max_length=40)
    at = models.DateTimeField(_("发生时间"))
    recorded_at = models.DateTimeField(_("记录时间"), db_default=Now())
    actor_kind = models.CharField(max_length=12)
    user_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(_("操作人"), max_length=120)
    unit_id = models.BigIntegerField(null=True)
    source = models.CharField(_("原状态"), max_length=20, blank=True)
    target = models.CharField(_("新状态"), max_length=20, blank=True)
    note = models.TextField(_("说明"), blank=True)
    data = models.JSONField(_("内容"), default=dict)
    prev = models.BinaryField(max_length=HASH_BYTES)
    hash = models.BinaryField(max_length=HASH_BYTES)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("日志")
        verbose_name_plural = _("日志")
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="entry_numbered_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="entry_numbered_from_one"),
            models.CheckConstraint(condition=Q(actor_kind__in=ACTOR_KINDS), name="entry_actor_kind_known"),
            models.CheckConstraint(condition=Exact(Length("prev"), HASH_BYTES), name="entry_prev_is_a_hash"),
            models.CheckConstraint(condition=Exact(Length("hash"), HASH_BYTES), name="entry_hash_is_a_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.stream}/{self.seq} {self.verb}"


class Seal(models.Model):
    """
    A digest of all lines from `first_id` to `last_id`, tied to the seal before it.

    It finds what a stream's own chain cannot: the removal of its last line, or of the whole stream. A day
    without lines has a seal too, whose range is empty.
    """

    day = models.DateField(_("日期"), primary_key=True)
    first_id = models.BigIntegerField(_("首条"))
    last_id = models.BigIntegerField(_("末条"))
    count = models.BigIntegerField(_("条数"))
    prev = models.BinaryField(max_length=HASH_BYTES)
    digest = models.BinaryField(max_length=HASH_BYTES)
    sealed_at = models.DateTimeField(_("封存时间"))

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = _("每日封存")
        verbose_name_plural = _("每日封存")
        constraints = [
            models.CheckConstraint(condition=Q(last_id__gte=F("first_id") - 1), name="seal_range_in_order"),
            models.CheckConstraint(
                condition=Q(count__gte=0, count__lte=F("last_id") - F("first_id") + 1),
                name="seal_count_in_range",
            ),
            models.CheckConstraint(condition=Exact(Length("prev"), HASH_BYTES), name="seal_prev_is_a_hash"),
            models.CheckConstraint(
                condition=Exact(Length("digest"), HASH_BYTES), name="seal_digest_is_a_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"
