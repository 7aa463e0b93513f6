"""How much each unit can take before one-key dispatch gives it no more."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.rendering import render
from gridloop.capabilities.dispatch.actions.limits import set_limit
from gridloop.capabilities.dispatch.forms.limits import LimitForm
from gridloop.capabilities.dispatch.models import UnitLimit
from gridloop.capabilities.dispatch.room import in_hand
from gridloop.core.cases.choices import unit_name
from gridloop.core.org.middleware import actor_in


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """The units that have a limit, and the form that sets or lifts one."""
    rows = list(UnitLimit.objects.order_by("unit__path"))
    form = LimitForm(request.POST or None, initial=_initial(request.GET.get("unit", ""), rows))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            set_limit(
                given["unit"],
                most=given["most"],
                most_each=given["most_each"],
                actor=actor_in(request),
                at=timezone.now(),
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已保存承接上限。"))
            return redirect("dispatch:limits")
    return render(request, "dispatch/limits.html", _context(form, rows), status=422 if form.errors else 200)


def _context(form: LimitForm, rows: list[UnitLimit]) -> dict[str, Any]:
    load = in_hand(row.unit_id for row in rows)
    shown = [{"limit": r, "unit": unit_name(r.unit_id), "in_hand": load.get(r.unit_id, 0)} for r in rows]
    return {"form": form, "rows": shown, "may_manage": True}


def _initial(wanted: str, rows: list[UnitLimit]) -> dict[str, Any]:
    found = next((row for row in rows if str(row.unit_id) == wanted), None)
    return {"unit": found.unit_id, "most": found.most, "most_each": found.most_each} if found else {}
