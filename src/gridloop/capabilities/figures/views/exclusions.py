"""Exclusions: asking for one, and deciding on them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.figures.actions.scoring import ask_exclusion, decide_exclusion
from gridloop.capabilities.figures.forms import DecisionForm, ExclusionForm
from gridloop.capabilities.figures.labels import ExclusionReason
from gridloop.capabilities.figures.models import Exclusion
from gridloop.capabilities.figures.policies import can_decide
from gridloop.core.cases.models import Case
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 20


@require_safe
def exclusions(request: HttpRequest) -> HttpResponse:
    """The wishes about cases that I may see: those that wait first of all, then the newest."""
    actor = actor_in(request)
    mine = Exclusion.objects.filter(case__in=Case.objects.visible_to(actor)).select_related(
        "case", "unit", "asked_by", "decided_by"
    )
    decided = mine.filter(decided_at__isnull=False)
    page = keyset(decided, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    waiting = list(mine.waiting().order_by("asked_at", "pk")[:100])
    context = {
        "waiting": [(row, can_decide(actor, row)) for row in waiting],
        "page": page,
        "may_decide": actor.can("figures.decide_exclusion"),
    }
    return render(request, "figures/exclusions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask that a case be left out of scores."""
    actor = actor_in(request)
    case = Case.objects.visible_to(actor).select_related("region", "category").filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("没有找到这个案件。"))
    form = ExclusionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            ask_exclusion(
                case_id,
                actor=actor,
                at=timezone.now(),
                reason=ExclusionReason(given["reason"]),
                detail=given["detail"],
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("剔除申请已提交，等待审定。"))
            return redirect("figures:exclusions")
    return render(
        request, "figures/ask.html", {"form": form, "case": case}, status=422 if form.errors else 200
    )


@require_POST
def decide(request: HttpRequest, exclusion_id: UUID) -> HttpResponse:
    """Grant or refuse a wish."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("请选择同意或不同意。"))
    granted = form.cleaned_data["is_granted"]
    try:
        decide_exclusion(
            exclusion_id,
            actor=actor_in(request),
            at=timezone.now(),
            is_granted=granted,
            answer=form.cleaned_data["note"],
        )
    except InvalidInput as refusal:
        messages.error(request, refusal.message)
    except DomainError:
        raise
    else:
        messages.success(
            request, _("已同意剔除，未结算月份的得分随之更新。") if granted else _("已答复不同意剔除。")
        )
    return redirect("figures:exclusions")
