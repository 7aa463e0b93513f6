"""What just happened: as it happens, or asked for again and again where streams do not get through."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from gridloop.core.org.middleware import actor_in
from gridloop.faces.centre.live import news as reading
from gridloop.faces.centre.live.hub import hub
from gridloop.faces.centre.live.news import Cursor
from gridloop.faces.centre.live.reader import RESYNC, Reader
from gridloop.faces.centre.live.stream import EventStream
from gridloop.faces.centre.live.viewer import Viewer, frame, viewer_of

RECENT = 40
MOST_STREAMS = 1000  # of one process


@require_GET
def live(request: HttpRequest) -> HttpResponseBase:
    """
    Server-sent events: `news` with a list of events, `resync` where all is to be loaded anew, `bye` at the
    end of the sign-in, and `hello` first, or what was missed since `Last-Event-ID` or `?after=`.
    """
    actor = actor_in(request)
    viewer = viewer_of(actor)
    if len(hub.readers()) >= MOST_STREAMS:
        return HttpResponse(status=503, headers={"Retry-After": "60"})  # the browser asks for news instead
    cursor = Cursor.read(request.headers.get("Last-Event-ID") or request.GET.get("after", ""))
    reader = Reader(actor, viewer, request.session.session_key or "")
    return EventStream(reader, lambda: _opening(viewer, cursor))


@never_cache
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """
    `{cursor, resync, events}` since `?after=CURSOR`; without a cursor only the one to begin with.
    """
    cursor, now = Cursor.read(request.GET.get("after", "")), timezone.now()
    found = reading.since(cursor, now) if cursor else reading.News([], reading.here(now), 0)
    events = b"[]" if found.events is None else reading.shown_to(viewer_of(actor_in(request)), found.events)
    resync = b"true" if found.events is None else b"false"
    body = b'{"cursor": "%s", "resync": %s, "events": %s}' % (str(found.cursor).encode(), resync, events)
    return HttpResponse(body, content_type="application/json")


@never_cache
@require_safe
def recent(request: HttpRequest) -> HttpResponse:
    """The last events as a list, for a screen that has just been opened."""
    body = reading.latest(viewer_of(actor_in(request)), RECENT)
    return HttpResponse(body, content_type="application/json")


def _opening(viewer: Viewer, cursor: Cursor | None) -> bytes:
    now = timezone.now()
    if cursor is None:
        return frame("hello", b"{}", reading.here(now))
    found = reading.since(cursor, now)
    if found.events is None:
        return RESYNC + frame("hello", b"{}", found.cursor)
    return frame("news", reading.shown_to(viewer, found.events), found.cursor)
