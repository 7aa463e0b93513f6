"""The command centre's screen in four modes, and what its map asks for."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from gridloop.base.common.boxes import read_box
from gridloop.base.shell.rendering import render
from gridloop.core.org.middleware import actor_in
from gridloop.faces.centre import ticker
from gridloop.faces.centre.analysis import PERIODS
from gridloop.faces.centre.board import Ask, board_for
from gridloop.faces.centre.cells import Look, cells_in, masked_cells_in, read_zoom, square_size
from gridloop.faces.centre.maps import screen_map
from gridloop.faces.centre.modes import MODES, mode_of
from gridloop.faces.centre.playback import columns
from gridloop.faces.centre.spans import Span, read_span
from gridloop.faces.centre.visit import FEW
from gridloop.faces.centre.window import cases_in

GEOJSON = "application/geo+json"


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The screen; htmx asks for its numbers again and leaves map and charts where they are."""
    mode = mode_of(request.GET.get("mode", ""))
    ask = Ask(_days(request), _incident(request))
    board = board_for(actor_in(request), mode.name, timezone.now(), ask)
    context = {
        "mode": mode,
        "modes": MODES.values(),
        "periods": PERIODS,
        "map": screen_map(mode.name, board),
        "few": FEW,
        "ticker": ticker.words,
        "board": board,
    }
    return render(request, f"centre/{mode.name}.html", context, fragment=f"centre/boards/{mode.name}.html")


@never_cache
@require_safe
def cases(request: HttpRequest) -> JsonResponse:
    """The open cases in the window `?bbox=west,south,east,north`, or those of the day or month `?when=`."""
    box = read_box(request.GET.get("bbox", ""))
    found = cases_in(box, actor_in(request), timezone.now(), span=_span(request))
    return JsonResponse(found, content_type=GEOJSON)


@never_cache
@gzip_page
@require_safe
def cells(request: HttpRequest) -> JsonResponse:
    """The same window in squares of the screen at `?zoom=`; `?grain=fine` for heat."""
    found = cells_in(_look(request), actor_in(request), timezone.now())
    return JsonResponse(found, content_type=GEOJSON)


@never_cache
@gzip_page
@require_safe
def masked_cells(request: HttpRequest) -> JsonResponse:
    """The squares as visitors may see them."""
    found = masked_cells_in(_look(request), actor_in(request), timezone.now())
    return JsonResponse(found, content_type=GEOJSON)


@never_cache
@gzip_page
@require_safe
def played(request: HttpRequest) -> HttpResponse:
    """The cases of the day or month `?when=` as columns of numbers."""
    span = read_span(request.GET.get("when", ""))
    body = columns(span, actor_in(request))
    return HttpResponse(body, content_type="application/octet-stream")


def _look(request: HttpRequest) -> Look:
    is_fine = request.GET.get("grain") == "fine"
    return Look(
        box=read_box(request.GET.get("bbox", "")),
        size=square_size(read_zoom(request.GET.get("zoom", "")), is_fine=is_fine),
        span=_span(request),
        is_late_only="late" in request.GET,
    )


def _span(request: HttpRequest) -> Span | None:
    wanted = request.GET.get("when", "")
    return read_span(wanted) if wanted else None


def _days(request: HttpRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in map(str, PERIODS) else PERIODS[0]


def _incident(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("incident", ""))
    except ValueError:
        return None
