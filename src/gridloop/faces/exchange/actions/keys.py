"""Keys of programs: issued, used, revoked."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, TooManyRequests
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import PERMISSIONS, ROLES, Role
from gridloop.core.org.posts import post_of
from gridloop.faces.exchange.errors import BadKey
from gridloop.faces.exchange.models import CALLS_PER_MINUTE, ApiKey

MARK = "glk_"  # by which scanners of leaked secrets can know a key
SHOWN_LENGTH = 10
MOST_CALLS_PER_MINUTE = 60_000


# Looks the key up, counts the call and holds the limit in one statement, so that two calls at once are two.
# A count that a power cut loses harms nobody: this commit, which writes nothing else, does not wait for the
# disk.
_ADMIT = """
    UPDATE exchange_apikey
    SET calls = CASE WHEN minute = %(minute)s THEN calls + 1 ELSE 1 END, minute = %(minute)s, used_at = %(at)s
    WHERE digest = %(digest)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(at)s)
      AND (minute IS DISTINCT FROM %(minute)s OR calls < calls_per_minute)
      AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
    RETURNING *
"""


@transaction.atomic
def issue_key(
    name: str,
    *,
    scopes: Iterable[str],
    at: datetime,
    post: Post | None = None,
    expires_at: datetime | None = None,
    calls_per_minute: int = CALLS_PER_MINUTE,
) -> tuple[ApiKey, str]:
    """
    Make a key and return it with its secret, which nobody can read again.

    :param post: whose part the program takes; without one it is a program that sees all cases.
    :param scopes: the permissions it may use; no more than its post or the role of programs holds.
    :raises InvalidInput: no name, no scope, one that is unknown or beyond the role, no calls, or an end in
        the past.
    """
    wanted = sorted(set(scopes))
    _check(name, wanted, Role(post.role) if post else Role.PROGRAM)
    _check_limits(calls_per_minute, expires_at, at)
    secret = MARK + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name.strip(),
        prefix=secret[:SHOWN_LENGTH],
        digest=digest(secret),
        post=post,
        scopes=wanted,
        calls_per_minute=calls_per_minute,
        created_at=at,
        expires_at=expires_at,
    )
    return key, secret


@transaction.atomic
def revoke_key(key_id: int, *, at: datetime) -> ApiKey:
    """Revoke a key for good; one that is revoked already keeps its time."""
    ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=at)
    return ApiKey.objects.get(pk=key_id)


def admit(secret: str, *, at: datetime) -> ApiKey:
    """
    Return the key of this secret and count one call of it.

    :raises BadKey: the secret is unknown, or its key expired or revoked.
    :raises TooManyRequests: the key has used up its calls of this minute.
    """
    minute = at.replace(second=0, microsecond=0)
    given = {"digest": digest(secret), "at": at, "minute": minute}
    if key := next(iter(ApiKey.objects.raw(_ADMIT, given)), None):
        key.post = post_of(key.post_id) if key.post_id else None
        return key
    known = ApiKey.objects.usable(at).filter(digest=given["digest"]).first()
    if known is None:
        raise BadKey(_("接口密钥无效、已过期或已吊销，请联系系统管理员。"))
    left = int((minute + timedelta(minutes=1) - at).total_seconds()) + 1
    raise TooManyRequests(
        _("调用太频繁：每分钟最多 %(most)s 次，请%(left)s秒后再试。")
        % {"most": known.calls_per_minute, "left": left},
        retry_after=left,
    )


def digest(secret: str) -> bytes:
    """Return what is kept of a secret: with 256 random bits, a plain hash cannot be searched backwards."""
    return hashlib.sha256(secret.encode()).digest()


def _check(name: str, scopes: list[str], role: Role) -> None:
    if not name.strip():
        raise InvalidInput(_("请写明密钥的用途。"), fields={"name": _("必填")})
    if not scopes:
        raise InvalidInput(_("请至少选择一项权限。"), fields={"scopes": _("必填")})
    if unknown := [scope for scope in scopes if scope not in PERMISSIONS]:
        raise InvalidInput(
            _("没有这些权限：%(names)s。") % {"names": _("、").join(unknown)}, fields={"scopes": _("不认识")}
        )
    if beyond := [str(PERMISSIONS[s]) for s in scopes if s not in ROLES[role].permissions]:
        raise InvalidInput(
            _("“%(role)s”本身没有这些权限，不能交给密钥：%(names)s。")
            % {"role": ROLES[role].label, "names": _("、").join(beyond)},
            fields={"scopes": _("超出岗位权限")},
        )


def _check_limits(calls_per_minute: int, expires_at: datetime | None, at: datetime) -> None:
    if not 1 <= calls_per_minute <= MOST_CALLS_PER_MINUTE:
        raise InvalidInput(
            _("每分钟最多调用次数应在 1 到 %(most)s 之间。") % {"most": MOST_CALLS_PER_MINUTE},
            fields={"calls_per_minute": _("超出范围")},
        )
    if expires_at is not None and expires_at <= at:
        raise InvalidInput(_("失效时间应晚于现在。"), fields={"expires_at": _("请选择以后的时间")})
