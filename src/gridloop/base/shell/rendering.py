"""A page and its fragment share one URL and one view."""

from collections.abc import Mapping

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

MESSAGES = "shell/components/messages_oob.html"


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """
    Render the page, or only its fragment where htmx asks for a part of the page.

    :param fragment: template of the part; without it the whole page is always sent.
    :param status: 422 for a form with errors, 409 with the fresh state for a stale page.
    """
    data = dict(context or {})
    if fragment and wants_fragment(request):
        content = render_to_string(fragment, data, request) + _waiting_messages(request)
    else:
        content = render_to_string(template, data, request)
    response = HttpResponse(content, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part; a boosted link or a step back in history needs the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and not (
        headers.get("HX-Boosted") or headers.get("HX-History-Restore-Request")
    )


def _waiting_messages(request: HttpRequest) -> str:
    """A fragment brings the waiting messages along; otherwise they would surprise on some later page."""
    messages = list(get_messages(request))
    return render_to_string(MESSAGES, {"messages": messages}) if messages else ""
