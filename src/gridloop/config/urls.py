"""Where each face begins."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

# Prefix of each app with pages; the portal comes last, since it begins at the root.
_APPS = {
    "": "gridloop.base.shell.urls",
    "org/": "gridloop.core.org.urls",
    "desk/": "gridloop.faces.desk.urls",
    "centre/": "gridloop.faces.centre.urls",
    "dispatch/": "gridloop.capabilities.dispatch.urls",
    "incidents/": "gridloop.capabilities.incidents.urls",
    "rooms/": "gridloop.capabilities.rooms.urls",
    "oversight/": "gridloop.capabilities.oversight.urls",
    "figures/": "gridloop.capabilities.figures.urls",
    "messages/": "gridloop.capabilities.notify.urls",
    "api/": "gridloop.faces.exchange.urls",
    "./": "gridloop.faces.portal.urls",
}


def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Tell a watching program that the web process answers; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", alive, name="alive"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    *(path(prefix.removeprefix("./"), include(urls)) for prefix, urls in _APPS.items()),
]

handler400 = "gridloop.base.shell.errors.bad_request"
handler403 = "gridloop.base.shell.errors.forbidden"
handler404 = "gridloop.base.shell.errors.not_found"
handler500 = "gridloop.base.shell.errors.server_error"
