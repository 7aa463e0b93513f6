"""Who acts in this request, and whether the page is open to them."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.core.org import access
from gridloop.core.org.actors import REPORTER, Actor
from gridloop.core.org.posts import acting

SESSION_KEY = "post_id"


class ActingPostMiddleware:
    """
    Set `request.actor` and hold the access table against every view, denying by default.

    A person acts in the post chosen in the session, in the default one otherwise; a visitor is a reporter.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of_request(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        table = access.access_table()
        if table is None or request.resolver_match is None:
            return None
        needed = access.required(table, request.resolver_match.view_name)
        actor = actor_in(request)
        if access.is_met(needed, actor, is_signed_in=request.user.is_authenticated):
            return None
        if not request.user.is_authenticated:
            return self._ask_to_sign_in(request)
        raise PermissionDenied(_("当前岗位没有打开此页面的权限，请切换岗位或联系系统管理员。"))

    @staticmethod
    def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
        wants_page = request.accepts("text/html") and not request.path.startswith("/api/")
        if not wants_page:
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        response = redirect_to_login(request.get_full_path())
        if request.headers.get("HX-Request"):
            # htmx would swap the login form into a corner of the page; send the whole page there instead.
            return HttpResponse(headers={"HX-Redirect": response.url})
        return response


def actor_in(request: HttpRequest) -> Actor:
    """Return whoever acts in this request, as the middleware or the door for programs set it."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def actor_of_request(request: HttpRequest) -> Actor:
    """Return who acts by the session: in its post, or in the default one; a visitor is a reporter."""
    if not request.user.is_authenticated:
        return REPORTER
    return acting(request.user, on=timezone.localdate(), chosen=request.session.get(SESSION_KEY))
