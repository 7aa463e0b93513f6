"""One message to one address outside, by Apprise. Knows no table."""

import logging
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
    if not target.add(url):
        raise NotSent(_("地址无法识别。"))
    # Apprise tells why by its log alone.
    with apprise.LogCapture(level=logging.WARNING) as heard:
        # A gateway takes text that is not empty.
        is_sent = target.notify(body=body or title, title=title if body else "")
        reason = heard.getvalue().strip()
    if not is_sent:
        raise NotSent(_reason(reason, url, address))


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
    return (heard or _("对方没有接收，也没有说明原因。"))[:LONGEST_REASON]
