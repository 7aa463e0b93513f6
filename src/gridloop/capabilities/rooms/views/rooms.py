"""The room of a case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError
from gridloop.base.common.files import store
from gridloop.base.shell.forms import put_errors, status_of
from gridloop.base.shell.rendering import render
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.forms import SayForm, TaskForm
from gridloop.capabilities.rooms.policies import Seat, check_seat, why_not_speak
from gridloop.capabilities.rooms.present.room import live, meetings_of, room_of
from gridloop.capabilities.rooms.views.common import file_of
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.org.middleware import actor_in


@require_safe
def room(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """All that is said, decided and to be done in the room of one case."""
    file = file_of(request, case_id)
    return _page(request, file, check_seat(file, actor_in(request)))


@require_POST
def open_room(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Open the room of a case."""
    actions.open_room(case_id, actor=actor_in(request), at=timezone.now())
    return redirect("rooms:room", case_id=case_id)


@require_http_methods(["POST"])
def say(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say something in the room."""
    actor, now = actor_in(request), timezone.now()
    file = file_of(request, case_id)
    seat = check_seat(file, actor)
    today = timezone.localdate(now)
    form = SayForm(request.POST, request.FILES, file=file, seat=seat, actor=actor, today=today)
    if form.is_valid():
        given = form.cleaned_data
        for _name, checked in given["files"]:
            store(checked)
        try:
            actions.say(
                case_id,
                actor=actor,
                at=now,
                body=given["body"],
                kind=given.get("kind") or "update",
                mention_ids=given["mentions"],
                files=given["files"],
                form_key=given["form_key"],
            )
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            return redirect("rooms:room", case_id=case_id)
    return _page(request, file, seat, say_form=form, status=status_of(form))


@require_POST
def add_task(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give a unit or a person something to do."""
    actor, now = actor_in(request), timezone.now()
    file = file_of(request, case_id)
    seat = check_seat(file, actor)
    form = TaskForm(request.POST, file=file, today=timezone.localdate(now))
    if form.is_valid():
        try:
            actions.add_task(case_id, actor=actor, at=now, **form.cleaned_data)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("任务已布置，已通知责任单位。"))
            return redirect("rooms:room", case_id=case_id)
    return _page(request, file, seat, task_form=form, status=status_of(form))


@require_POST
def end_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """A task is done."""
    note = request.POST.get("note", "")
    task = actions.end_task(task_id, actor=actor_in(request), at=timezone.now(), outcome=note)
    return redirect("rooms:room", case_id=task.room_id)


@require_POST
def drop_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """A task need not be done."""
    task = actions.drop_task(task_id, actor=actor_in(request), at=timezone.now())
    return redirect("rooms:room", case_id=task.room_id)


def _page(
    request: HttpRequest,
    file: CaseFile,
    seat: Seat,
    *,
    say_form: SayForm | None = None,
    task_form: TaskForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_in(request)
    today = timezone.localdate()
    cursor = request.GET.get("cursor", "")
    context: dict[str, Any] = {
        "case": file.case,
        "file": file,
        "seat": seat,
        "cursor": cursor,
        **live(file, seat, actor, today, cursor),
    }
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        why_not = why_not_speak(file, actor)
        is_open = room_of(file) is not None
        context |= {
            "is_open": is_open,
            "why_not": why_not,
            "meetings": meetings_of(file, seat, actor),
            "can_call": seat.is_centre and file.case.is_open,
        }
        if is_open and not why_not:
            context["say_form"] = say_form or SayForm(file=file, seat=seat, actor=actor, today=today)
            context["task_form"] = task_form or TaskForm(file=file, today=today)
            context["is_task_open"] = task_form is not None
    return render(request, "rooms/room.html", context, fragment="rooms/_live.html", status=status)
