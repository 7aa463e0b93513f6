"""
Keeping machines and floods out of the open forms, without puzzles.

A form carries when it was made, signed; one that comes back within a breath, or after a day, was not filled
in by a person at this page. A field that people cannot see must stay empty. And one address may send only so
much: as much as the families behind one router would in their own time.
"""

from uuid import UUID

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gridloop.base.common.errors import TooManyRequests

SALT = "portal-form"
LEAST_S = 2
MOST_S = 24 * 3600
TRAP = "website"  # what programs like to fill in
REPORTS = "20/h/ip"
PHOTOS = "40/h/ip"  # forms that bring photos and only ask for suggestions
MISSES = "30/m/ip"
ACTS = "30/h/ip"
WAIT_S = 600
BLOCKED_S = 60


def fresh_stamp(key: UUID) -> str:
    """Return a stamp for the form whose report will have this key."""
    return signing.TimestampSigner(salt=SALT).sign(str(key))


def is_spent(stamp: str, key: UUID) -> bool:
    """Say whether the stamp is a day old, was altered, or belongs to another form."""
    try:
        return signing.TimestampSigner(salt=SALT).unsign(stamp, max_age=MOST_S) != str(key)
    except signing.BadSignature:
        return True


def is_hasty(stamp: str) -> bool:
    """Say whether a genuine stamp is younger than anybody takes to fill in the form."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(stamp, max_age=getattr(settings, "PORTAL_LEAST_S", LEAST_S))
    except signing.SignatureExpired:
        return False
    return True


def check_rate(request: HttpRequest, action: str, rate: str) -> None:
    """:raises TooManyRequests: the visitor's address has used up its share of `action`."""
    if not _consume(request, action, rate):
        raise TooManyRequests(_("操作太频繁，请过一会儿再试。急事请拨打 12345。"), retry_after=WAIT_S)


def check_lookups(request: HttpRequest) -> None:
    """:raises TooManyRequests: after so many wrong codes not even a right one is answered."""
    if cache.get(_blocked(request)):
        raise TooManyRequests(_("查询太频繁，请过一分钟再试。"), retry_after=BLOCKED_S)


def count_miss(request: HttpRequest, rate: str) -> None:
    """
    Count a code that nobody has. Codes that are right cost nothing but a look at the block.

    :raises TooManyRequests: this was one too many; the address is blocked for a minute.
    """
    if not _consume(request, "miss", rate):
        cache.set(_blocked(request), 1, BLOCKED_S)
        check_lookups(request)


def _consume(request: HttpRequest, action: str, rate: str) -> bool:
    # Only allauth's inner function takes a rate of our own, and counts a GET too.
    return bool(
        ratelimit.consume(request, app="portal", action=action, config={action: rate}, limit_get=True)
    )


def _blocked(request: HttpRequest) -> str:
    return f"portal:blocked:{ratelimit.get_ip(request)}"
