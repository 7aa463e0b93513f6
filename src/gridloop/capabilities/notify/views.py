"""A person's messages, and how they want to be reached."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.forms import put_errors, status_of
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.notify import actions
from gridloop.capabilities.notify.forms import ChannelForm
from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.notify.present import channels_shown, notices_shown

PAGE_SIZE = 30


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What I was told, the newest first; `?unread=1` leaves out what I have read."""
    is_unread = request.GET.get("unread") == "1"
    mine = Notice.objects.to(_me(request)).select_related("case")
    page = keyset(mine.unread() if is_unread else mine, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    now = timezone.now()
    context = {"page": page, "notices": notices_shown(page.rows, now), "is_unread": is_unread, "now": now}
    return render(request, "notify/inbox.html", context, fragment="notify/_notices.html")


@require_safe
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Where a notice leads; by that it is read."""
    notice = Notice.objects.to(_me(request)).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound(_("没有找到这条消息。"))
    actions.mark_read(_me(request), [notice.pk], at=timezone.now())
    is_ours = url_has_allowed_host_and_scheme(notice.url, {request.get_host()})
    return redirect(notice.url if notice.url and is_ours else "notify:inbox")


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """I have read one, or all that the page showed me at `before`."""
    now = timezone.now()
    if request.POST.get("notice"):
        actions.mark_read(_me(request), [_key(request.POST["notice"])], at=now)
    else:
        actions.mark_all_read(_me(request), at=_moment(request.POST.get("before", ""), now))
    kept = {name: request.POST[name] for name in ("unread", "cursor") if request.POST.get(name)}
    return redirect(reverse("notify:inbox", query=kept or None))


@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """How I can be reached outside, and a new way."""
    form = ChannelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.add_channel(_me(request), at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("验证码已发往这个地址，请收到后填写。"))
            return redirect("notify:channels")
    shown = channels_shown(_me(request))
    context = {
        "form": form,
        "channels": shown,
        "has_waiting": any(row.is_waiting for row in shown),
        "quiet": settings.QUIET_HOURS,
    }
    return render(
        request, "notify/channels.html", context, fragment="notify/_channels.html", status=status_of(form)
    )


@require_POST
def channel(request: HttpRequest, channel_id: int, act: str) -> HttpResponse:
    """One thing done to one of my channels."""
    if act not in _ACTS:
        raise Http404
    done, said = _ACTS[act]
    done(_me(request), channel_id, request.POST, timezone.now())
    messages.success(request, str(said))
    return redirect("notify:channels")


Act = Callable[[int, int, QueryDict, datetime], Any]
_ACTS: dict[str, tuple[Act, str | Promise]] = {
    "prove": (
        lambda me, key, given, now: actions.prove_channel(me, key, code=given.get("code", ""), at=now),
        gettext_lazy("已验证，以后的消息也会发到这里。"),
    ),
    "code": (
        lambda me, key, _given, now: actions.send_code(me, key, at=now),
        gettext_lazy("验证码已重新发送。"),
    ),
    "test": (
        lambda me, key, _given, now: actions.send_test(me, key, at=now),
        gettext_lazy("试发消息已排队，结果会显示在下面。"),
    ),
    "on": (
        lambda me, key, _given, _now: actions.switch_channel(me, key, is_active=True),
        gettext_lazy("已启用。"),
    ),
    "off": (
        lambda me, key, _given, _now: actions.switch_channel(me, key, is_active=False),
        gettext_lazy("已停用，不再发往这里。"),
    ),
    "drop": (lambda me, key, _given, _now: actions.drop_channel(me, key), gettext_lazy("已删除。")),
}


def _me(request: HttpRequest) -> int:
    return cast(int, request.user.pk)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _moment(text: str, now: datetime) -> datetime:
    """Return the moment at which the list was drawn: what came in since then is still unread."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    return min(at, now) if at.tzinfo else now
