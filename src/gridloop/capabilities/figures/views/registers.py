"""Registers: choosing, previewing, taking along, defining."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.rendering import render
from gridloop.capabilities.figures.actions import registers as actions
from gridloop.capabilities.figures.definitions import DELIVERED, Definition, days_of, definition, saved
from gridloop.capabilities.figures.forms import DaysForm, RegisterForm
from gridloop.capabilities.figures.labels import PaperState
from gridloop.capabilities.figures.models import Register, RegisterFile
from gridloop.capabilities.figures.reading import Days
from gridloop.capabilities.figures.registers import (
    cases_of,
    heading,
    preview,
    statistic,
    statistic_heading,
)
from gridloop.capabilities.figures.sheets import XLSX
from gridloop.core.org.actors import Actor
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.policies import check_can

NEWEST = 10


@require_safe
def registers(request: HttpRequest) -> HttpResponse:
    """All registers, and the files that I have asked for."""
    actor = actor_in(request)
    context: dict[str, Any] = {
        "delivered": DELIVERED.values(),
        "saved": [saved(row) for row in Register.objects.order_by("name")],
        "files": RegisterFile.objects.filter(user=actor.user_id).order_by("-pk")[:NEWEST],
        "can_manage": actor.can("figures.manage"),
        "now": timezone.now(),
    }
    context["is_waiting"] = any(file.state == PaperState.WAITING for file in context["files"])
    return render(request, "figures/registers.html", context, fragment="figures/_files.html")


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, key: str) -> HttpResponse:
    """One register over some days: its first lines, and the file on a POST."""
    actor, now = actor_in(request), timezone.now()
    found = definition(key)
    form = _days_form(request, found, now)
    days = Days(form.cleaned_data["since"], form.cleaned_data["until"]) if form.is_valid() else None
    if request.method == "POST" and days:
        try:
            file = actions.ask_file(found, days, actor=actor, at=now)
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            if file.state == PaperState.READY:
                return redirect("figures:register_file", file_id=file.pk)
            messages.info(request, _("内容较多，正在后台生成，完成后可在“我的导出”下载，保留一天。"))
            return redirect("figures:registers")
    context = {
        "register": found,
        "form": form,
        **(_shown(found, actor, days, now) if days else {}),
        "can_manage": actor.can("figures.manage"),
        "can_export": actor.can("case.export"),
    }
    return render(request, "figures/register.html", context, status=422 if form.errors else 200)


def _days_form(request: HttpRequest, found: Definition, now: datetime) -> DaysForm:
    usual = days_of(found.period, timezone.localdate(now))
    given = request.POST if request.method == "POST" else request.GET
    default = {"since": usual.since.isoformat(), "until": usual.until.isoformat()}
    return DaysForm({name: given.get(name) or default[name] for name in default})


def _shown(found: Definition, actor: Actor, days: Days, now: datetime) -> dict[str, Any]:
    if found.divided_by:
        return {"heading": [_("序号"), *statistic_heading(found)], "rows": statistic(found, actor, days)}
    labels = [_("序号"), *(column.label for column in heading(found))]
    return {"heading": labels, "rows": preview(found, cases_of(found, actor, days, now), now)}


@require_safe
def register_file(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """A file that I asked for."""
    file = RegisterFile.objects.filter(
        pk=file_id, user=actor_in(request).user_id, state=PaperState.READY, expires_at__gt=timezone.now()
    ).first()
    if file is None or not default_storage.exists(actions.storage_name(file_id)):
        raise NotFound(_("文件已过保留期或还没有生成，请重新导出。"))
    name = f"{file.name}-{file.since:%Y%m%d}-{file.until:%Y%m%d}.xlsx"
    content = default_storage.open(actions.storage_name(file_id))
    answer = FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str = "") -> HttpResponse:
    """The definition editor: a new register, a copy of a delivered one, or a change of a saved one."""
    actor = actor_in(request)
    check_can(actor, "figures.manage")
    source = definition(key) if key else None
    is_own = source is not None and not source.is_delivered
    form = RegisterForm(request.POST) if request.method == "POST" else RegisterForm(initial=_initial(source))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wanted = actions.as_definition(given["name"], given["columns"], given["period"], form.filters())
        try:
            row = actions.save_register(
                wanted,
                actor=actor,
                at=timezone.now(),
                register_id=UUID(source.key) if source is not None and is_own else None,
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("台账已保存。"))
            return redirect("figures:register", key=row.pk)
    context = {"form": form, "source": source, "is_own": is_own}
    return render(request, "figures/register_edit.html", context, status=422 if form.errors else 200)


def _initial(source: Definition | None) -> dict[str, Any]:
    if source is None:
        return {"period": "this_month", "columns": ["number", "title", "category", "village", "state"]}
    name = _("%s（本地）") % _(source.name) if source.is_delivered else source.name
    return {
        "name": name,
        "period": source.period.value,
        "columns": list(source.columns),
        **source.filters,
    }


@require_POST
def drop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Forget a definition."""
    actions.drop_register(key, actor=actor_in(request), at=timezone.now())
    messages.success(request, _("台账定义已删除。"))
    return redirect("figures:registers")
