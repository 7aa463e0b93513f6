"""A person's meetings for a calendar program, which cannot sign in: whoever has the address reads them."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.capabilities.rooms.models import Meeting
from gridloop.core.org.models import User
from gridloop.core.org.posts import acting

SALT = "rooms.feed"
KEPT = timedelta(days=60)
MOST = 200


def feed_url(user: Any) -> str:
    """Return the person's own address; it changes with their password."""
    return reverse("rooms:feed", args=[signing.dumps([user.pk, _mark(user)], salt=SALT)])


def meetings_of_feed(token: str, now: datetime) -> list[Meeting]:
    """
    Return the meetings to which the address's owner is asked, cancelled ones too, from two months back on.

    :raises NotFound: no such address, or not any more.
    """
    try:
        user_id, mark = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise NotFound(_("这个日历地址无效或已更换。")) from error
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or mark != _mark(user):
        raise NotFound(_("这个日历地址无效或已更换。"))
    actor = acting(user, on=timezone.localdate(now))
    found = Meeting.objects.visible_to(actor).asked(actor).filter(starts_at__gte=now - KEPT)
    return list(found.order_by("starts_at", "pk")[:MOST])


def _mark(user: Any) -> str:
    return str(user.get_session_auth_hash())[:16]
