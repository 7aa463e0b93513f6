"""Meetings: the list, one, calling, changing, cancelling, minutes, papers and calendar files."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.documents import DOCX, PDF
from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import put_errors, status_of
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.feeds import feed_url, meetings_of_feed
from gridloop.capabilities.rooms.forms import (
    CancelForm,
    MeetingForm,
    MinutesForm,
    initial_for,
    initial_of,
)
from gridloop.capabilities.rooms.models import MeetingState
from gridloop.capabilities.rooms.policies import check_centre, check_decidable, check_planned, is_centre
from gridloop.capabilities.rooms.present import calendarfile
from gridloop.capabilities.rooms.present.meetings import by_day, invitations_of, listed, meeting_page
from gridloop.capabilities.rooms.present.paper import minutes_of
from gridloop.capabilities.rooms.views.common import file_of, meeting_of
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 30
WHEN = ("upcoming", "past", "all")


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings that I may know of by days: what comes first, or what has been."""
    actor, now = actor_in(request), timezone.now()
    when = request.GET.get("when", "")
    when = when if when in WHEN else "upcoming"
    state = request.GET.get("state", "")
    is_mine = request.GET.get("mine") == "1"
    rows = listed(actor)
    if is_mine:
        rows = rows.asked(actor)
    if state in MeetingState.values:
        rows = rows.filter(state=state)
    if when != "all":
        rows = rows.filter(ends_at__gte=now) if when == "upcoming" else rows.filter(ends_at__lt=now)
    key = ("starts_at", "pk") if when == "upcoming" else ("-starts_at", "-pk")
    page = keyset(rows, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=key)
    context = {
        "page": page,
        "days": by_day(page.rows),
        "when": when,
        "state": state,
        "states": MeetingState.choices,
        "is_mine": is_mine,
        "can_call": is_centre(actor),
        "feed_url": request.build_absolute_uri(feed_url(request.user)),
        "today": timezone.localdate(now),
    }
    return render(request, "rooms/meetings.html", context)


@require_safe
def meeting(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """One meeting with its agenda, people, minutes and decisions."""
    found = meeting_of(request, meeting_id)
    return render(request, "rooms/meeting.html", meeting_page(found, actor_in(request), timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """Call a meeting; `?case=` names the first of its cases."""
    actor, now = actor_in(request), timezone.now()
    check_centre(actor)
    first = request.GET.get("case", "")
    file = file_of(request, _key(first)) if first else None
    form = MeetingForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        today=timezone.localdate(now),
        initial=initial_for(file),
    )
    if form.is_valid():
        try:
            made = actions.call_meeting(
                form.plan(), actor=actor, at=now, form_key=form.cleaned_data["form_key"]
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("会商已安排，已通知参会单位和人员。"))
            return redirect("rooms:meeting", meeting_id=made.pk)
    return render(request, "rooms/meeting_form.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """Change a meeting that has not been held."""
    actor, now = actor_in(request), timezone.now()
    found = meeting_of(request, meeting_id)
    check_centre(actor)
    check_planned(found)
    form = MeetingForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        today=timezone.localdate(now),
        initial=initial_of(found),
    )
    if form.is_valid():
        try:
            actions.change_meeting(
                meeting_id, form.plan(), actor=actor, at=now, expected_version=form.cleaned_data["version"]
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("会商安排已修改，已通知参会单位和人员。"))
            return redirect("rooms:meeting", meeting_id=meeting_id)
    context = {"form": form, "meeting": found}
    return render(request, "rooms/meeting_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """Cancel a meeting, with a reason."""
    actor, now = actor_in(request), timezone.now()
    found = meeting_of(request, meeting_id)
    check_centre(actor)
    form = CancelForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.cancel_meeting(
                meeting_id, actor=actor, at=now, reason=given["reason"], expected_version=given["version"]
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("会商已取消，已通知参会单位和人员。"))
            return redirect("rooms:meeting", meeting_id=meeting_id)
    return render(request, "rooms/cancel.html", {"form": form, "meeting": found}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """Who came, and what was said."""
    actor, now = actor_in(request), timezone.now()
    found = meeting_of(request, meeting_id)
    check_centre(actor)
    check_decidable(found)
    form = MinutesForm(
        request.POST if request.method == "POST" else None,
        invitations=invitations_of(found),
        initial={"version": found.version, "chair": found.chair, "minutes": found.minutes},
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.record_minutes(
                meeting_id,
                actor=actor,
                at=now,
                chair=given["chair"],
                minutes=given["minutes"],
                attendance=form.attendance(),
                expected_version=given["version"],
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("纪要已保存，已记入各案件的办理经过。"))
            return redirect("rooms:meeting", meeting_id=meeting_id)
    return render(request, "rooms/minutes.html", {"form": form, "meeting": found}, status=status_of(form))


@require_safe
def paper(request: HttpRequest, meeting_id: UUID, kind: str) -> HttpResponse:
    """The minutes as Word or PDF."""
    if kind not in ("docx", "pdf"):
        raise Http404
    found = meeting_of(request, meeting_id)
    shown = meeting_page(found, actor_in(request), timezone.now())
    document = minutes_of(
        found, shown["invitations"], shown["cases"], shown["resolutions"], settings.TOWN_NAME
    )
    content, content_type = (document.to_docx(), DOCX) if kind == "docx" else (document.to_pdf(), PDF)
    day = timezone.localdate(found.starts_at)
    return _file(content, content_type, f"{_('会商纪要')}-{day:%Y%m%d}.{kind}")


@require_safe
def calendar(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """The meeting as a file that a calendar takes in."""
    found = meeting_of(request, meeting_id)
    text = calendarfile.calendar([found], host=request.get_host(), link=_link(request))
    return _file(text.encode(), calendarfile.CONTENT_TYPE, "meeting.ics")


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The meetings of whoever has the address, for a calendar that fetches them again and again."""
    found = meetings_of_feed(token, timezone.now())
    text = calendarfile.calendar(found, host=request.get_host(), link=_link(request))
    response = _file(text.encode(), calendarfile.CONTENT_TYPE, "meetings.ics")
    response["Cache-Control"] = "private, no-store"
    return response


def _link(request: HttpRequest) -> str:
    """Return the address of a meeting with a gap for its key."""
    known = UUID(int=0)
    address = request.build_absolute_uri(reverse("rooms:meeting", args=[known]))
    return address.replace(str(known), "{}")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
