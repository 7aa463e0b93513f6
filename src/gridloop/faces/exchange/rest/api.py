"""The API itself: who is let in, how refusals are told, and what its OpenAPI document says of both."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.base.shell import errors
from gridloop.faces.exchange.actions import admit
from gridloop.faces.exchange.actors import actor_of_key
from gridloop.faces.exchange.errors import BadKey
from gridloop.faces.exchange.models import ApiKey
from gridloop.faces.exchange.rest.schemas import ProblemOut

PROBLEMS = {
    "400": "the request could not be read",
    "401": "no key, or one that is unknown, expired or revoked",
    "403": "the key, its post, or the case's rules do not allow it",
    "404": "there is no such thing, or the key may not know of it",
    "409": "the state of the case stands against it, or somebody else was quicker",
    "412": "the case is no longer at the version of If-Match",
    "422": "something in the request cannot be used as it stands",
    "429": "the key has used up its calls of this minute; see Retry-After",
}
_PROBLEM_REF = {"$ref": "#/components/schemas/ProblemOut"}


class KeyBearer(HttpBearer):
    """`Authorization: Bearer glk_…`. A session's cookie is never looked at."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        now = timezone.now()
        key = admit(token, at=now)
        request.actor = actor_of_key(key, on=timezone.localdate(now))  # type: ignore[attr-defined]
        return key


class Api(NinjaAPI):
    """Ninja's API, whose document tells of refusals and entity tags as well."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **kwargs)
        schemas = schema["components"]["schemas"]
        schemas["ProblemOut"] = ProblemOut.model_json_schema()
        for path in schema["paths"].values():
            for operation in path.values():
                _tell_refusals(operation)
        return schema


def _tell_refusals(operation: dict[str, Any]) -> None:
    content = {errors.PROBLEM: {"schema": _PROBLEM_REF}}
    responses = operation["responses"]
    responses |= {status: {"description": text, "content": content} for status, text in PROBLEMS.items()}
    responses["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}


api = Api(
    title="一网共治 Gridloop",
    version="1.0.0",
    description="案件上报、派遣、办理与核查的开放接口。",
    urls_namespace="exchange",
    auth=KeyBearer(),
    docs=Swagger(settings={"persistAuthorization": False}),
)
api.add_router("", "gridloop.faces.exchange.rest.cases.router")
api.add_router("", "gridloop.faces.exchange.rest.verbs.router")
api.add_router("", "gridloop.faces.exchange.rest.reference.router")


@api.exception_handler(DomainError)
def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Tell a refusal of ours as it stands."""
    return errors.answer(request, error)


@api.exception_handler(AuthenticationError)
def not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Ask for a key."""
    del error
    response = errors.answer(request, BadKey(_("请在 Authorization 请求头中提供接口密钥：Bearer glk_…")))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name each field at fault by its path."""
    fields = {".".join(str(part) for part in e["loc"][1:]) or e["loc"][0]: e["msg"] for e in error.errors}
    return errors.answer(request, InvalidInput(_("请求内容有误，请按接口文档修改。"), fields=fields))


@api.exception_handler(Http404)
def unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    """Say that there is nothing, in the words of the whole house."""
    return errors.not_found(request, error)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Tell of a request whose body is no JSON."""
    del error
    return errors.bad_request(request)
