"""
Keeping machines and floods out of the open form, without puzzles.

A form carries when it was made, signed; one that comes back within a breath, or after a day, was not filled in by
a person at this page. A field that people cannot see must stay empty. And one address may send only so much.
"""

from dataclasses import dataclass

from allauth.core import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError

SALT = "portal-form"
LEAST_S = 2
MOST_S = 24 * 3600
REPORTS = "10/h/ip"
LOOKUPS = "30/m/ip"


class TooMany(DomainError):
    """One address asks for more than a person would."""

    code = "too-many-requests"
    status = 429  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a form was made; `problem` says in words what is wrong with one that came back."""

    @staticmethod
    def fresh(key: str) -> str:
        """Return a stamp for the form whose report will have this key."""
        return signing.TimestampSigner(salt=SALT).sign(key)

    @staticmethod
    def problem(stamp: str, key: str) -> str | None:
        """Return why the form cannot be taken, None where it can."""
        signer = signing.TimestampSigner(salt=SALT)
        try:
            signed = signer.unsign(stamp, max_age=MOST_S)
        except signing.SignatureExpired:
            return _("页面停留太久，请核对后再次提交。")
        except signing.BadSignature:
            return _("页面已失效，请核对后再次提交。")
        if signed != key:
            return _("页面已失效，请核对后再次提交。")
        try:
            signer.unsign(stamp, max_age=getattr(settings, "PORTAL_LEAST_S", LEAST_S))
        except signing.SignatureExpired:
            return None
        return _("提交得太快了，请核对内容后再次提交。")


def check_rate(request: HttpRequest, action: str, rate: str) -> None:
    """:raises TooMany: the visitor's address has used up its share of `action`."""
    if not ratelimit.consume(request, action=action, config={action: rate}):
        raise TooMany(_("操作太频繁，请稍后再试。急事请拨打 12345。"), retry_after=600)
