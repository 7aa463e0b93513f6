"""What every view of the desk asks first."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from gridloop.base.shell.context import url_or_blank


def regions_url() -> str:
    """Where the map's ground comes from; nothing where it cannot be had, and the map draws without it."""
    url = url_or_blank("org:regions")
    return f"{url}?level=village" if url else ""


def list_url(request: HttpRequest) -> str:
    """The list that the person came from with its filters, the inbox otherwise."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_list = came_from.netloc == request.get_host() and came_from.path in _lists()
    address = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    return address if is_list else reverse("desk:inbox")


def _lists() -> set[str]:
    return {reverse("desk:inbox"), reverse("desk:cases")}
