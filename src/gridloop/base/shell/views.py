from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from gridloop.base.shell.context import THEME_COOKIE, THEMES
from gridloop.base.shell.rendering import render
from gridloop.base.shell.samples import samples

A_YEAR_S = 365 * 24 * 3600


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark, or as the device says, in a cookie."""
    response = redirect(_next_url(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=A_YEAR_S, samesite="Lax")
    return response


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """My account: who I am, my posts, my password and second factor, language and appearance."""
    return render(request, "shell/me.html")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component once."""
    return render(request, "shell/styleguide.html", samples(request))


def _next_url(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else "/"
