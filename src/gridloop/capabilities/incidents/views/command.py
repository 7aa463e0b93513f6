"""Leading an incident: open it, call, follow, close."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.common.ids import new_id
from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.files import stored_file
from gridloop.base.shell.forms import posted, put_errors, status_of
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.actions import Called
from gridloop.capabilities.incidents.config import settings
from gridloop.capabilities.incidents.forms.command import (
    NoteForm,
    OpenForm,
    SearchForm,
    plan_choices,
    wanted_of,
)
from gridloop.capabilities.incidents.labels import ANSWERS
from gridloop.capabilities.incidents.models import Incident, IncidentFile, IncidentKind, IncidentLevel
from gridloop.capabilities.incidents.needs import Search, groups_for
from gridloop.capabilities.incidents.reading import Board, board, open_incidents
from gridloop.capabilities.incidents.views.common import regions_url, resources_url
from gridloop.core.cases.models import Case
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What runs now, and what is over."""
    actor = actor_in(request)
    ended = Incident.objects.visible_to(actor).ended().select_related("region")
    if request.GET.get("drills") != "1":
        ended = ended.real()
    page = keyset(ended, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-id",))
    context = {
        "running": open_incidents(actor),
        "page": page,
        "shows_drills": request.GET.get("drills") == "1",
    }
    return render(request, "incidents/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_page(request: HttpRequest) -> HttpResponse:
    """Open an incident from a case or from a point on the map."""
    actor = actor_in(request)
    form = OpenForm(*posted(request), initial=_first_words(request))
    if form.is_valid():
        try:
            key = form.cleaned_data["key"]
            made = actions.open_incident(form.opening(), actor=actor, at=timezone.now(), key=key)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            if made.pk != key:
                messages.warning(request, _("这个案件已有正在进行的应急调度 %(n)s。") % {"n": made.number})
            return redirect("incidents:board", incident_id=made.pk)
    case = _case(request, form["case_id"].value())
    context = {"form": form, "case": case, "regions_url": regions_url()}
    return render(request, "incidents/open.html", context, status=status_of(form))


@never_cache
@require_safe
def board_page(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """One incident: who can be called, who was, what is to be done, what happened; `?part=live` alone."""
    now = timezone.now()
    shown = board(incident_id, actor_in(request), now)
    context = _live(shown)
    if request.GET.get("part") != "live":
        context |= _around(request, shown, now)
    fragment = "incidents/_live.html" if request.GET.get("part") == "live" else "incidents/_candidates.html"
    return render(request, "incidents/board.html", context, fragment=fragment)


@require_POST
def call(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Call everything that was picked."""
    wanted = wanted_of(request.POST)
    if not wanted:
        messages.warning(request, _("还没有选择要呼叫的资源。"))
        return redirect("incidents:board", incident_id=incident_id)
    _say(request, actions.call(incident_id, wanted, actor=actor_in(request), at=timezone.now()))
    return redirect("incidents:board", incident_id=incident_id)


@require_POST
def steer(request: HttpRequest, call_id: UUID, act: str) -> HttpResponse:
    """What the commander does with one call: replace it, let it go, or write down a telephone call."""
    actor, at = actor_in(request), timezone.now()
    if act == "replace":
        chosen = request.POST.get("resource", "")
        made = actions.replace(
            call_id,
            actor=actor,
            at=at,
            resource_id=int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None,
        )
        if made:
            messages.success(request, _("已改呼：%(name)s") % {"name": made.resource.name})
        else:
            messages.warning(request, _("附近没有其他可用资源，原呼叫保留。请增加单位或请求上级支援。"))
    elif act == "release":
        actions.release(call_id, actor=actor, at=at)
    elif act in ANSWERS:
        actions.answer_for(call_id, act, actor=actor, at=at, note=request.POST.get("note", ""))
    else:
        raise NotFound(_("没有这种操作。"))
    return _back_to_call(call_id)


@require_POST
def contact(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Show the number of a called resource, logged."""
    number = actions.reveal_contact(call_id, actor=actor_in(request), at=timezone.now())
    response = render(request, "incidents/contact.html", {"number": number, "call_id": call_id})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def follow(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Put a plan into force."""
    plan = request.POST.get("plan", "")
    if plan.isdecimal() and len(plan) < 10:
        actions.follow_plan(incident_id, int(plan), actor=actor_in(request), at=timezone.now())
    return redirect("incidents:board", incident_id=incident_id)


@require_POST
def level(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Raise or lower the level."""
    actions.set_level(incident_id, request.POST.get("level", ""), actor=actor_in(request), at=timezone.now())
    return redirect("incidents:board", incident_id=incident_id)


@require_POST
def tick(request: HttpRequest, step_id: int) -> HttpResponse:
    """Tick a step, or take the tick away."""
    is_done = request.POST.get("done") == "1"
    row = actions.tick(step_id, is_done=is_done, actor=actor_in(request), at=timezone.now())
    return redirect("incidents:board", incident_id=row.incident_id)


@require_POST
def meet(request: HttpRequest, incident_id: UUID, ask_id: int) -> HttpResponse:
    """Say that a wish for more was seen to."""
    actions.meet(ask_id, actor=actor_in(request), at=timezone.now())
    return redirect("incidents:board", incident_id=incident_id)


@require_POST
def note(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Add a line, photos or documents to the log."""
    form = NoteForm(*posted(request))
    if form.is_valid():
        try:
            actions.note(
                incident_id,
                form.cleaned_data["note"],
                files=form.cleaned_data["files"],
                actor=actor_in(request),
                at=timezone.now(),
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            return redirect("incidents:board", incident_id=incident_id)
    now = timezone.now()
    shown = board(incident_id, actor_in(request), now)
    context = _live(shown) | _around(request, shown, now) | {"note_form": form}
    return render(request, "incidents/board.html", context, status=422)


@require_safe
def file(request: HttpRequest, file_id: UUID) -> FileResponse:
    """A photo or document of an incident that I command."""
    visible = Incident.objects.visible_to(actor_in(request))
    row = IncidentFile.objects.filter(pk=file_id, incident__in=visible).first()
    if row is None:
        raise NotFound(_("没有找到这个文件。"))
    return stored_file(row.sha256, row.content_type, row.name)


def _live(shown: Board) -> dict[str, Any]:
    return {
        "board": shown,
        "incident": shown.incident,
        "answer_minutes": settings().answer_minutes,
        "elapsed_m": int(
            ((shown.incident.closed_at or shown.now) - shown.incident.opened_at).total_seconds() // 60
        ),
    }


def _around(request: HttpRequest, shown: Board, now: Any) -> dict[str, Any]:
    """Who can be called, and what the page needs besides."""
    form = SearchForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    search = Search(said.get("kind", ""), said.get("skill", ""), bool(said.get("duty")))
    return {
        "search": form,
        "groups": groups_for(shown.incident, search, now) if shown.incident.is_open else [],
        "detour": settings().detour,
        "reach_km": settings().reach_m / 1000,
        "plans": plan_choices(shown.incident.kind) if shown.incident.is_open else [],
        "levels": IncidentLevel.choices,
        "note_form": NoteForm(),
        "regions_url": regions_url(),
        "resources_url": resources_url(),
        # News of cases make the page look at once; without the centre it looks every few seconds anyway.
        "live_url": url_or_blank("centre:live"),
        "news_url": url_or_blank("centre:news"),
    }


def _first_words(request: HttpRequest) -> dict[str, Any]:
    """Fill the form from the case: its place and category, never what its reporter wrote."""
    words: dict[str, Any] = {"key": new_id()}
    case = _case(request, request.GET.get("case"))
    if case is None:
        return words
    name = case.category.name if case.category else _("突发情况")
    return words | {
        "case_id": case.pk,
        "title": f"{case.region.name}{name}"[:80],
        "kind": _guess(name),
        "address": case.address,
        "lon": case.lon,
        "lat": case.lat,
        "is_drill": case.is_drill,
    }


def _case(request: HttpRequest, key: object) -> Case | None:
    """Return the case of that key, if it is one that I may see."""
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    visible = Case.objects.visible_to(actor_in(request)).select_related("category", "region")
    return visible.filter(pk=wanted).first()


_HINTS = {
    IncidentKind.GAS: ("燃气", "煤气", "天然气"),
    IncidentKind.FIRE: ("火", "消防", "燃"),
    IncidentKind.FLOOD: ("积水", "内涝", "涝", "台风", "防汛", "暴雨"),
    IncidentKind.MISSING: ("走失", "走丢", "失踪"),
    IncidentKind.TRAFFIC: ("交通", "车祸"),
    IncidentKind.HAZMAT: ("危化", "危险化学", "泄漏"),
    IncidentKind.OUTAGE: ("停水", "停电", "爆管"),
    IncidentKind.COLLAPSE: ("坍塌", "塌陷", "倒塌"),
}


def _guess(words: str) -> str:
    """Return the kind that a category's name speaks for."""
    return next(
        (kind.value for kind, hints in _HINTS.items() if any(h in words for h in hints)), IncidentKind.OTHER
    )


def _say(request: HttpRequest, done: Called) -> None:
    if done.made:
        names = "、".join(one.resource.name for one in done.made)
        messages.success(request, _("已呼叫 %(n)s 个：%(names)s") % {"n": len(done.made), "names": names})
    for name, why in done.left_out:
        messages.warning(request, _("%(name)s 没有呼叫：%(why)s") % {"name": name, "why": why})


def _back_to_call(call_id: UUID) -> HttpResponse:
    found = Incident.objects.filter(calls=call_id).values_list("pk", flat=True).first()
    return redirect("incidents:board", incident_id=found)
