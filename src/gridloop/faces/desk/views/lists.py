"""What waits for me, all cases by their filters, finding one again, and taking a list along."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gridloop.base.common.ids import tells_a_time
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render, wants_fragment
from gridloop.core.cases import search
from gridloop.core.cases.models import Case
from gridloop.core.org.middleware import actor_in
from gridloop.faces.desk import actions, exports
from gridloop.faces.desk.boxes import boxes_of, counts
from gridloop.faces.desk.filters import CaseFilter, cleaned, quick_lists
from gridloop.faces.desk.models import SavedFilter
from gridloop.faces.desk.present import lists

PAGE_SIZE = 30


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, pile by pile, overdue first."""
    actor, now = actor_in(request), timezone.now()
    boxes = boxes_of(actor)
    numbers = counts(boxes, actor)
    boxes = [box for box in boxes if not box.is_drill or numbers.get(box.name)]
    wanted = request.GET.get("box", "")
    box = next((b for b in boxes if b.name == wanted), None) or next(
        (b for b in boxes if numbers.get(b.name)), boxes[0] if boxes else None
    )
    context: dict[str, Any] = {
        "tabs": lists.tabs(boxes, numbers, box),
        "box": box,
        "can_report": actor.can("case.report"),
    }
    if box is not None:
        cases = lists.listed(box.waiting(actor))
        page = keyset(cases, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=box.order)
        context |= {"page": page, **lists.shown(page.rows, now)}
    return render(request, "desk/inbox.html", context, fragment="desk/_inbox.html")


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """All cases that I may see, newest first, by the filters in the address; words find too."""
    actor, now = actor_in(request), timezone.now()
    form = CaseFilter(request.GET)
    visible = lists.listed(form.narrow(Case.objects.visible_to(actor), now=now))
    words = form.words
    if words:
        found = search.by_words(visible, words, size=PAGE_SIZE, now=now, before=_before(request))
        page: Any = lists.WordsPage(found)
    else:
        page = keyset(visible, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    query = cleaned(request.GET)
    context = {
        "form": form,
        "page": page,
        **lists.shown(page.rows, now),
        "saved": SavedFilter.objects.filter(user=actor.user_id).order_by("name", "pk"),
        "quick": quick_lists(query),
        "words": words,
        "query": query,
        "can_export": actor.can("case.export"),
        "can_report": actor.can("case.report"),
    }
    response = render(request, "desk/cases.html", context, fragment="desk/_results.html")
    if wants_fragment(request):
        response["HX-Push-Url"] = f"{reverse('desk:cases')}?{query}" if query else reverse("desk:cases")
    return response


@require_safe
def search_case(request: HttpRequest) -> HttpResponse:
    """The search box of the top bar: a number or tracking code opens its case, words open the list."""
    text = request.GET.get("q", "").strip()
    hit = search.by_code(actor_in(request), text)
    if hit is not None:
        return redirect("desk:case", case_id=hit.pk)
    query = QueryDict(mutable=True)
    query["q"] = text
    return redirect(f"{reverse('desk:cases')}?{query.urlencode()}")


@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The filtered list as a file, without anything that tells of a person."""
    actor, now = actor_in(request), timezone.now()
    form = CaseFilter(request.GET)
    found = form.narrow(Case.objects.visible_to(actor), now=now)
    return exports.response(kind, found, form.words, now=now)


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the list that is shown under a name."""
    query = cleaned(QueryDict(request.POST.get("query", "")))
    actions.save_filter(cast(int, request.user.pk), name=request.POST.get("name", ""), query=query)
    messages.success(request, _("已保存为常用筛选。"))
    return redirect(f"{reverse('desk:cases')}?{query}")


@require_POST
def drop_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Forget a list."""
    actions.drop_filter(cast(int, request.user.pk), filter_id)
    return redirect("desk:cases")


def _before(request: HttpRequest) -> UUID | None:
    try:
        key = UUID(request.GET.get("before", ""))
    except ValueError:
        return None
    return key if tells_a_time(key) else None
