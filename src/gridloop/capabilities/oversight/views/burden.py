"""The burden on the base: figures, what the linter finds, and the exemptions."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridloop.base.common.days import midnight
from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.rendering import render
from gridloop.capabilities.oversight import actions
from gridloop.capabilities.oversight.burden import burden as figures
from gridloop.capabilities.oversight.burden import everything_asked, findings
from gridloop.capabilities.oversight.forms import ExemptForm
from gridloop.capabilities.oversight.models import BurdenExemption
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.policies import check_can


@require_http_methods(["GET", "HEAD", "POST"])
def burden(request: HttpRequest) -> HttpResponse:
    """What is asked of grid workers a closed case, form by form; what may not be asked; who allowed what."""
    actor, now = actor_in(request), timezone.now()
    if request.method == "POST":
        check_can(actor, "oversight.manage")
    form = ExemptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        until = midnight(given.pop("until") + timedelta(days=1))
        try:
            actions.exempt(actor=actor, at=now, until=until, **given)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已登记例外，到期自动失效。"))
            return redirect("oversight:burden")
    everything = everything_asked()
    found = findings(everything)
    open_ones = actions.unexcused(found, now)
    context = {
        "figures": figures(timezone.localdate(now)),
        "findings": [(one, one not in open_ones) for one in found],
        "checked": len(everything),
        "exemptions": BurdenExemption.objects.order_by("-granted_at", "-pk")[:50],
        "form": form,
        "can_manage": actor.can("oversight.manage"),
        "now": now,
    }
    return render(request, "oversight/burden.html", context, status=422 if form.errors else 200)


@require_POST
def end_exemption(request: HttpRequest, exemption_id: int) -> HttpResponse:
    """End an exemption before its time."""
    actions.end_exemption(exemption_id, actor=actor_in(request), at=timezone.now())
    messages.success(request, _("例外已终止。"))
    return redirect("oversight:burden")
