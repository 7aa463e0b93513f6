"""The town's rules of dispatch: their list in order, and the form of one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.rendering import render, wants_fragment
from gridloop.capabilities.dispatch.actions import rules as actions
from gridloop.capabilities.dispatch.forms.rules import RuleForm, initial_of
from gridloop.capabilities.dispatch.forms.trials import PeriodForm, last_days
from gridloop.capabilities.dispatch.given import number
from gridloop.capabilities.dispatch.models import DispatchRule
from gridloop.capabilities.dispatch.present.keys import RULES_KEYS
from gridloop.capabilities.dispatch.present.rules import lines
from gridloop.core.org.middleware import actor_in


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules in the order in which they are asked, the retired ones below."""
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new rule; it comes last."""
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rule = actions.add_rule(actor=actor_in(request), at=timezone.now(), **form.given())
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已保存规则，排在最后；需要时请上移。"))
            return redirect(f"{reverse('dispatch:rules')}#rule-{rule.pk}")
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Change a rule."""
    rule = DispatchRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("没有找到这条派遣规则。"))
    form = RuleForm(request.POST or None, initial=initial_of(rule))
    if request.method == "POST" and form.is_valid():
        try:
            actions.amend_rule(
                rule_id,
                actor=actor_in(request),
                at=timezone.now(),
                expected_version=form.cleaned_data["version"],
                **form.given(),
            )
        except actions.RuleChanged as stale:
            return _changed(request, rule_id, stale)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已保存规则。"))
            return redirect(f"{reverse('dispatch:rules')}#rule-{rule_id}")
    return _form(request, form, rule)


@require_POST
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Put a rule before another one, or at the end."""
    actions.move_rule(
        rule_id,
        before=number(request.POST.get("before")),
        actor=actor_in(request),
        at=timezone.now(),
    )
    return _back(request, rule_id)


@require_POST
def switch(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Retire a rule, or let it speak again."""
    act = actions.revive_rule if request.POST.get("to") == "active" else actions.retire_rule
    act(rule_id, actor=actor_in(request), at=timezone.now())
    return _back(request, rule_id)


def _list(request: HttpRequest) -> HttpResponse:
    found = list(DispatchRule.objects.with_use())
    context = {
        "rules": lines([rule for rule in found if rule.is_active]),
        "retired": lines([rule for rule in found if not rule.is_active]),
        "page_keys": RULES_KEYS,
        "may_manage": True,
    }
    return render(request, "dispatch/rules.html", context, fragment="dispatch/_rules.html")


def _back(request: HttpRequest, rule_id: int) -> HttpResponse:
    return (
        _list(request) if wants_fragment(request) else redirect(f"{reverse('dispatch:rules')}#rule-{rule_id}")
    )


def _changed(request: HttpRequest, rule_id: int, stale: actions.RuleChanged) -> HttpResponse:
    """Show the rule as it is now, and what was typed once more."""
    rule = DispatchRule.objects.with_use().get(pk=rule_id)
    typed = request.POST.copy()
    typed["version"] = str(rule.version)
    form = RuleForm(typed)
    form.add_error(None, stale.message)
    return _form(request, form, rule, status=409, now=lines([rule])[0])


def _form(
    request: HttpRequest, form: RuleForm, rule: DispatchRule | None, *, status: int = 0, now: object = None
) -> HttpResponse:
    context = {"form": form, "rule": rule, "now": now, "period": PeriodForm(initial=last_days())}
    return render(request, "dispatch/rule.html", context, status=status or (422 if form.errors else 200))
