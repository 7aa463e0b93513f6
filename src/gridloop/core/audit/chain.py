"""
The hash that ties a line of the log to the line before it. Pure: no database, no clock.

A line's hash is SHA-256 over the hash before it and over its own fields as JSON with sorted keys, times in
UTC with microseconds. What goes into `data` is limited to what PostgreSQL's JSONB gives back exactly as it
was given.
"""

import math
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput

GENESIS = bytes(32)
"""What the first line of every stream is tied to."""

_INT_LIMIT = 2**63
_FLOAT_LIMIT = 1e16  # from here on JSONB gives a float back as an integer


class Head(NamedTuple):
    """The last line of a stream; an empty stream has seq 0 and GENESIS."""

    seq: int
    hash: bytes


def entry_hash(
    prev: bytes,
    *,
    stream: UUID | str,
    seq: int,
    verb: str,
    at: datetime,
    actor_kind: str,
    user_id: int | None,
    post_id: int | None,
    unit_id: int | None,
    actor_label: str,
    source: str,
    target: str,
    note: str,
    data: dict[str, Any],
) -> bytes:
    """
    Return the 32 bytes that follow from the line's content and the line before it.

    :raises InvalidInput: a text holds a character that the database cannot keep (NUL, half a surrogate pair).
    """
    fields = {
        "stream": str(stream),
        "seq": seq,
        "verb": verb,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": actor_kind,
        "user_id": user_id,
        "post_id": post_id,
        "unit_id": unit_id,
        "actor_label": actor_label,
        "source": source,
        "target": target,
        "note": note,
        "data": data,
    }
    return sha256(prev + _canonical(fields)).digest()


def storable(value: Any) -> Any:
    """
    Return a copy of the value that JSONB gives back unchanged.

    Allowed: None, bool, str, int of 64 bits, finite float below 1e16, and lists and string-keyed dicts of
    these.

    :raises TypeError: it holds anything else; convert dates, keys and choices where they are put in.
    :raises ValueError: a number is out of range.
    """
    match value:
        case None | bool():
            return value
        case str():
            return str(value)  # a choice of an enumeration becomes the plain text it stands for
        case int():
            return _checked(value, is_fine=-_INT_LIMIT <= value < _INT_LIMIT)
        case float():
            # JSONB knows no negative zero.
            return _checked(value, is_fine=math.isfinite(value) and abs(value) < _FLOAT_LIMIT) or 0.0
        case list() | tuple():
            return [storable(item) for item in value]
        case dict():
            return {_key(key): storable(item) for key, item in value.items()}
    raise TypeError(f"the log cannot keep a {type(value).__name__}: {value!r}")


def _checked(number: Any, *, is_fine: bool) -> Any:
    if not is_fine:
        raise ValueError(f"the log cannot keep this number exactly: {number!r}")
    return number


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key in the log's data must be text, not {key!r}")
    return str(key)


def _canonical(fields: dict[str, Any]) -> bytes:
    try:
        body = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        if "surrogates" in str(error):
            raise _unstorable() from error
        raise
    # The escape is a cheap sign; only a real NUL is refused, not a backslash that somebody typed.
    if rb"\u0000" in body and _has_nul(fields):
        raise _unstorable()
    return body


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\x00" in value
        case dict():
            return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
        case list():
            return any(_has_nul(item) for item in value)
    return False


def _unstorable() -> InvalidInput:
    return InvalidInput(_("文字中含有无法保存的控制字符，请删除后重新提交。"))
