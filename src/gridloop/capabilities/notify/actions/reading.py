"""A person has read what they were told."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from gridloop.capabilities.notify.models import Notice


@transaction.atomic
def mark_read(user_id: int, notice_ids: Iterable[UUID], *, at: datetime) -> int:
    """Note that the person has read these of their own notices; return how many were new to them."""
    return Notice.objects.to(user_id).unread().filter(pk__in=list(notice_ids)).update(read_at=at)


@transaction.atomic
def mark_all_read(user_id: int, *, at: datetime) -> int:
    """Note that the person has read all up to `at`; what came in later stays unread."""
    return Notice.objects.to(user_id).unread().filter(at__lte=at).update(read_at=at)
