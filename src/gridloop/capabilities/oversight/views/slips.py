"""Supervision slips: the list, one of them, a new one, and the paper."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.documents import DOCX
from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.oversight import actions
from gridloop.capabilities.oversight.forms import ReturnForm, SlipFilter, SlipForm, WordsForm
from gridloop.capabilities.oversight.models import Supervision
from gridloop.capabilities.oversight.papers import slip_paper
from gridloop.capabilities.oversight.policies import is_late, may_reply, may_supervise, why_not_press
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.org.actors import Actor
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 30


@require_safe
def slips(request: HttpRequest) -> HttpResponse:
    """The slips that I may see, newest first; those not released unless others are asked for."""
    actor, now = actor_in(request), timezone.now()
    form = SlipFilter(request.GET or {"state": "open"})
    found = Supervision.objects.visible_to(actor).select_related("case", "unit")
    given = form.cleaned_data if form.is_valid() else {}
    match given.get("state") or "open":
        case "open":
            found = found.unreleased()
        case "late":
            found = found.late(now)
        case "all":
            pass
        case state:
            found = found.filter(state=state)
    if given.get("unit"):
        found = found.filter(unit=given["unit"])
    page = keyset(found, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    rows = [(slip, is_late(slip, now)) for slip in page.rows]
    return render(request, "oversight/slips.html", {"form": form, "page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def new_slip(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Supervise a case."""
    actor = actor_in(request)
    case = Case.objects.visible_to(actor).select_related("region", "category").filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("没有找到这个案件，或者您无权查看。"))
    initial = {"cause": request.GET.get("cause", ""), "matter": case.title}
    form = SlipForm(
        request.POST if request.method == "POST" else None, units=_units_of(case), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            slip = actions.supervise(case_id, actor=actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已签发 %(number)s，并通知承办单位。") % {"number": slip.number})
            return redirect("oversight:slip", slip_id=slip.pk)
    context = {"form": form, "case": case, "why_not": why_not_press(case), "has_units": bool(_units_of(case))}
    return render(request, "oversight/new_slip.html", context, status=422 if form.errors else 200)


@require_safe
def slip(request: HttpRequest, slip_id: int) -> HttpResponse:
    """One slip, what was said in it, and what I may do."""
    return _page(request, _slip(request, slip_id), {})


@require_http_methods(["POST"])
def move_slip(request: HttpRequest, slip_id: int, step: str) -> HttpResponse:
    """Reply, send the reply back, or release."""
    found = _slip(request, slip_id)
    form = _forms(step, request.POST)
    if form is None:
        raise NotFound(_("没有这个操作。"))
    if form.is_valid():
        try:
            _make(step, slip_id, form.cleaned_data, actor_in(request))
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _DONE[step])
            return redirect("oversight:slip", slip_id=slip_id)
    return _page(request, _slip(request, found.pk), {step: form}, status=422)


@require_safe
def slip_word(request: HttpRequest, slip_id: int) -> FileResponse:
    """The slip as a Word file."""
    found = _slip(request, slip_id)
    content = BytesIO(slip_paper(found).to_docx())
    return FileResponse(content, as_attachment=True, filename=f"{found.number}.docx", content_type=DOCX)


_DONE = {
    "reply": gettext_lazy("已回复，督办人会收到通知。"),
    "return": gettext_lazy("已退回，请承办单位重新回复。"),
    "release": gettext_lazy("已解除督办。"),
}


def _make(step: str, slip_id: int, given: dict[str, Any], actor: Actor) -> None:
    now = timezone.now()
    if step == "reply":
        actions.reply(slip_id, actor=actor, at=now, text=given["text"])
    elif step == "release":
        actions.release(slip_id, actor=actor, at=now, reason=given["text"])
    else:
        actions.return_reply(slip_id, actor=actor, at=now, reason=given["text"], reply_by=given["reply_by"])


def _forms(step: str, data: Any = None) -> forms.Form | None:
    match step:
        case "reply":
            return WordsForm(data, label=_("办理情况"), auto_id="reply_%s")
        case "return":
            return ReturnForm(data, label=_("退回理由"), auto_id="return_%s")
        case "release":
            return WordsForm(data, label=_("解除理由"), auto_id="release_%s")
    return None


def _page(
    request: HttpRequest, found: Supervision, bound: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    actor, now = actor_in(request), timezone.now()
    offered = []
    if found.state == "issued" and may_reply(actor, found):
        offered.append("reply")
    if may_supervise(actor) and found.state == "replied":
        offered.append("return")
    if may_supervise(actor) and found.state != "released":
        offered.append("release")
    lines = [
        {
            "label": line.get_step_display(),
            "who": line.by_label,
            "at": line.at,
            "note": line.text,
            "tone": _TONES.get(line.step, ""),
        }
        for line in found.lines.order_by("at", "pk")
    ]
    context = {
        "slip": found,
        "case": found.case,
        "lines": lines,
        "is_late": is_late(found, now),
        "moves": [(name, bound.get(name) or _forms(name), name in bound) for name in offered],
        "can_see_case": Case.objects.visible_to(actor).filter(pk=found.case_id).exists(),
    }
    return render(request, "oversight/slip.html", context, status=status)


_TONES = {"reply": "success", "return": "danger", "release": "success"}


def _slip(request: HttpRequest, slip_id: int) -> Supervision:
    slips = Supervision.objects.visible_to(actor_in(request)).select_related("case__region", "unit")
    found = slips.filter(pk=slip_id).first()
    if found is None:
        raise NotFound(_("没有找到这张督办单，或者您无权查看。"))
    return found


def _units_of(case: Case) -> list[tuple[int, str]]:
    """Return the units that the case was given to, those that have it in hand first."""
    orders = WorkOrder.objects.filter(case=case).select_related("unit").order_by("issued_at", "pk")
    ranked = sorted(orders, key=lambda o: (o.state not in ("issued", "handling"), o.role != "lead"))
    return list({o.unit_id: o.unit.name for o in ranked}.items())
