"""Choosing the post to act in, and the regions as maps draw them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_http_methods, require_safe

from gridloop.base.common.errors import NotFound
from gridloop.base.shell import posts as shell_posts
from gridloop.base.shell.rendering import render
from gridloop.core.org import access
from gridloop.core.org.chooser import choices
from gridloop.core.org.drawing import drawing
from gridloop.core.org.middleware import SESSION_KEY, actor_of_request
from gridloop.core.org.unitpoints import unit_points

GEOJSON = "application/geo+json"
DRAWN_LEVEL = "village"


@require_http_methods(["GET", "HEAD", "POST"])
def choose_post(request: HttpRequest) -> HttpResponse:
    """Show the posts that the person holds today; a POST of `post` and `next` acts in one from now on."""
    if request.method != "POST":
        return render(request, "org/choose_post.html", {"posts": choices(request)})
    request.session[SESSION_KEY] = _chosen(request).id
    return redirect(_next_url(request))


def _etag(request: HttpRequest) -> str:
    return drawing(request.GET.get("level", DRAWN_LEVEL)).etag


@gzip_page
@require_safe
@condition(etag_func=_etag)
def regions(request: HttpRequest) -> HttpResponse:
    """Answer with the current boundaries of `?level=` (villages and communities by default) as GeoJSON."""
    body = drawing(request.GET.get("level", DRAWN_LEVEL)).body
    # Kept by the browser, asked for again each time: a boundary that changed is seen on the next page.
    return HttpResponse(body, content_type=GEOJSON, headers={"Cache-Control": "no-cache"})


@gzip_page
@require_safe
def units(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer with the units in use as GeoJSON points."""
    return JsonResponse(unit_points(), content_type=GEOJSON, headers={"Cache-Control": "no-cache"})


def _chosen(request: HttpRequest) -> shell_posts.PostChoice:
    wanted = request.POST.get("post", "")
    found = next((choice for choice in choices(request) if str(choice.id) == wanted), None)
    if found is None:
        raise NotFound(_("您没有这个岗位，或任期已满。请从岗位列表中选择，或联系系统管理员。"))
    return found


def _next_url(request: HttpRequest) -> str:
    """Return where the person came from, unless the new post may not go there: then the list of posts."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    may_open = is_ours and access.may_open(wanted, actor_of_request(request))
    return wanted if may_open else request.path
