"""Kind error pages: what happened, what to do next, and nothing typed is lost."""

import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.errors import DomainError
from gridloop.base.shell import away
from gridloop.base.shell.rendering import wants_fragment

logger = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
NEVER_SHOWN = ("password", "token", "secret", "otp", "captcha", "code", "id_number")
SHOWN_LENGTH = 10_000

TITLES = {
    HTTPStatus.BAD_REQUEST: gettext_lazy("请求无法识别"),
    HTTPStatus.UNAUTHORIZED: gettext_lazy("请先登录"),
    HTTPStatus.FORBIDDEN: gettext_lazy("没有权限"),
    HTTPStatus.NOT_FOUND: gettext_lazy("没有找到"),
    HTTPStatus.METHOD_NOT_ALLOWED: gettext_lazy("不支持这种操作"),
    HTTPStatus.CONFLICT: gettext_lazy("内容已有变化"),
    HTTPStatus.PRECONDITION_FAILED: gettext_lazy("内容已有变化"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: gettext_lazy("提交的内容太大"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: gettext_lazy("不支持这种格式"),
    HTTPStatus.UNPROCESSABLE_ENTITY: gettext_lazy("填写的内容有误"),
    HTTPStatus.TOO_MANY_REQUESTS: gettext_lazy("操作太频繁"),
    HTTPStatus.INTERNAL_SERVER_ERROR: gettext_lazy("系统出错了"),
    HTTPStatus.SERVICE_UNAVAILABLE: gettext_lazy("系统正在恢复"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as people and programs are told of it (RFC 9457)."""

    status: HTTPStatus
    code: str
    message: str
    fields: dict[str, str] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(TITLES.get(self.status, self.status.phrase))

    def as_json(self, request: HttpRequest) -> dict[str, Any]:
        body = {
            **self.detail,
            "type": f"urn:gridloop:problem:{self.code}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.message,
            "code": self.code,
            "instance": request.path,
        }
        return {**body, "errors": self.fields} if self.fields else body


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Turn a refusal into a page, a fragment for htmx, or problem+json for a program."""
    return respond(
        request, Problem(HTTPStatus(error.status), error.code, str(error.message), error.fields, error.detail)
    )


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Say `problem` in the form in which the request wants to be answered."""
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            problem.as_json(request),
            status=problem.status,
            content_type=PROBLEM,
            json_dumps_params={"ensure_ascii": False},
        )
    elif wants_fragment(request):
        response = _fragment(request, problem)
    else:
        response = _page(request, problem)
    if "retry_after" in problem.detail:
        response["Retry-After"] = str(problem.detail["retry_after"])
    patch_vary_headers(response, ["HX-Request", "Accept"])
    return response


def wants_json(request: HttpRequest) -> bool:
    """Programs speak to /api/, or prefer JSON to a page."""
    if request.path.startswith("/api/"):
        return True
    preferred = request.get_preferred_type(["text/html", "application/json", PROBLEM])
    return preferred in {"application/json", PROBLEM}


def _fragment(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The refusal joins the messages on top, so that the form that was filled in stays as it is."""
    content = render_to_string("shell/components/problem.html", {"problem": problem}, request)
    response = HttpResponse(content, status=problem.status)
    response["HX-Retarget"] = "#messages"
    response["HX-Reswap"] = "beforeend"
    return response


def _page(request: HttpRequest, problem: Problem) -> HttpResponse:
    context = {"problem": problem, "typed": list(typed(request)), "back_url": _back_url(request)}
    try:
        return HttpResponse(render_to_string("shell/error.html", context, request), status=problem.status)
    except Exception:  # an error page must never fail, whatever of the frame around it is broken
        logger.exception("error page failed")
        return _plain(problem)


def _plain(problem: Problem) -> HttpResponse:
    return HttpResponse(
        render_to_string("shell/error_plain.html", {"problem": problem}), status=problem.status
    )


def typed(request: HttpRequest) -> Iterable[tuple[str, str]]:
    """Yield what the person had typed, never a secret, so that it can be copied and sent again."""
    if request.method != "POST":
        return
    try:
        posted = request.POST
    except Exception:  # noqa: BLE001  # the body itself may be what was wrong
        return
    for name, values in posted.lists():
        hidden = any(word in name.lower() for word in NEVER_SHOWN) or name in {"version", "next"}
        if not hidden:
            yield from ((name, value[:SHOWN_LENGTH]) for value in values if value.strip())


def _back_url(request: HttpRequest) -> str:
    """The page that the person came from, if it is one of ours."""
    referer = request.headers.get("Referer", "")
    try:
        is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    except DisallowedHost:
        is_ours = False
    path = urlsplit(referer)._replace(scheme="", netloc="").geturl() if is_ours else ""
    return path if path.startswith("/") and not path.startswith("//") else ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler400`; more than is read at all is a 413."""
    if isinstance(exception, RequestDataTooBig):
        message = _("提交的文字或文件太大，没有保存。请减少文件或分几次提交。")
        return respond(request, Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", message))
    return respond(request, Problem(HTTPStatus.BAD_REQUEST, "bad-request", _("请返回上一页检查后再试。")))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler403`; what PermissionDenied says is shown."""
    message = str(exception or "") or _("当前岗位没有打开此页面的权限，请切换岗位或联系系统管理员。")
    return respond(request, Problem(HTTPStatus.FORBIDDEN, "not-allowed", message))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """`handler404`; never says whether the thing exists."""
    message = _("您要找的内容不存在，或者您无权查看。请检查网址，或从首页重新进入。")
    return respond(request, Problem(HTTPStatus.NOT_FOUND, "not-found", message))


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """`handler429`, which allauth looks for too."""
    message = _("操作太频繁，请稍等几分钟再试。")
    return respond(request, Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", message))


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the database is away for a moment: nothing was stored, and the same may be sent again soon."""
    away.drop_dead_connections()
    message = _("系统正在恢复，这次操作没有保存。请稍等几秒再试，填写的内容不会重复提交。")
    problem = Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", message, detail={"retry_after": away.RETRY_S}
    )
    if wants_json(request) or wants_fragment(request):
        return respond(request, problem)
    response = _plain(problem)
    response["Retry-After"] = str(away.RETRY_S)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`; asks nothing of database, session or templates that may be broken themselves."""
    if away.is_away(sys.exc_info()[1]):  # already in a middleware, before there was a view
        return unavailable(request)
    message = _("系统出现意外，已记录下来。请稍后再试；如仍不行，请联系系统管理员。")
    problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "server-error", message)
    if wants_json(request) or wants_fragment(request):
        return respond(request, problem)
    return _plain(problem)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: most often the page stood open over a new login, or cookies are switched off."""
    logger.warning("csrf refused", extra={"reason": reason})
    message = _(
        "页面停留太久或登录状态已变化，为了您的账号安全，这次提交没有生效。请返回上一页，刷新后再提交。"
    )
    return respond(request, Problem(HTTPStatus.FORBIDDEN, "csrf", message))
