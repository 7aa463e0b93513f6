"""Scores: the table of a month, the cases behind a figure, and the formula."""

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.figures import present
from gridloop.capabilities.figures.actions.scoring import set_formula
from gridloop.capabilities.figures.forms import BehindFilter, FormulaForm, ScoreFilter
from gridloop.capabilities.figures.formula import rules_for
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Formula, Publication
from gridloop.capabilities.figures.policies import can_read_briefs
from gridloop.capabilities.figures.scores import Asked, behind, scores
from gridloop.capabilities.figures.sheets import XLSX, write_scores
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.policies import check_can

PAGE_SIZE = 30


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The scores of a month, by unit or region, with the formula beside them."""
    actor = actor_in(request)
    form = ScoreFilter(request.GET)
    given = form.given
    found = scores(actor, given["month"], by=given["by"], region_id=given["region_id"])
    shown = ScoreFilter(
        initial={"month": given["month"], "by": given["by"].value, "region": given["region_id"]}
    )
    context = {
        "form": form if form.errors else shown,
        **present.table(found, given["region_id"]),
        "can_manage": actor.can("figures.manage"),
        "can_export": actor.can("case.export"),
        "can_read_briefs": can_read_briefs(actor),
        "progress": present.history_progress(),
    }
    return render(request, "figures/scores.html", context)


@require_safe
def export(request: HttpRequest) -> FileResponse:
    """The table of a month as XLSX."""
    actor, now = actor_in(request), timezone.now()
    given = ScoreFilter(request.GET).given
    found = scores(actor, given["month"], by=given["by"], region_id=given["region_id"])
    title = _("考核得分 %(y)s年%(m)s月") % {"y": found.month.year, "m": found.month.month}
    file = io.BytesIO()
    write_scores(file, found, title=title, now=now)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{title}.xlsx", content_type=XLSX)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Exactly the cases that a figure counts."""
    form = BehindFilter(request.GET)
    if not form.is_valid():
        raise Http404
    given, chosen = form.given, form.cleaned_data
    asked = Asked(
        month=given["month"],
        what=What(chosen["what"]),
        by=given["by"],
        key=chosen["key"],
        without=What(chosen["without"]) if chosen["without"] else None,
        is_excluded=chosen["excluded"],
        region_id=given["region_id"],
    )
    found = behind(actor_in(request), asked)
    rows = found.select_related("case__category", "case__region").defer("case__description", "case__outcome")
    page = keyset(rows, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-case_id", "unit_id"))
    context = {
        "page": page,
        "rows": present.listed(page.rows),
        "count": found.count(),
        **present.figure(asked),
    }
    return render(request, "figures/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def formula(request: HttpRequest) -> HttpResponse:
    """The versions of the formula, and a new one."""
    actor, now = actor_in(request), timezone.now()
    month = timezone.localdate(now).replace(day=1)
    can_manage = actor.can("figures.manage")
    form: Any = FormulaForm.of(rules_for(month), month)
    if request.method == "POST":
        check_can(actor, "figures.manage")
        form = FormulaForm(request.POST)
        if form.is_valid():
            try:
                set_formula(actor=actor, at=now, **form.cleaned_data)
            except DomainError as refusal:
                put_errors(form, refusal)
            else:
                messages.success(request, _("新公式已保存，从生效月份起计分。"))
                return redirect("figures:formula")
    context = {
        "form": form,
        "can_manage": can_manage,
        "rules": rules_for(month),
        "meanings": present.meanings(),
        "versions": Formula.objects.select_related("made_by").order_by("-version")[:20],
        "settled": Publication.objects.order_by("-month")[:12],
    }
    return render(request, "figures/formula.html", context, status=422 if form.errors else 200)
