"""Taking a report down, and what helps while it is typed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.errors import DomainError
from gridloop.base.common.ids import new_id
from gridloop.base.shell.forms import posted, put_errors, status_of
from gridloop.base.shell.rendering import render
from gridloop.core.org.middleware import actor_in
from gridloop.faces.desk.forms import ReportForm
from gridloop.faces.desk.intake import place_at, report_from, suggested
from gridloop.faces.desk.views.common import regions_url


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report down for somebody, or a grid worker's own; solved on the spot it is closed at once."""
    actor = actor_in(request)
    form = ReportForm(*posted(request), actor=actor, initial={"case_id": new_id()})
    if form.is_valid():
        try:
            made = report_from(form.cleaned_data, actor=actor, at=timezone.now())
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            said = _("已登记，编号 %(number)s，查询码 %(code)s，请告知上报人。")
            messages.success(request, said % {"number": made.number, "code": made.shown_tracking_code})
            return redirect("desk:case", case_id=made.pk)
    context = {
        "form": form,
        "suggestions": suggested(form["description"].value() or ""),
        "place": place_at(form["lon"].value(), form["lat"].value()),
        "regions_url": regions_url(),
    }
    return render(request, "desk/report.html", context, status=status_of(form))


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Categories for what has been typed so far, each with the words that speak for it."""
    context = {"suggestions": suggested(request.GET.get("description", ""))}
    return render(request, "desk/_suggestions.html", context)


@require_safe
def place(request: HttpRequest) -> HttpResponse:
    """In which grid a point lies, in words."""
    point = request.GET.get("lon"), request.GET.get("lat")
    return render(request, "desk/_place.html", {"place": place_at(*point)})
