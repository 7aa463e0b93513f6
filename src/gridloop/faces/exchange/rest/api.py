"""The API itself: who is let in, how refusals are told, and what its OpenAPI document says of both."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from gridloop.base.common.errors import DomainError
from gridloop.base.shell import errors
from gridloop.faces.exchange.actions import admit
from gridloop.faces.exchange.actors import actor_of_key
from gridloop.faces.exchange.errors import BadKey, Malformed
from gridloop.faces.exchange.models import ApiKey
from gridloop.faces.exchange.rest import document, edge


class KeyBearer(HttpBearer):
    """`Authorization: Bearer glk_…`. A session's cookie is never looked at."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        now = timezone.now()
        key = admit(token, at=now)
        request.actor = actor_of_key(key, on=timezone.localdate(now))  # type: ignore[attr-defined]
        edge.check_query(request, api.queries)
        return key


class Api(NinjaAPI):
    """Ninja's API with a document that is exact, and with nothing passed over in silence."""

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        # Whoever asks need not sign in, and to make it takes a fifth of a second: once for each language.
        language = get_language() or ""
        if language not in self._documents:
            schema = super().get_openapi_schema(**given)
            document.complete(schema)
            self._documents[language] = schema
        return self._documents[language]

    @cached_property
    def _documents(self) -> dict[str, OpenAPISchema]:
        return {}

    @cached_property
    def queries(self) -> edge.Queries:
        return document.query_names(self.get_openapi_schema())

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        urls = super()._get_urls()
        for url in urls:
            if isinstance(url, URLPattern):
                url.callback = edge.telling_methods(url.callback)
        return urls


api = Api(
    title="一网共治 Gridloop",
    version="1.0.0",
    description="案件上报、派遣、办理与核查的开放接口。",
    urls_namespace="exchange",
    auth=KeyBearer(),
    parser=edge.StrictParser(),
    renderer=edge.ReadableRenderer(),
    docs=Swagger(settings={"persistAuthorization": False}),
)
api.add_router("", "gridloop.faces.exchange.rest.cases.router")
api.add_router("", "gridloop.faces.exchange.rest.verbs.router")
api.add_router("", "gridloop.faces.exchange.rest.reference.router")


@api.exception_handler(DomainError)
def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Tell a refusal of ours as it stands."""
    response = errors.answer(request, error)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(AuthenticationError)
def not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Ask for a key."""
    del error
    return refused(request, BadKey(_("请在 Authorization 请求头中提供接口密钥：Bearer glk_…")))


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name each field at fault by its path."""
    fields = {".".join(str(part) for part in e["loc"][1:]) or e["loc"][0]: e["msg"] for e in error.errors}
    return errors.answer(request, Malformed(_("请求内容有误，请按接口文档修改。"), fields=fields))


@api.exception_handler(Http404)
def unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    """Say that there is nothing, in the words of the whole house."""
    return errors.not_found(request, error)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Tell of a body that cannot be read."""
    if isinstance(error.__cause__, DomainError):
        return errors.answer(request, error.__cause__)
    return errors.respond(
        request, errors.Problem(HTTPStatus.BAD_REQUEST, "bad-request", _("请求内容不是有效的 JSON。"))
    )


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """Say how much is read."""
    del error
    has_files = request.content_type == "multipart/form-data"
    most = (settings.UPLOAD_MAX_BYTES if has_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE) >> 20
    return errors.answer(request, edge.TooLarge(_("请求内容超过 %(most)s MB。") % {"most": most}))
