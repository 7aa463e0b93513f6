"""The oversight desk, and reminding from it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gridloop.base.common.errors import InvalidInput
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.oversight import actions
from gridloop.capabilities.oversight.forms import DeskFilter, RemindForm
from gridloop.capabilities.oversight.models import Alert, ProblemCase
from gridloop.capabilities.oversight.policies import may_supervise
from gridloop.capabilities.oversight.present import desk
from gridloop.capabilities.oversight.querysets import clocks_watched_by
from gridloop.core.org.actors import Actor
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 30
MOST_AT_ONCE = 100


@require_safe
def watched(request: HttpRequest) -> HttpResponse:
    """What is late, where and whose, and what soon will be; by the filters in the address."""
    actor, now = actor_in(request), timezone.now()
    form = DeskFilter.of(request.GET)
    wanted = form.wanted()
    page = keyset(
        desk.clocks(actor, wanted, now),
        cursor=request.GET.get("cursor", ""),
        size=PAGE_SIZE,
        key=("due_at", "pk"),
    )
    board, numbers = desk.board(actor, wanted, now), desk.counts(actor, now)
    context = {
        "form": form,
        "wanted": wanted,
        "board": board,
        "tiles": _tiles(board, numbers, wanted, actor),
        "page": page,
        "rows": desk.rows(page.rows, now),
        "remind_form": RemindForm(initial={"cause": "overdue" if wanted.tone == desk.LATE else "soon"}),
        "can_remind": actor.can("oversight.remind"),
        "can_supervise": may_supervise(actor),
        "at": now,
    }
    return render(request, "oversight/desk.html", context)


@require_safe
def unheard(request: HttpRequest) -> HttpResponse:
    """Deadlines of which nobody could be told, and why."""
    actor, now = actor_in(request), timezone.now()
    found = Alert.objects.unheard().filter(clock__in=clocks_watched_by(actor))
    found = found.select_related("clock__order", "case__region", "step").order_by("moment", "pk")[:200]
    rows = [(alert, desk.rows([alert.clock], now)[0]) for alert in found if alert.clock]
    return render(
        request, "oversight/unheard.html", {"rows": rows, "can_manage": actor.can("oversight.manage")}
    )


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Problem cases, newest first; those in hand unless all are asked for."""
    actor = actor_in(request)
    is_all = request.GET.get("state") == "all"
    found = ProblemCase.objects.visible_to(actor).select_related("case__region", "case__category")
    page = keyset(
        found if is_all else found.open(),
        cursor=request.GET.get("cursor", ""),
        size=PAGE_SIZE,
        key=("-since", "-pk"),
    )
    context = {"page": page, "is_all": is_all, "can_supervise": may_supervise(actor)}
    return render(request, "oversight/problems.html", context)


@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind of the cases that were chosen, and go back to where one came from."""
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("请先勾选要催办的案件。"))
        return _back(request)
    form = RemindForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择催办原因；说明最多 500 个字。"))
        return _back(request)
    done, refused = actions.remind_many(
        chosen, actor=actor_in(request), at=timezone.now(), **form.cleaned_data
    )
    if done:
        said = ngettext(
            "已催办 %(n)s 件，并记入案件办理经过。", "已催办 %(n)s 件，并记入案件办理经过。", done
        )
        messages.success(request, said % {"n": done})
    for number, why in refused[:10]:
        messages.warning(request, f"{number}：{why}")
    if len(refused) > 10:
        messages.warning(request, _("另有 %(n)s 件没有催办。") % {"n": len(refused) - 10})
    return _back(request)


def _chosen(request: HttpRequest) -> list[UUID]:
    found = request.POST.getlist("case")[:MOST_AT_ONCE]
    try:
        return [UUID(one) for one in dict.fromkeys(found)]
    except ValueError as error:
        raise InvalidInput(_("选择的案件有误，请刷新页面后重选。")) from error


def _back(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(address if is_ours else reverse("oversight:watched"))


def _tiles(
    board: dict[str, Any], numbers: dict[str, int], wanted: desk.Wanted, actor: Actor
) -> list[desk.Tile]:
    here = reverse("oversight:watched")
    slips = reverse("oversight:slips")
    late = _("逾期 %(n)s") % {"n": desk.shown(numbers["slips_late"])} if numbers["slips_late"] else ""
    replied = _("已回复待定 %(n)s") % {"n": desk.shown(numbers["replied"])} if numbers["replied"] else ""
    tiles = [
        desk.Tile(
            "late", _("已超期"), str(board["late"]), f"{here}?{wanted.query(tone=desk.LATE)}", "danger"
        ),
        desk.Tile(
            "soon", _("即将到期"), str(board["soon"]), f"{here}?{wanted.query(tone=desk.SOON)}", "warning"
        ),
        _tile("unreplied", _("督办未回复"), numbers, slips, "danger" if late else "", late or replied),
        _tile("problems", _("问题工单"), numbers, reverse("oversight:problems"), "warning"),
        _tile("unheard", _("无人可通知"), numbers, reverse("oversight:unheard"), "danger"),
    ]
    if actor.can("case.decide_time"):
        tiles.append(_tile("times", _("延期挂起待审批"), numbers, reverse("oversight:times"), "warning"))
    if numbers["samples"] or actor.can("oversight.sample"):
        tiles.append(_tile("samples", _("抽查待核"), numbers, reverse("oversight:samples")))
    return tiles


def _tile(
    name: str, label: str, numbers: dict[str, int], url: str, tone: str = "", hint: str = ""
) -> desk.Tile:
    number = numbers[name]
    return desk.Tile(name, label, desk.shown(number), url, tone if number else "", hint)
