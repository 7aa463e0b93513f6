"""Closing an incident, its review, and the report."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.documents.paper import DOCX
from gridloop.base.common.errors import DomainError
from gridloop.base.shell.forms import posted, put_errors
from gridloop.base.shell.rendering import render
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.forms.command import CloseForm, ReviewForm, TaskFormSet, review_of
from gridloop.capabilities.incidents.models import Incident
from gridloop.capabilities.incidents.reading import board
from gridloop.capabilities.incidents.report import ALL_LINES, report
from gridloop.core.org.middleware import actor_in


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """End an incident with its review, or write the review once it has ended."""
    actor, now = actor_in(request), timezone.now()
    shown = board(incident_id, actor, now, lines=1)
    form, tasks = _forms(request, shown.incident)
    is_fine = request.method == "POST" and form.is_valid() and tasks.is_valid()
    status = 422 if request.method == "POST" and not is_fine else 200
    if is_fine:
        try:
            _write(shown.incident, form.cleaned_data, tasks, request)
        except DomainError as refusal:
            put_errors(form, refusal)
            status = int(refusal.status)
        else:
            return redirect("incidents:board", incident_id=incident_id)
    context = {"board": shown, "incident": shown.incident, "form": form, "tasks": tasks}
    return render(request, "incidents/close.html", context, status=status)


@require_POST
def finish_task(request: HttpRequest, incident_id: UUID, task_id: int) -> HttpResponse:
    """Say that what the review asked for is done."""
    actions.finish_task(task_id, actor=actor_in(request), at=timezone.now())
    return redirect("incidents:board", incident_id=incident_id)


@require_safe
def report_file(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """The after-action report as Word."""
    shown = board(incident_id, actor_in(request), timezone.now(), lines=ALL_LINES)
    response = HttpResponse(report(shown).to_docx(), content_type=DOCX)
    title = _("应急处置报告")
    name = f"{shown.incident.number} {title}.docx"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["Cache-Control"] = "no-store"
    return response


def _forms(request: HttpRequest, incident: Incident) -> tuple[Any, Any]:
    initial = {"worked": incident.worked, "failed": incident.failed}
    left = incident.tasks.filter(done_at=None).order_by("pk")
    rows = [{"text": task.text, "unit": task.unit_id, "due_on": task.due_on} for task in left]
    data, files = posted(request)
    form = (CloseForm if incident.is_open else ReviewForm)(data, files, initial=initial)
    return form, TaskFormSet(data, files, initial=rows, prefix="tasks")


def _write(incident: Incident, said: dict[str, Any], tasks: Any, request: HttpRequest) -> None:
    actor, at, review = actor_in(request), timezone.now(), review_of(said, tasks)
    if incident.is_open:
        actions.close(incident.pk, said["outcome"], actor=actor, at=at, review=review)
        messages.success(request, _("应急调度已结束，被呼叫的人员均已收到解除通知。"))
    elif review:
        actions.write_review(incident.pk, review, actor=actor, at=at)
        messages.success(request, _("复盘已保存。"))
