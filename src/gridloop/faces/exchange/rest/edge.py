"""What is checked before an operation is asked: the method, the kind of body, the names in the query."""

import functools
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from gridloop.base.common.errors import DomainError
from gridloop.base.shell import errors
from gridloop.faces.exchange.errors import Malformed

View: TypeAlias = Callable[..., HttpResponse]
# (path as the document has it, method in lower case) → names of the query's parameters
Queries: TypeAlias = Mapping[tuple[str, str], frozenset[str]]

_CONVERTER = re.compile(r"<[^:>]+:([^>]+)>")


class MethodNotAllowed(DomainError):
    """The address is there, but nothing can be done with it in this way."""

    code = "method-not-allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class UnsupportedMedia(DomainError):
    """The body is of another kind than the operation reads."""

    code = "unsupported-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooLarge(DomainError):
    """The body has more bytes than are read."""

    code = "too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class StrictParser(Parser):
    """Reads JSON to the letter (RFC 8259): no NaN, no half of a surrogate pair, and only what says it is."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """:raises UnsupportedMedia: it does not say that it is JSON. :raises JSONDecodeError: it is none."""
        # The stand-in that Ninja makes for a part of a form has no content type.
        if request.content_type not in (None, "application/json"):
            raise UnsupportedMedia(_("请求内容应为 JSON（Content-Type: application/json）。"))
        parsed: dict[str, Any] = orjson.loads(request.body)
        return parsed

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """:raises UnsupportedMedia: a form was asked for and something else came."""
        if data is not request.GET and request.content_type != "multipart/form-data":
            raise UnsupportedMedia(_("请用 multipart/form-data 上传文件。"))
        return super().parse_querydict(data, list_fields, request)


class ReadableRenderer(BaseRenderer):
    """Writes JSON with Chinese as it is, and times as pydantic writes them."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


def check_query(request: HttpRequest, queries: Queries) -> None:
    """:raises Malformed: the query has a parameter that the operation does not know, such as a slip."""
    match = request.resolver_match
    path = "/" + _CONVERTER.sub(r"{\1}", match.route) if match else ""
    known = queries.get((path, str(request.method).lower()), frozenset())
    if unknown := sorted(set(request.GET) - known):
        raise Malformed(
            _("没有这些查询参数：%(names)s。") % {"names": _("、").join(unknown)},
            fields=dict.fromkeys(unknown, _("没有这个查询参数")),
        )


def telling_methods(view: View) -> View:
    """Return the view with a refused method told as a problem, where Ninja gives a bare answer."""

    @functools.wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        methods = response["Allow"]
        problem = errors.answer(
            request, MethodNotAllowed(_("这个地址只支持：%(methods)s。") % {"methods": methods})
        )
        problem["Allow"] = methods
        return problem

    return told
