"""The command centre's screen: today's figures and the open cases on the map."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.rendering import render
from gridloop.core.org.middleware import actor_in
from gridloop.faces.centre.board import board_for
from gridloop.faces.centre.window import cases_in, read_box


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The screen; htmx asks for its numbers again and leaves the map where it is."""
    context = {
        "board": board_for(actor_in(request), timezone.now()),
        "regions_url": url_or_blank("org:regions"),
        "cases_url": url_or_blank("centre:cases"),
    }
    return render(request, "centre/home.html", context, fragment="centre/_board.html")


@never_cache
@require_safe
def cases(request: HttpRequest) -> JsonResponse:
    """The open cases in the window `?bbox=west,south,east,north`."""
    box = read_box(request.GET.get("bbox", ""))
    found = cases_in(box, actor_in(request), timezone.now())
    return JsonResponse(found, content_type="application/geo+json")
