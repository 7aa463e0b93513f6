"""One answer for one Idempotency-Key, however often and however concurrently a program sends it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gridloop.faces.exchange.errors import KeyReused
from gridloop.faces.exchange.models import IdempotentAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program is told: status, JSON, and the version of the case as an ETag."""

    status: int
    body: bytes
    etag: str = ""
    is_repeated: bool = False


def answer_once(
    api_key_id: int, key: str, *, request: bytes, at: datetime, work: Callable[[], Answer]
) -> Answer:
    """
    Do `work` and keep its answer in the same transaction; a repeated request gets the kept answer instead.

    Two at the same time: the second waits at the claim of the first, then gets its answer. What is refused is
    not kept, so that a program may mend its request and send it again.

    :param request: method, path and body, by which a retry is told from another request under the same key.
    :raises KeyReused: the key was used for another request.
    """
    fingerprint = hashlib.sha256(request).digest()
    with transaction.atomic():
        if not _claim(api_key_id, key, fingerprint, at):
            return _kept(api_key_id, key, fingerprint)
        answer = work()
        IdempotentAnswer.objects.filter(api_key=api_key_id, key=key).update(
            status=answer.status, etag=answer.etag, body=answer.body
        )
    return answer


def forget_answers(*, before: datetime) -> int:
    """Drop the answers that nobody retries any more; return how many."""
    return IdempotentAnswer.objects.older_than(before).delete()[0]


def _claim(api_key_id: int, key: str, fingerprint: bytes, at: datetime) -> bool:
    # bulk_create cannot tell whether it inserted; the statement's own count can.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_idempotentanswer (api_key_id, key, request, at, status, etag, body)"
            " VALUES (%s, %s, %s, %s, 0, '', '') ON CONFLICT (api_key_id, key) DO NOTHING",
            [api_key_id, key, fingerprint, at],
        )
        return bool(cursor.rowcount)


def _kept(api_key_id: int, key: str, fingerprint: bytes) -> Answer:
    kept = IdempotentAnswer.objects.get(api_key=api_key_id, key=key)
    if bytes(kept.request) != fingerprint:
        raise KeyReused(_("这个 Idempotency-Key 已用于另一个请求，请换一个新的。"))
    return Answer(kept.status, bytes(kept.body), kept.etag, is_repeated=True)
