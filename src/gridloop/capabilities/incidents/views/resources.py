"""Resources: the list with its map, one of them, sheets in and out, skills and settings."""

from typing import Any

import pghistory
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.common.masks import mask_phone
from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.forms import posted, put_errors, status_of
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.incidents import actions, geo, sheets
from gridloop.capabilities.incidents.config import settings, skill_names
from gridloop.capabilities.incidents.forms.resources import (
    ImportForm,
    ResourceFilter,
    ResourceForm,
    SettingsForm,
    SkillForm,
    initial_of,
)
from gridloop.capabilities.incidents.models import Resource, ResourceOwner, StockLine
from gridloop.capabilities.incidents.views.common import regions_url
from gridloop.core.org.history import LABELS, Change, FieldChange, history_of, links_of
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 50
MOST_CHANGES = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def resource_list(request: HttpRequest) -> HttpResponse:
    """All resources by the filters in the address, and on the map."""
    form = ResourceFilter(request.GET)
    rows = form.narrow(Resource.objects.select_related("unit", "region").prefetch_related("stock", "owners"))
    page = keyset(rows, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("kind", "code"))
    now = timezone.now()
    context = {
        "form": form,
        "page": page,
        "rows": [{"resource": row, "is_on_duty": row.is_on_duty(now)} for row in page.rows],
        "names": skill_names(),
        "regions_url": regions_url(),
        "resources_url": url_or_blank("incidents:resource_map"),
        "is_empty": not page.rows and not request.GET,
    }
    return render(request, "incidents/resources.html", context, fragment="incidents/_resources.html")


@never_cache
@require_safe
def resources(request: HttpRequest) -> JsonResponse:
    """Resources in use as GeoJSON: `?kinds=team,vehicle&bbox=west,south,east,north&near=lon,lat`."""
    actor = actor_in(request)
    box, near = request.GET.get("bbox", ""), request.GET.get("near", "")
    found = geo.collection(
        geo.read_kinds(request.GET.get("kinds", "")),
        timezone.now(),
        box=geo.read_numbers(box, 4, "bbox") if box else (),
        near=geo.read_numbers(near, 2, "near") if near else (),
        names_people=actor.can("incident.command") or actor.can("incident.manage"),
    )
    return JsonResponse(found, content_type="application/geo+json")


@require_http_methods(["GET", "HEAD", "POST"])
def resource(request: HttpRequest, resource_id: int | None = None) -> HttpResponse:
    """One resource: its form, its history; a new one without a key."""
    row = _found(resource_id) if resource_id else None
    form = ResourceForm(*posted(request), initial=initial_of(row) if row else _copied(request))
    if form.is_valid():
        try:
            saved = _save(request, row, form)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("已保存：%(name)s") % {"name": saved.name})
            return redirect("incidents:resource_list")
    context: dict[str, Any] = {"form": form, "resource": row, "regions_url": regions_url()}
    if row:
        context["history"] = _history(row)
        context["masked"] = mask_phone(str(row.contact))
    return render(request, "incidents/resource.html", context, status=status_of(form))


@require_POST
def resource_contact(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Show the number of a resource, logged."""
    number = actions.reveal_resource_contact(resource_id, actor=actor_in(request), at=timezone.now())
    response = render(request, "incidents/contact.html", {"number": number, "resource_id": resource_id})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The resources that the filters leave, as XLSX; a template too, as long as there are none."""
    rows = ResourceFilter(request.GET).narrow(Resource.objects.select_related("unit"))
    found = rows.prefetch_related("stock", "owners").order_by("kind", "code")[: sheets.MOST_ROWS]
    response = HttpResponse(sheets.write(found), content_type=XLSX)
    name = f"{_('应急资源')} {timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """Take a sheet: all of it, or, with every mistake named, nothing."""
    form = ImportForm(*posted(request))
    mistakes: list[sheets.Mistake] = []
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            read = sheets.read(form.cleaned_data["file"])
            mistakes = read.mistakes
            if not mistakes:
                with pghistory.context(user=request.user.pk):
                    added, amended = actions.import_resources(
                        read.rows, actor=actor_in(request), at=timezone.now()
                    )
                messages.success(request, _("已导入：新增 %(a)s，更新 %(b)s。") % {"a": added, "b": amended})
                return redirect("incidents:resource_list")
            status = 422
        except DomainError as refusal:
            put_errors(form, refusal)
            status = int(refusal.status)
    context = {
        "form": form,
        "mistakes": mistakes[:200],
        "columns": sheets.COLUMNS,
        "required": sheets.REQUIRED,
    }
    return render(request, "incidents/import.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """Skills, and how the centre calls."""
    held = settings()
    initial = {name: getattr(held, name) for name in SettingsForm.base_fields}
    what = request.POST.get("what", "")
    skill = SkillForm(request.POST if what == "skill" else None)
    form = SettingsForm(request.POST if what == "settings" else None, initial=initial)
    status = 200
    if request.method == "POST":
        asked = {"skill": skill, "settings": form}.get(what)
        try:
            if asked is None or asked.is_valid():
                _save_settings(what, request, skill, form)
                messages.success(request, _("已保存。"))
                return redirect("incidents:settings")
            status = 422
        except DomainError as refusal:
            put_errors(asked or form, refusal)
            status = int(refusal.status)
    context = {"skill": skill, "form": form, "names": skill_names()}
    return render(request, "incidents/settings.html", context, status=status)


def _save_settings(what: str, request: HttpRequest, skill: SkillForm, form: SettingsForm) -> None:
    actor = actor_in(request)
    if what == "skill":
        actions.save_skill(skill.cleaned_data["code"], skill.cleaned_data["name"], actor=actor)
    elif what == "common":
        actions.load_common_skills(actor=actor)
    else:
        actions.amend_settings(actor=actor, **form.cleaned_data)


def _found(resource_id: int) -> Resource:
    row = Resource.objects.select_related("unit").filter(pk=resource_id).first()
    if row is None:
        raise NotFound(_("没有找到这个资源。"))
    return row


def _history(row: Resource) -> list[Change]:
    """Return what became of a resource, of who answers for it and of its stock, the latest first."""
    links: Any = ResourceOwner
    lines: Any = StockLine
    owners = links.pgh_event_model.objects.filter(resource=row.pk)
    held = lines.pgh_event_model.objects.filter(resource=row.pk).order_by("-pgh_id")[:MOST_CHANGES]
    changes = [*history_of(row), *links_of(owners, "user", _("应答人员")), *map(_stock_change, held)]
    return sorted(changes, key=lambda change: change.at, reverse=True)[:MOST_CHANGES]


def _stock_change(event: Any) -> Change:
    word = f"{event.item} {event.quantity.normalize():f}{event.measure}"
    is_gone = event.pgh_label == "delete"
    change = FieldChange(_("库存"), word if is_gone else "", "—" if is_gone else word)
    return Change(event.pgh_created_at, "", LABELS[event.pgh_label], [change])


def _copied(request: HttpRequest) -> dict[str, Any]:
    """Start a new resource with the kind that the list was narrowed to."""
    return {"kind": request.GET.get("kind", ""), "is_active": True}


def _save(request: HttpRequest, row: Resource | None, form: ResourceForm) -> Resource:
    data, actor, at = form.resource(), actor_in(request), timezone.now()
    with pghistory.context(user=request.user.pk):
        if row is None:
            return actions.add_resource(data, actor=actor, at=at)
        return actions.amend_resource(row.pk, data, actor=actor, at=at)
