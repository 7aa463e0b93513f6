"""Trying a change of rules or of the duty list dry: what would have gone elsewhere."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.dispatch.actions import rules, trials
from gridloop.capabilities.dispatch.forms.rules import RuleForm
from gridloop.capabilities.dispatch.forms.trials import PeriodForm, TrialForm, last_days
from gridloop.capabilities.dispatch.given import number
from gridloop.capabilities.dispatch.models import DispatchRule, DryRun, DryRunCase
from gridloop.capabilities.dispatch.present.trials import changes, moved, shown_flows, workbook
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 50
LATEST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def dry_runs(request: HttpRequest) -> HttpResponse:
    """The latest dry runs, and the form of a new one: without a rule, or with another lead."""
    form = TrialForm(request.POST or None, initial=last_days())
    if request.method == "POST" and form.is_valid():
        without = form.cleaned_data["without"]
        changed = trials.without_rule(without) if without else None
        made = _asked(request, form, rules=changed, leads=form.leads())
        if made is not None:
            return redirect("dispatch:dry_run", dry_run_id=made.pk)
    latest = DryRun.objects.select_related("made_by").order_by("-pk")[:LATEST]
    context = {"form": form, "dry_runs": latest, "may_manage": True}
    return render(request, "dispatch/dry_runs.html", context, status=422 if form.errors else 200)


@require_POST
def try_rule(request: HttpRequest) -> HttpResponse:
    """Try a rule dry as it stands in its form, not saved."""
    form, rule_id = RuleForm(request.POST), number(request.POST.get("rule"))
    period = PeriodForm(request.POST)
    if form.is_valid() and period.is_valid():
        try:
            draft = rules.draft(**form.given())
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            changed = trials.with_rule(draft, rule_id)
            made = _asked(request, period, rules=changed)
            if made is not None:
                return redirect("dispatch:dry_run", dry_run_id=made.pk)
    rule = DispatchRule.objects.filter(pk=rule_id).first() if rule_id else None
    return render(request, "dispatch/rule.html", {"form": form, "rule": rule, "period": period}, status=422)


@require_safe
def dry_run(request: HttpRequest, dry_run_id: int) -> HttpResponse:
    """What would have gone elsewhere; while the job is at it, that it is."""
    found = _found(dry_run_id)
    page = keyset(_rows(request, found), cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    context: dict[str, Any] = {
        "dry_run": found,
        "flows": shown_flows(found),
        "changes": changes(found),
        "page": page,
        "query": request.GET.urlencode(),
        "is_narrowed": "source" in request.GET,
        "may_manage": True,
    }
    return render(request, "dispatch/dry_run.html", context, fragment="dispatch/_dry_run.html")


@require_safe
def export(request: HttpRequest, dry_run_id: int) -> HttpResponseBase:
    """The list as it is narrowed, as a sheet."""
    found = _found(dry_run_id)
    return workbook(_rows(request, found), found)


def _asked(request: HttpRequest, form: PeriodForm, **change: Any) -> DryRun | None:
    since, until = form.period()
    try:
        return trials.ask_dry_run(
            actor=actor_in(request), at=timezone.now(), since=since, until=until, **change
        )
    except DomainError as refusal:
        put_errors(form, refusal)
        return None


def _found(dry_run_id: int) -> DryRun:
    found = DryRun.objects.select_related("made_by").filter(pk=dry_run_id).first()
    if found is None:
        raise NotFound(_("没有找到这次试跑。"))
    return found


def _rows(request: HttpRequest, found: DryRun) -> QuerySet[DryRunCase]:
    wanted = {name: request.GET.get(name, "") for name in ("source", "target")}
    return moved(found, actor_in(request), **wanted)
