"""What every view of the call-out asks first."""

from typing import Any

from django.http import HttpRequest

from gridloop.base.shell.context import url_or_blank


def posted(request: HttpRequest) -> tuple[Any, Any]:
    """Return what a form is bound to: fields and files of a POST, and nothing otherwise."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def regions_url() -> str:
    """Where the map's ground comes from."""
    url = url_or_blank("org:regions")
    return f"{url}?level=village" if url else ""


def resources_url() -> str:
    """Where the map's resources come from."""
    return url_or_blank("incidents:resources")
