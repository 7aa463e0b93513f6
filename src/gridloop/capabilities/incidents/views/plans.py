"""Plans: the list, the editor, the versions and the documents."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.files import stored_file
from gridloop.base.shell.forms import posted, put_errors
from gridloop.base.shell.rendering import render
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.forms.plans import (
    PlanForm,
    RoleFormSet,
    StepFormSet,
    content_of,
    resource_choices,
)
from gridloop.capabilities.incidents.models import Plan, PlanVersion
from gridloop.core.org.middleware import actor_in


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """All plans, those in use first."""
    versions = PlanVersion.objects.select_related("plan").order_by("plan", "-number").distinct("plan")
    rows = sorted(versions, key=lambda v: (not v.plan.is_active, v.plan.kind, v.plan.name))
    return render(request, "incidents/plans.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """The editor of one plan; a new one without a key. `?version=` shows an older one, to read."""
    row = _found(plan_id) if plan_id else None
    latest = row.versions.order_by("-number").first() if row else None
    wanted = _version(row, request.GET.get("version", "")) or latest
    head, roles, steps = _forms(request, row, wanted)
    status = 200
    if request.method == "POST":
        is_fine = all([head.is_valid(), roles.is_valid(), steps.is_valid()])
        status = 200 if "more" in request.POST else 422
        if is_fine and "more" not in request.POST:
            try:
                saved = _save(request, row, head, roles, steps)
            except DomainError as refusal:
                put_errors(head, refusal)
                status = int(refusal.status)
            else:
                messages.success(
                    request, _("已保存：%(name)s，第 %(n)s 版") % {"name": saved.name, "n": saved.version}
                )
                return redirect("incidents:plan", plan_id=saved.pk)
    context = {
        "plan": row,
        "shown": wanted,
        "latest": latest,
        "head": head,
        "roles": roles,
        "steps": steps,
        "versions": row.versions.select_related("by").order_by("-number")[:30] if row else [],
    }
    return render(request, "incidents/plan.html", context, status=status)


@require_safe
def document(request: HttpRequest, plan_id: int, sha256: str) -> FileResponse:  # noqa: ARG001
    """A document of a plan, of an older version too."""
    for version in PlanVersion.objects.filter(plan=plan_id).order_by("-number"):
        for found in version.documents:
            if found["sha256"] == sha256:
                return stored_file(sha256, found["content_type"], found["name"])
    raise NotFound(_("没有找到这个文件。"))


def _found(plan_id: int) -> Plan:
    row = Plan.objects.filter(pk=plan_id).first()
    if row is None:
        raise NotFound(_("没有找到这个预案。"))
    return row


def _version(row: Plan | None, number: str) -> PlanVersion | None:
    if row is None or not number.isdecimal() or len(number) > 6:
        return None
    return row.versions.filter(number=int(number)).first()


def _forms(request: HttpRequest, row: Plan | None, shown: PlanVersion | None) -> tuple[Any, Any, Any]:
    data, files = _with_more(request)
    initial: dict[str, Any] = {"is_active": True}
    if row:
        initial = {"name": row.name, "kind": row.kind, "is_active": row.is_active, "version": row.version}
    head = PlanForm(data, files, initial=initial, before=shown)
    kwargs = {"choices": resource_choices()}
    # What was sent stands for itself: rows of a version that came meanwhile must not be mixed into it.
    held = shown if data is None else None
    roles = RoleFormSet(
        data, initial=_blanked(held.roles) if held else None, prefix="roles", form_kwargs=kwargs
    )
    steps = StepFormSet(data, initial=_blanked(held.steps) if held else None, prefix="steps")
    return head, roles, steps


def _blanked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show nothing where nothing is asked for."""
    return [{name: value or None for name, value in row.items()} for row in rows]


def _with_more(request: HttpRequest) -> tuple[Any, Any]:
    """Return what was sent, with a few more blank rows where they were asked for: nothing typed is lost."""
    data, files = posted(request)
    if data is None or "more" not in data:
        return data, files
    grown = data.copy()
    name = f"{'roles' if data['more'] == 'roles' else 'steps'}-TOTAL_FORMS"
    total = data.get(name, "0")
    grown[name] = str(int(total) + 3 if total.isdecimal() and len(total) < 4 else 3)
    return grown, files


def _save(request: HttpRequest, row: Plan | None, head: PlanForm, roles: Any, steps: Any) -> Plan:
    said, actor, at = head.cleaned_data, actor_in(request), timezone.now()
    content = content_of(head, roles, steps)
    if row is None:
        return actions.add_plan(
            said["name"], said["kind"], content, actor=actor, at=at, remark=said["remark"]
        )
    return actions.amend_plan(
        row.pk,
        content,
        actor=actor,
        at=at,
        expected_version=said["version"] or 0,
        name=said["name"],
        kind=said["kind"],
        is_active=said["is_active"],
        remark=said["remark"],
    )
