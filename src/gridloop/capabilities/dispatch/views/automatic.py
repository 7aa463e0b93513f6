"""Automatic dispatch by category: switching it on and off, and what it did."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.dispatch.actions.automatic import set_automatic
from gridloop.capabilities.dispatch.forms.automatic import AutomaticForm
from gridloop.capabilities.dispatch.present.automatic import FAILURES_DAYS, Setting, done, failures, settings
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 30


@require_http_methods(["GET", "HEAD", "POST"])
def automatic(request: HttpRequest) -> HttpResponse:
    """The categories with a setting, the form that makes one, and what was dispatched automatically."""
    found = settings()
    form = AutomaticForm(request.POST or None, initial=_initial(request.GET.get("category", ""), found))
    if request.method == "POST" and form.is_valid():
        try:
            set_automatic(actor=actor_in(request), at=timezone.now(), **form.given())
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已保存自动派遣的设置。"))
            return redirect("dispatch:automatic")
    page = keyset(done(actor_in(request)), cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    failed = failures(found, actor_in(request), timezone.now())
    context = {
        "form": form, "settings": found, "page": page, "may_manage": True,
        "failures": failed, "days": FAILURES_DAYS,
    }  # fmt: skip
    return render(request, "dispatch/automatic.html", context, status=422 if form.errors else 200)


def _initial(wanted: str, found: list[Setting]) -> dict[str, Any]:
    one = next((setting for setting in found if str(setting.row.category_id) == wanted), None)
    if one is None:
        return {"is_on": False, "threshold": 85, "most_returned": 10}
    return {
        "category_id": one.row.category_id,
        "is_on": one.row.is_on,
        "threshold": one.threshold,
        "most_returned": one.most_returned,
    }
