"""One message to one address outside, by Apprise. Knows no table."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import apprise
from django.conf import settings
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.notify.models import ChannelKind

LONGEST_REASON = 500
# It keeps nothing on disk, and its log shows no password.
_ASSET = apprise.AppriseAsset(
    app_id="Gridloop",
    app_desc="Gridloop",
    storage_mode=apprise.PersistentStoreMode.MEMORY,
    secure_logging=True,
)


class NotSent(Exception):
    """The other side did not take the message; the text says why, without the address."""


def send(kind: str, address: str, *, title: str, body: str) -> None:
    """
    Send one message and return when the other side has taken it.

    :raises NotSent: it has not, or the town has not set this way up.
    """
    target = apprise.Apprise(asset=_ASSET)
    try:
        url = target_url(kind, address)
    except InvalidInput as refusal:
        raise NotSent(refusal.message) from refusal
    with _listening() as heard:
        # A mail wants a subject, and everybody a text that is not empty.
        has_both = body or kind == ChannelKind.EMAIL
        is_sent = target.add(url) and target.notify(body=body or title, title=title if has_both else "")
    if not is_sent:
        raise NotSent(_reason("；".join(heard), url, address))


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Hear why: Apprise says it by its log alone. What another thread sends meanwhile is not ours to hear."""
    heard: list[str] = []
    ear = _Ear(heard)
    logger = logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield heard
    finally:
        logger.removeHandler(ear)


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard, self._thread = heard, threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._heard.append(record.getMessage().strip())


def target_url(kind: str, address: str) -> str:
    """
    Return the address as Apprise writes it.

    :raises InvalidInput: the town has not set this way up, or lets nobody send by this kind of messenger.
    """
    match kind:
        case ChannelKind.EMAIL:
            return _mail_url(address)
        case ChannelKind.SMS:
            return _sms_url(address)
    scheme = address.partition("://")[0].lower()
    if scheme not in settings.MESSENGERS:
        raise InvalidInput(
            _("本镇没有开通这种即时消息，可用的有：%(known)s。")
            % {"known": _("、").join(settings.MESSENGERS)},
            fields={"address": _("不支持的类型")},
        )
    return address


def can_send(kind: str) -> bool:
    """Return whether the town has set this way up."""
    match kind:
        case ChannelKind.EMAIL:
            return bool(settings.EMAIL_HOST) and settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
        case ChannelKind.SMS:
            return bool(settings.SMS_URL)
    return bool(settings.MESSENGERS)


def _mail_url(address: str) -> str:
    if not can_send(ChannelKind.EMAIL):
        raise InvalidInput(_("本镇还没有设置发信服务器，请联系系统管理员。"))
    is_safe = settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS
    user, password = settings.EMAIL_HOST_USER or "", settings.EMAIL_HOST_PASSWORD or ""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    query = {
        "smtp": settings.EMAIL_HOST,
        "from": settings.DEFAULT_FROM_EMAIL,
        "to": address,
        "mode": "ssl" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else "insecure",
        "format": "text",
    }
    return (
        f"{'mailtos' if is_safe else 'mailto'}://{login}"
        f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}/?{urlencode(query)}"
    )


def _sms_url(address: str) -> str:
    if not can_send(ChannelKind.SMS):
        raise InvalidInput(_("本镇还没有设置短信网关，请联系系统管理员。"))
    return settings.SMS_URL.replace("{phone}", quote(address, safe=""))


def _reason(heard: str, url: str, address: str) -> str:
    """Keep why it failed, and neither the town's password nor the person's address."""
    for secret in (url, address, quote(address, safe=""), settings.EMAIL_HOST_PASSWORD):
        heard = heard.replace(secret, "***") if secret else heard
    return (heard or _("对方没有接收，也没有说明原因；请核对地址。"))[:LONGEST_REASON]
