"""What waits for dispatch, with what is proposed, and taking some or all of it into one batch."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gridloop.base.common.errors import InvalidInput
from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.rendering import render, wants_fragment
from gridloop.capabilities.dispatch.actions import previews
from gridloop.capabilities.dispatch.forms.queue import QueueFilter, cleaned
from gridloop.capabilities.dispatch.given import number
from gridloop.capabilities.dispatch.limits import MOST_CASES
from gridloop.capabilities.dispatch.planning import Wish
from gridloop.capabilities.dispatch.present import queue
from gridloop.capabilities.dispatch.present.keys import QUEUE_KEYS
from gridloop.core.cases.choices import unit_groups
from gridloop.core.org.middleware import actor_in

GEOJSON = "application/geo+json"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The queue by the filters in the address; those that wait for adjudication stand apart."""
    actor, now = actor_in(request), timezone.now()
    is_apart = request.GET.get("pile") == "adjudicating"
    form, query = QueueFilter(request.GET), cleaned(request.GET)
    cases = form.narrow(queue.waiting(actor, is_adjudicating=is_apart), now=now)
    waiting, apart = queue.piles(actor)
    context: dict[str, Any] = {
        "form": form,
        "page": queue.page(cases, form, request.GET.get("cursor", ""), now),
        "query": query,
        "is_apart": is_apart,
        "waiting": waiting,
        "apart": apart,
        "most": MOST_CASES,
        "units": unit_groups(),
        "page_keys": QUEUE_KEYS,
        "regions_url": f"{url_or_blank('org:regions')}?level=village",
        "may_manage": actor.can("dispatch.manage"),
        "may_adjudicate": actor.can("case.adjudicate"),
    }
    response = render(request, "dispatch/queue.html", context, fragment="dispatch/_queue.html")
    if wants_fragment(request):
        response["HX-Push-Url"] = (
            f"{reverse('dispatch:queue')}?{query}" if query else reverse("dispatch:queue")
        )
    return response


@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """Where the cases of the filtered queue lie, for drawing an area around some of them."""
    actor, now = actor_in(request), timezone.now()
    form = QueueFilter(_without(request.GET, "area"))
    body = queue.points(form.narrow(queue.waiting(actor), now=now), now)
    return JsonResponse(body, content_type=GEOJSON, json_dumps_params={"ensure_ascii": False})


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Plan what was ticked, or all that passes the filter, and show the plan."""
    actor, now = actor_in(request), timezone.now()
    query = QueryDict(request.POST.get("query", ""))
    if request.POST.get("scope") == "all":
        form = QueueFilter(query)
        case_ids = queue.ids(form.narrow(queue.waiting(actor), now=now), form, now)
    else:
        case_ids = [key for text in request.POST.getlist("case") if (key := _key(text))]
        if not case_ids:
            raise InvalidInput(_("请先勾选要派遣的案件，或选择“全部符合条件的案件”。"))
    wishes = _wishes(request.POST, case_ids)
    batch = previews.preview(case_ids, actor=actor, at=now, wishes=wishes, query=cleaned(query))
    return redirect("dispatch:batch", batch_id=batch.pk)


def _wishes(posted: QueryDict, case_ids: list[UUID]) -> dict[UUID, Wish]:
    """Return one unit for all where one was chosen, else the proposals that were pressed for single cases."""
    if posted.get("to") == "unit":
        unit_id = number(posted.get("unit", ""))
        if unit_id is None:
            raise InvalidInput(_("请选择派给哪个单位。"), fields={"unit": _("必填")})
        return {case_id: Wish(unit_id=unit_id) for case_id in case_ids}
    ranks = {case_id: number(posted.get(f"rank-{case_id}", "")) for case_id in case_ids}
    return {case_id: Wish(rank=rank) for case_id, rank in ranks.items() if rank}


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _without(query: QueryDict, *names: str) -> QueryDict:
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return kept
