"""A person's own ways to be reached: added, proved by a code that was sent there, switched off, dropped."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound, TooManyRequests
from gridloop.base.common.ids import new_id
from gridloop.capabilities.notify.actions.telling import enqueue
from gridloop.capabilities.notify.models import Channel, ChannelKind, Delivery, Notice
from gridloop.capabilities.notify.sending import target_url
from gridloop.core.cases.actions.given import one_of, storable_text

MOST_CHANNELS = 5
MOST_TRIES = 5
CODE_LIVES = timedelta(minutes=30)
PAUSE = timedelta(seconds=60)  # between two messages that somebody asks for by a button
LONGEST_ADDRESS = 500
_PHONE = re.compile(r"\+?\d{5,15}")


class NotProved(DomainError):
    """The channel has not been proved yet, so nothing else is sent there."""

    code = "channel-not-proved"


@transaction.atomic
def add_channel(user_id: int, *, kind: str, address: str, at: datetime) -> Channel:
    """
    Add a way to be reached, and send the code there that proves it.

    :raises InvalidInput: the town has not set this way up, it is no such address, or there are too many.
    """
    kind = one_of(ChannelKind, kind, "kind")
    address = _checked(kind, storable_text(address, "address", LONGEST_ADDRESS))
    if Channel.objects.filter(user=user_id).count() >= MOST_CHANNELS:
        raise InvalidInput(_("接收方式最多 %(most)s 个，请先删除不用的。") % {"most": MOST_CHANNELS})
    channel = Channel.objects.create(user_id=user_id, kind=kind, address=address)
    _send_code(channel, at)
    return channel


@transaction.atomic
def send_code(user_id: int, channel_id: int, *, at: datetime) -> Channel:
    """Send another code. :raises TooManyRequests: the last one is not a minute old."""
    channel = _own(user_id, channel_id)
    _check_pause(channel, at)
    _send_code(channel, at)
    return channel


def prove_channel(user_id: int, channel_id: int, *, code: str, at: datetime) -> Channel:
    """
    Take the code that arrived there; from now on notices are sent there as well.

    :raises InvalidInput: it is another one, too old, or was guessed at too often. The guess is counted.
    """
    with transaction.atomic():
        channel = _own(user_id, channel_id)
        is_right = _is_right(channel, code.strip(), at)
        if is_right:
            _change(channel, verified_at=at, code="", code_at=None, tries=0)
        else:
            _change(channel, tries=min(channel.tries + 1, MOST_TRIES))
    if not is_right:
        raise InvalidInput(
            _("验证码不对或已过期，请核对后再填，或重新发送。"), fields={"code": _("不对或已过期")}
        )
    return channel


@transaction.atomic
def send_test(user_id: int, channel_id: int, *, at: datetime) -> Delivery:
    """
    Send a message by one channel so that its owner sees it arrive; quiet hours do not hold it back.

    :raises NotProved: its code has not been given yet.
    :raises TooManyRequests: the last message is not a minute old.
    """
    channel = _own(user_id, channel_id)
    if not channel.is_usable:
        raise NotProved(_("请先填写验证码并启用，再试发。"))
    _check_pause(channel, at)
    notice = Notice.objects.create(
        id=new_id(),
        user_id=user_id,
        topic="notify.test",
        title=_("试发：您能收到这里的消息"),
        at=at,
        read_at=at,
    )
    return _deliver(channel, notice, at)


@transaction.atomic
def switch_channel(user_id: int, channel_id: int, *, is_active: bool) -> Channel:
    """Send no more by this channel, or send again."""
    channel = _own(user_id, channel_id)
    _change(channel, is_active=is_active)
    return channel


@transaction.atomic
def drop_channel(user_id: int, channel_id: int) -> None:
    """Forget a channel with what was sent by it; one that is gone already stays gone."""
    Channel.objects.filter(user=user_id, pk=channel_id).delete()


def _own(user_id: int, channel_id: int) -> Channel:
    channel = Channel.objects.select_for_update().filter(user=user_id, pk=channel_id).first()
    if channel is None:
        raise NotFound(_("没有找到这个接收方式。"))
    return channel


def _change(channel: Channel, **values: Any) -> None:
    for name, value in values.items():
        setattr(channel, name, value)
    channel.save(update_fields=list(values))


def _send_code(channel: Channel, at: datetime) -> None:
    code = f"{secrets.randbelow(1_000_000):06d}"
    _change(channel, code=code, code_at=at, tries=0)
    _deliver(channel, None, at)


def _deliver(channel: Channel, notice: Notice | None, at: datetime) -> Delivery:
    row = Delivery.objects.create(channel=channel, notice=notice, made_at=at, due_at=at)
    enqueue([row])
    return row


def _check_pause(channel: Channel, at: datetime) -> None:
    last = channel.deliveries.order_by("-pk").values_list("made_at", flat=True).first()
    if last is not None and at < last + PAUSE:
        wait = int((last + PAUSE - at).total_seconds()) + 1
        raise TooManyRequests(_("请等 %(wait)s 秒再发。") % {"wait": wait}, retry_after=wait)


def _is_right(channel: Channel, code: str, at: datetime) -> bool:
    is_open = (
        channel.tries < MOST_TRIES and channel.code_at is not None and at <= channel.code_at + CODE_LIVES
    )
    return is_open and secrets.compare_digest(channel.code.encode(), code.encode())


def _checked(kind: str, address: str) -> str:
    """Return the address as it is kept. :raises InvalidInput: it is none of its kind."""
    if kind == ChannelKind.EMAIL:
        try:
            validate_email(address)
        except ValidationError as error:
            raise InvalidInput(
                _("电子邮件地址不对。"), fields={"address": _("如 name@example.com")}
            ) from error
    if kind == ChannelKind.SMS:
        address = re.sub(r"[\s-]", "", address)
        if not _PHONE.fullmatch(address):
            raise InvalidInput(_("手机号码不对。"), fields={"address": _("只填数字")})
    if kind == ChannelKind.MESSENGER and "://" not in address:
        known = _("、").join(settings.MESSENGERS)
        raise InvalidInput(
            _("请填写机器人的地址，以“类型://”开头，可用的类型：%(known)s。") % {"known": known},
            fields={"address": _("缺少类型")},
        )
    target_url(kind, address)
    return address
