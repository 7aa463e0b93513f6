"""The desk for extensions and suspensions: each request with what it would mean, decided in its place."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.oversight.forms import TimesFilter
from gridloop.capabilities.oversight.present import times as present
from gridloop.core.cases.actions import VERBS
from gridloop.core.cases.models import TimeRequest
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 20


@require_safe
def times(request: HttpRequest) -> HttpResponse:
    """The requests that wait, the oldest first."""
    return _page(request, request.GET, {})


@require_POST
def decide(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Grant or refuse what is asked for on a case; what stands against it is shown beside it."""
    query = QueryDict(request.POST.get("query", "").lstrip("?"))
    note = request.POST.get("note", "")
    try:
        said = _decided(request, case_id, note)
    except DomainError as refusal:
        return _page(request, query, {case_id: (refusal.message, note)}, status=int(refusal.status))
    messages.success(request, said)
    here = reverse("oversight:times")
    return redirect(f"{here}?{query.urlencode()}" if query else here)


def _decided(request: HttpRequest, case_id: UUID, note: str) -> str:
    actor = actor_in(request)
    waiting = present.pending(actor, now=timezone.now()).filter(case=case_id).first()
    if waiting is None:
        raise NotFound(_("这项申请已经审批，或已不需要。"))
    verb = f"grant_{waiting.kind}" if request.POST.get("decision") == "grant" else "refuse_time"
    case = VERBS[verb](case_id, actor=actor, at=timezone.now(), expected_version=_version(request), note=note)
    words = (
        _("已同意 %(number)s 的%(kind)s申请。")
        if verb != "refuse_time"
        else _("已退回 %(number)s 的%(kind)s申请。")
    )
    return words % {"number": case.number, "kind": TimeRequest.Kind(waiting.kind).label}


def _version(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("version", ""))
    except ValueError as error:
        raise InvalidInput(_("页面已过期，请刷新后再审批。")) from error


def _page(
    request: HttpRequest, query: QueryDict, errors: dict[UUID, tuple[str, str]], *, status: int = 200
) -> HttpResponse:
    actor, now = actor_in(request), timezone.now()
    form = TimesFilter(query)
    given = form.cleaned_data if form.is_valid() else {}
    found = present.pending(
        actor,
        kind=given.get("kind", ""),
        unit=given.get("unit"),
        is_late=bool(given.get("is_late")),
        now=now,
    )
    page = keyset(found, cursor=query.get("cursor", ""), size=PAGE_SIZE, key=("asked_at", "pk"))
    context = {
        "form": form,
        "page": page,
        "rows": present.shown(page.rows, actor, now, errors),
        "query": query.urlencode(),
        "is_narrowed": any(given.values()),
    }
    return render(request, "oversight/times.html", context, status=status)
