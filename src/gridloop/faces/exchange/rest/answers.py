"""From an action to an HTTP answer: versions as ETags, retries answered once."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header, Schema

from gridloop.core.cases.errors import StaleCase
from gridloop.core.cases.models import Case
from gridloop.faces.exchange.actions import Answer, answer_once
from gridloop.faces.exchange.errors import PreconditionFailed

IdempotencyKey = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of the program's own; the same key and body get the same answer for a week.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        None, alias="If-Match", description="The ETag that the program last saw; 412 where it is out of date."
    ),
]
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def etag(case: Case) -> str:
    """Return the case's version as an entity tag."""
    return f'"{case.version}"'


def expected_version(if_match: str | None) -> int | None:
    """Return the version that If-Match asks for. :raises PreconditionFailed: we never gave such a tag."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise PreconditionFailed(_('If-Match 应为读取案件时得到的 ETag，例如 "3"。'))
    return int(found[1])


def answer(schema: type[Schema], case: Case, *, status: int = 200, **more: Any) -> Answer:
    """Return the case in the form of `schema`, with its ETag."""
    shown = schema.model_validate(case).model_copy(update=more)
    return Answer(status, shown.model_dump_json().encode(), etag(case))


def once(
    request: HttpRequest, key: str | None, work: Callable[[], Answer], *, body: bytes | None = None
) -> HttpResponse:
    """
    Do `work`, or give again what it answered the first time under this Idempotency-Key.

    :param body: what identifies the request's content where it was read as a stream.
    """
    if key is None:
        return respond(work())
    content = request.body if body is None else body
    told = answer_once(
        request.auth.pk,  # type: ignore[attr-defined]  # the key that ninja has admitted
        key,
        request=f"{request.method} {request.path}\n".encode() + content,
        at=timezone.now(),
        work=work,
    )
    return respond(told)


def respond(told: Answer) -> HttpResponse:
    """Return the answer over HTTP; one that was kept says so."""
    response = HttpResponse(told.body, status=told.status, content_type="application/json")
    if told.etag:
        response["ETag"] = told.etag
    if told.status == HTTPStatus.CREATED:
        response["Location"] = reverse("exchange:read_case", args=[orjson.loads(told.body)["id"]])
    if told.is_repeated:
        response["Idempotency-Replayed"] = "true"
    return response


def with_precondition(if_match: str | None, make: Callable[[int | None], Answer]) -> Answer:
    """
    Do `make(expected_version)` and say a stale version in HTTP's own way.

    :raises PreconditionFailed: the program named a version that the case no longer has.
    """
    try:
        return make(expected_version(if_match))
    except StaleCase as stale:
        if if_match is None:
            raise
        raise PreconditionFailed(stale.message, version=stale.detail["version"]) from stale
