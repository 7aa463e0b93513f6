"""The called person's pages: for a telephone, one thumb, and no menus."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import posted
from gridloop.base.shell.rendering import render
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.forms.command import NoteForm
from gridloop.capabilities.incidents.labels import ANSWER_ICONS, ANSWERS
from gridloop.capabilities.incidents.models import Call, Callee
from gridloop.capabilities.incidents.policies import answers_open
from gridloop.capabilities.incidents.views.common import regions_url
from gridloop.capabilities.incidents.workflow import CallStep
from gridloop.core.org.actors import Actor
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.posts import acting

MOST = 30
RELATED = ("incident__region", "incident__opened_by", "resource__unit")


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """The calls to me, those that run first."""
    found = Call.objects.of_person(actor_in(request).user_id).select_related("incident", "resource")
    return render(
        request, "incidents/calls.html", {"calls": found.order_by("ended_at", "-called_at", "pk")[:MOST]}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """One call to me."""
    found = (
        Call.objects.of_person(actor_in(request).user_id).select_related(*RELATED).filter(pk=call_id).first()
    )
    if found is None:
        raise NotFound(_("没有找到这次呼叫，或者它不是呼叫您的。"))
    return _page(request, found, actor_in(request), reverse("incidents:answer", args=[call_id]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """
    The same page for whoever holds the message: no login in an emergency, and this call only, while it runs.

    Messages lie about for years: once the call is over, the link says no more than that.
    """
    related = [f"call__{name}" for name in RELATED]
    callee = (
        Callee.objects.select_related("user", *related)
        .filter(code=code.upper(), user__is_active=True)
        .first()
    )
    if callee is None:
        raise NotFound(_("这个链接不对，请核对短信，或登录后在“应急任务”里查看。"))
    actor = acting(callee.user, on=timezone.localdate())
    url = reverse("incidents:by_code", args=[code])
    response = _page(request, callee.call, actor, url, over="incidents/over.html")
    # The code is in the address: no other site may read it. "no-referrer" would make our own forms foreign.
    response["Referrer-Policy"] = "same-origin"
    return response


def _page(
    request: HttpRequest, call: Call, actor: Actor, url: str, *, over: str = "incidents/answer.html"
) -> HttpResponse:
    """Answer, report, or ask for more; then show the call as it stands, by `over` where it has ended."""
    status, form = 200, NoteForm(*posted(request))
    if request.method == "POST":
        try:
            said = _act(request, call, actor, form)
        except DomainError as refusal:
            messages.error(request, refusal.message)
            status = int(refusal.status)
        else:
            if said:
                return redirect(url)
            status = 409 if form.is_valid() else 422
        call.refresh_from_db()
    context = _context(call, url, form)
    template = "incidents/answer.html" if context["is_running"] else over
    return render(request, template, context, status=status)


def _act(request: HttpRequest, call: Call, actor: Actor, form: NoteForm) -> bool:
    """Do what was pressed; return False where nothing came of it, and the page says why."""
    what, at = request.POST.get("do", ""), timezone.now()
    words = request.POST.get("note", "")
    if what == "ask":
        actions.ask_more(call.pk, words, actor=actor, at=at)
        messages.success(request, _("增援请求已送到指挥中心。"))
    elif what == "report":
        if not form.is_valid():
            return False
        files = form.cleaned_data["files"]
        actions.report_from_spot(call.pk, words, actor=actor, at=at, files=files)
        messages.success(request, _("现场情况已送到指挥中心。"))
    else:
        done = actions.answer(call.pk, what, actor=actor, at=at, note=words)
        if done.is_late:
            messages.warning(request, _("您的任务已改由他人执行，您无需前往；指挥中心已知道您作了应答。"))
            return False
        messages.success(request, _("已报告：%(state)s") % {"state": done.call.get_state_display()})
    return True


def _context(call: Call, url: str, form: NoteForm) -> dict[str, Any]:
    open_now = answers_open(call) if call.incident.is_open else []
    return {
        "call": call,
        "incident": call.incident,
        "url": url,
        "form": form,
        "buttons": [(name, ANSWERS[name], ANSWER_ICONS[name]) for name in open_now if name != "decline"],
        "can_decline": "decline" in open_now,
        "is_replaced": call.state == CallStep.REPLACED,
        "is_running": call.incident.is_open and call.is_active,
        "regions_url": regions_url(),
    }
