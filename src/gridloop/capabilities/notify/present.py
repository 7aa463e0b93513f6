"""Messages and channels as their pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gridloop.base.common.masks import mask_phone
from gridloop.capabilities.notify.models import Channel, ChannelKind, Delivery, Notice

DELIVERIES_SHOWN = 5
TONES = {"waiting": "info", "sent": "success", "failed": "danger", "dropped": "secondary"}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice in the list; `age_m` is minutes since it was told."""

    notice: Notice
    age_m: int


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel with its newest deliveries, each with the tone of its state."""

    channel: Channel
    address: str
    deliveries: list[tuple[Delivery, str]]

    @property
    def is_waiting(self) -> bool:
        """Whether one of them is on its way for the first time, so that it is worth looking again soon."""
        return any(d.state == "waiting" and d.attempts == 0 for d, _tone in self.deliveries)


def notices_shown(notices: Iterable[Notice], now: datetime) -> list[NoticeRow]:
    return [NoticeRow(n, max(0, int((now - n.at).total_seconds() // 60))) for n in notices]


def channels_shown(user_id: int) -> list[ChannelRow]:
    """Return the person's channels, the oldest first; one statement, and one for each of the few channels."""
    return [
        ChannelRow(channel, _masked(channel), [(d, TONES[d.state]) for d in _newest(channel)])
        for channel in Channel.objects.filter(user=user_id).order_by("pk")
    ]


def _newest(channel: Channel) -> Iterable[Delivery]:
    return channel.deliveries.select_related("notice").order_by("-pk")[:DELIVERIES_SHOWN]


def _masked(channel: Channel) -> str:
    """Show enough of an address to tell it from another: somebody may look over its owner's shoulder."""
    if channel.kind == ChannelKind.EMAIL:
        name, _at, host = channel.address.partition("@")
        return f"{name[:2]}***@{host}"
    if channel.kind == ChannelKind.SMS:
        return mask_phone(channel.address)
    return f"{channel.address.partition('://')[0]}://***{channel.address[-4:]}"
