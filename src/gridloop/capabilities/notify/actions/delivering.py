"""Sending what waits: each message by one worker at a time, again after a while where it did not arrive."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.capabilities.notify.models import Channel, Delivery, DeliveryState, Notice
from gridloop.capabilities.notify.sending import NotSent, send

# After the first failure one minute, then longer; after the last one it has failed for good.
PAUSES_M: Sequence[int] = (1, 5, 15, 60, 240, 720)
STALE = timedelta(days=2)  # what is that old when its turn comes is no news any more
AT_ONCE = 50


@transaction.atomic
def attempt(delivery_id: UUID, *, now: datetime) -> DeliveryState | None:
    """
    Send one delivery if it still waits and its time has come; return how it stands then.

    Its row stays locked meanwhile, so that no two workers send it; whoever finds it locked leaves it alone
    and returns None. A worker that dies in between has sent it or not, and it will be sent (again).
    """
    waiting = Delivery.objects.due(now).select_related("notice__case", "channel")
    row = waiting.select_for_update(skip_locked=True, of=("self",)).filter(pk=delivery_id).first()
    if row is None:
        return None
    row.attempts += 1
    if now - row.made_at > STALE:
        _end(row, DeliveryState.DROPPED, now, _("已过时，没有发送。"))
    elif not (row.channel.is_active and (row.notice is None or row.channel.is_usable)):
        _end(row, DeliveryState.DROPPED, now, _("接收方式已停用，没有发送。"))
    else:
        _send(row, now)
    row.save(update_fields=["state", "attempts", "error", "due_at", "ended_at"])
    return DeliveryState(row.state)


def attempt_due(*, now: datetime) -> int:
    """Send what should have gone out by now, retries too. Return how many it tried itself."""
    overdue = Delivery.objects.due(now).order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE]
    tried = [attempt(pk, now=now) for pk in overdue]
    return len(tried) - tried.count(None)


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Drop notices, and with them what became of their deliveries, after `settings.NOTICES_KEPT_DAYS`."""
    before = now - timedelta(days=settings.NOTICES_KEPT_DAYS)
    Delivery.objects.filter(ended_at__lt=before).delete()
    gone, _tables = Notice.objects.filter(at__lt=before).delete()
    return gone


def _send(row: Delivery, now: datetime) -> None:
    title, body = message(row.notice, row.channel)
    try:
        send(row.channel.kind, row.channel.address, title=title, body=body)
    except NotSent as reason:
        if row.attempts > len(PAUSES_M):
            _end(row, DeliveryState.FAILED, now, str(reason))
        else:
            row.error = str(reason)
            row.due_at = now + timedelta(minutes=PAUSES_M[row.attempts - 1])
    else:
        _end(row, DeliveryState.SENT, now, "")


def _end(row: Delivery, state: DeliveryState, now: datetime, error: str) -> None:
    row.state, row.error, row.ended_at = state, error, now


def message(notice: Notice | None, channel: Channel) -> tuple[str, str]:
    """
    Return title and text as they leave the house: what waits, its number, and the link.

    Whatever else was typed about it may name a person, and stays inside.
    """
    if notice is None:
        return _("验证码：%(code)s") % {"code": channel.code}, _("请在“接收方式”页面填入，30 分钟内有效。")
    link = f"{settings.SITE_URL}{notice.url}" if settings.SITE_URL and notice.url else ""
    mark = _("【紧急】") if notice.is_urgent else ""
    title = notice.outward or notice.title
    number = notice.case.number if notice.case else ""
    matter = _("案件 %(number)s") % {"number": number} if number and number not in title else ""
    return f"{mark}{title}", "\n".join(part for part in (matter, link) if part)
