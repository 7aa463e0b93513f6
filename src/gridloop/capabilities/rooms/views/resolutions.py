"""What a meeting decides, and making work orders of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import put_errors, status_of
from gridloop.base.shell.rendering import render
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.forms import ResolutionForm
from gridloop.capabilities.rooms.policies import check_centre, check_decidable
from gridloop.capabilities.rooms.present.meetings import visible_cases
from gridloop.capabilities.rooms.views.common import meeting_of
from gridloop.core.org.middleware import actor_in


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """Write down a decision."""
    actor, now = actor_in(request), timezone.now()
    found = meeting_of(request, meeting_id)
    check_centre(actor)
    check_decidable(found)
    data = request.POST if request.method == "POST" else None
    form = ResolutionForm(data, cases=visible_cases(found, actor))
    if form.is_valid():
        try:
            actions.decide(
                meeting_id, form.wish(), actor=actor, at=now, form_key=form.cleaned_data["form_key"]
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            again = "rooms:decide" if "again" in request.POST else "rooms:meeting"
            messages.success(request, _("决定已记下，确认落实后才会生成工单。"))
            return redirect(again, meeting_id=meeting_id)
    return render(request, "rooms/decide.html", {"form": form, "meeting": found}, status=status_of(form))


@require_POST
def undecide(request: HttpRequest, meeting_id: UUID, resolution_id: UUID) -> HttpResponse:
    """Strike out a decision that has not been carried out."""
    actions.undecide(resolution_id, actor=actor_in(request))
    return redirect("rooms:meeting", meeting_id=meeting_id)


@require_POST
def carry_out(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """Make work orders, parts and tasks of all that was decided."""
    rows = actions.carry_out(meeting_id, actor=actor_in(request), at=timezone.now())
    failed = sum(not row.is_done for row in rows)
    if failed:
        messages.warning(
            request,
            _("有 %(n)s 项没有落实，原因列在各项下面；处理后可再次确认，已落实的不会重复。") % {"n": failed},
        )
    else:
        messages.success(request, _("%(n)s 项决定已全部落实。") % {"n": len(rows)})
    return redirect("rooms:meeting", meeting_id=meeting_id)
