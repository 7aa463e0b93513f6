"""Sampling: what is to be checked and what was found, one sample, and a draw that anybody can repeat."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.oversight import actions
from gridloop.capabilities.oversight.actions.sampling import able_people
from gridloop.capabilities.oversight.forms import AssignForm, ReasonForm, SampleFilter, SoundForm
from gridloop.capabilities.oversight.models import Sample, SampleDraw, SampleKind, SampleOutcome
from gridloop.capabilities.oversight.policies import may_check
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.models import User

PAGE_SIZE = 30
WINDOW = timedelta(days=90)


@require_safe
def samples(request: HttpRequest) -> HttpResponse:
    """The samples that I may see; those to be checked unless others are asked for."""
    actor = actor_in(request)
    form = SampleFilter(request.GET or {"outcome": "pending"})
    given = form.cleaned_data if form.is_valid() else {}
    found = Sample.objects.visible_to(actor).select_related("case__region", "unit", "assignee", "draw__rule")
    if given.get("mine"):
        found = found.filter(assignee=actor.user_id)
    for name in ("outcome", "kind"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    page = keyset(found, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-drawn_at", "-pk"))
    may_see_units = actor.can("oversight.view")
    context = {
        "form": form,
        "page": page,
        "by_unit": _by_unit(actor) if may_see_units else [],
        "waiting_for_leader": _waiting_for_leader(actor),
        "draws": _draws() if actor.can("oversight.sample") else [],
    }
    return render(request, "oversight/samples.html", context)


@require_safe
def sample(request: HttpRequest, sample_id: int) -> HttpResponse:
    """One sample, and what I may say of it."""
    return _page(request, _sample(request, sample_id), {})


@require_POST
def judge(request: HttpRequest, sample_id: int, step: str) -> HttpResponse:
    """Say what was found, give it to somebody else, take the case up again, or explain why not."""
    found = _sample(request, sample_id)
    if step not in _MAKE:
        raise NotFound(_("没有这个操作。"))
    form = _form(step, found, request.POST)
    if form is None or form.is_valid():
        try:
            _MAKE[step](found.pk, actor_in(request), form.cleaned_data if form else {})
        except DomainError as refusal:
            if form is None:
                raise
            put_errors(form, refusal)
        else:
            messages.success(request, _DONE[step])
            return redirect("oversight:sample", sample_id=sample_id)
    return _page(request, _sample(request, sample_id), {step: form}, status=422)


@require_safe
def draw(request: HttpRequest, draw_id: int) -> HttpResponse:
    """How a draw came about, drawn again while one looks."""
    found = SampleDraw.objects.select_related("rule").filter(pk=draw_id).first()
    if found is None:
        raise NotFound(_("没有找到这次抽取。"))
    drawn = list(found.samples.select_related("case", "unit").order_by("case"))
    again = actions.recomputed(found)
    strata: dict[str, list[int]] = {}
    chosen = set(again)
    for stratum, case in found.frame:
        counts = strata.setdefault(stratum, [0, 0])
        counts[0] += 1
        counts[1] += case in chosen
    visible = set(
        Case.objects.visible_to(actor_in(request)).filter(pk__in=again).values_list("pk", flat=True)
    )
    context = {
        "draw": found,
        "is_same": again == sorted(str(one.case_id) for one in drawn),
        "strata": sorted((_stratum_name(name), *counts) for name, counts in strata.items()),
        "drawn": [one for one in drawn if one.case_id in visible],
        "count": len(drawn),
    }
    return render(request, "oversight/draw.html", context)


_DONE = {
    "sound": gettext_lazy("已记录：属实。"),
    "unreached": gettext_lazy("已记录未接通，稍后再拨。"),
    "false": gettext_lazy("已记录虚假办结，并按权限重办或报值班领导。"),
    "reopen": gettext_lazy("已重办，原承办情况保留在办理经过中。"),
    "dismiss": gettext_lazy("已说明并维持结案。"),
    "assign": gettext_lazy("已改由该人员核查，并通知本人。"),
}
Make = Callable[[int, Actor, dict[str, Any]], object]
_MAKE: dict[str, Make] = {
    "sound": lambda pk, who, given: actions.find_sound(pk, actor=who, at=timezone.now(), **given),
    "unreached": lambda pk, who, _given: actions.not_reached(pk, actor=who, at=timezone.now()),
    "false": lambda pk, who, given: actions.find_false(pk, actor=who, at=timezone.now(), **given),
    "reopen": lambda pk, who, _given: actions.reopen_sample(pk, actor=who, at=timezone.now()),
    "dismiss": lambda pk, who, given: actions.dismiss_sample(pk, actor=who, at=timezone.now(), **given),
    "assign": lambda pk, who, given: actions.assign_sample(pk, actor=who, at=timezone.now(), **given),
}


def _form(step: str, found: Sample, data: Any = None) -> forms.Form | None:
    match step:
        case "sound":
            return SoundForm(data, is_call=found.kind == SampleKind.CALL_BACK, auto_id="sound_%s")
        case "false" | "dismiss":
            return ReasonForm(data, auto_id=f"{step}_%s")
        case "assign":
            people = {*able_people(found, timezone.localdate())} - {found.assignee_id}
            named = User.objects.filter(pk__in=people).order_by("pk")
            return AssignForm(data, people=[(u.pk, u.get_full_name()) for u in named], auto_id="assign_%s")
    return None


def _offered(found: Sample, actor: Actor) -> list[str]:
    if found.outcome == SampleOutcome.PENDING and found.case.state == "closed":
        steps = []
        if may_check(actor, found):
            is_call = found.kind == SampleKind.CALL_BACK
            steps = ["sound", "unreached", "false"] if is_call else ["sound", "false"]
        return [*steps, "assign"] if actor.can("oversight.sample") else steps
    if found.outcome == SampleOutcome.FALSE and found.reopened_at is None and actor.can("case.reopen"):
        return ["reopen", "dismiss"]
    return []


def _page(request: HttpRequest, found: Sample, bound: dict[str, Any], *, status: int = 200) -> HttpResponse:
    actor = actor_in(request)
    context = {
        "sample": found,
        "case": found.case,
        "moves": [(step, bound.get(step) or _form(step, found)) for step in _offered(found, actor)],
        "can_see_case": Case.objects.visible_to(actor).filter(pk=found.case_id).exists(),
        "can_sample": actor.can("oversight.sample"),
    }
    return render(request, "oversight/sample.html", context, status=status)


def _sample(request: HttpRequest, sample_id: int) -> Sample:
    visible = Sample.objects.visible_to(actor_in(request))
    found = visible.select_related("case__region", "case__category", "unit", "assignee", "draw__rule").filter(
        pk=sample_id
    )
    one = found.first()
    if one is None:
        raise NotFound(_("没有找到这件抽查，或者您无权查看。"))
    return one


def _by_unit(actor: Actor) -> list[dict[str, Any]]:
    """Return what was checked of each unit's cases lately and how much was false; units, never people."""
    since = timezone.now() - WINDOW
    rows = Sample.objects.visible_to(actor).filter(drawn_at__gte=since).order_by().values("unit")
    checked = Q(outcome__in=["sound", "false", "dismissed"])
    found = rows.annotate(
        drawn=Count("pk"), checked=Count("pk", filter=checked), false=Count("pk", filter=Q(outcome="false"))
    )
    named = [row | {"name": unit_name(row["unit"]) or _("未派遣单位")} for row in found]
    return sorted(named, key=lambda row: (-row["false"], -row["checked"], row["name"]))


def _waiting_for_leader(actor: Actor) -> int:
    if not actor.can("case.reopen"):
        return 0
    return Sample.objects.visible_to(actor).filter(outcome="false", reopened_at=None).count()


def _draws() -> list[SampleDraw]:
    return list(SampleDraw.objects.select_related("rule").defer("frame").order_by("-pk")[:10])


def _stratum_name(stratum: str) -> str:
    kind, _slash, key = stratum.partition("/")
    if kind == "unit":
        return unit_name(int(key)) or _("未派遣单位")
    return region_name(int(key)) or _("未定到村（社区）")
