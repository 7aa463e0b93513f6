"""The rules of the oversight: chains, problem cases, sampling."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.rendering import render
from gridloop.capabilities.oversight import actions
from gridloop.capabilities.oversight.forms import ProblemRuleForm, SampleRuleForm, StepForm
from gridloop.capabilities.oversight.models import ChainStep, SampleRule
from gridloop.capabilities.oversight.problems import thresholds
from gridloop.core.org.middleware import actor_in


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Who is told when, what a problem case is, what is sampled; one form of them may be sent."""
    bound: dict[str, forms.Form] = {}
    if request.method == "POST":
        which = request.POST.get("form", "")
        form = _forms(request.POST).get(which)
        if form is None:
            raise NotFound(_("没有这个表单，请刷新页面。"))
        if form.is_valid() and _save(request, which, form):
            messages.success(request, _("已保存，下一分钟起生效。"))
            return redirect("oversight:rules")
        bound[which] = form
    actions.begin_chain(at=timezone.now())
    context = {
        "steps": ChainStep.objects.filter(is_active=True).order_by("-level", "urgency", "stage", "pk"),
        "sample_rules": SampleRule.objects.select_related("category", "region").order_by("-is_active", "pk"),
        **{f"{name}_form": bound.get(name) or form for name, form in _forms(None).items()},
        "opened": next(iter(bound), ""),
    }
    return render(request, "oversight/rules.html", context, status=422 if bound else 200)


@require_POST
def drop_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Switch a step of the chain off."""
    actions.drop_step(step_id, actor=actor_in(request), at=timezone.now())
    messages.success(request, _("已停用这条提醒规则。"))
    return redirect("oversight:rules")


@require_http_methods(["GET", "HEAD", "POST"])
def sample_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Change a rule of sampling, or switch it."""
    rule = SampleRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("没有找到这条抽查规则。"))
    if request.method == "POST" and "switch" in request.POST:
        actions.switch_rule(rule_id, actor=actor_in(request), is_active=request.POST["switch"] == "on")
        return redirect("oversight:rules")
    kept = {name: getattr(rule, name) for name in SampleRuleForm.base_fields}
    form = SampleRuleForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_rule(rule_id, actor=actor_in(request), at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已保存，下次抽取起生效。"))
            return redirect("oversight:rules")
    context = {"form": form, "rule": rule}
    return render(request, "oversight/sample_rule.html", context, status=422 if form.errors else 200)


def _forms(data: Any) -> dict[str, forms.Form]:
    return {
        "step": StepForm(data, auto_id="step_%s"),
        "problem": ProblemRuleForm(data, rules=thresholds(), auto_id="problem_%s"),
        "sample": SampleRuleForm(data, auto_id="sample_%s"),
    }


def _save(request: HttpRequest, which: str, form: forms.Form) -> bool:
    actor, now = actor_in(request), timezone.now()
    try:
        if which == "step":
            actions.save_step(None, actor=actor, at=now, **form.cleaned_data)
        elif which == "problem" and isinstance(form, ProblemRuleForm):
            actions.save_problem_rules(form.rules(), actor=actor, at=now)
        else:
            actions.save_rule(None, actor=actor, at=now, **form.cleaned_data)
    except DomainError as refusal:
        put_errors(form, refusal)
        return False
    return True
