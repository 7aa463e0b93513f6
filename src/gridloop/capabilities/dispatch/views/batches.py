"""One batch from its preview to its undoing, and the batches of the last time."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import NotFound
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render, wants_fragment
from gridloop.capabilities.dispatch.actions import batches, previews
from gridloop.capabilities.dispatch.forms.units import UnitForm
from gridloop.capabilities.dispatch.given import number
from gridloop.capabilities.dispatch.models import Batch, BatchState
from gridloop.capabilities.dispatch.planning import Wish
from gridloop.capabilities.dispatch.present.batches import batch_page, summaries
from gridloop.capabilities.dispatch.present.keys import PREVIEW_KEYS, RESULT_KEYS
from gridloop.core.org.middleware import actor_in

INLINE = 20  # cases that the confirming request dispatches itself; of more it leaves all to the job
PAGE_SIZE = 30


@require_safe
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A batch as it stands: its preview, how far it has come, or what became of it."""
    return _page(request, _found(request, batch_id))


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, batch_id: int, case_id: UUID) -> HttpResponse:
    """Change one case of a preview: another proposal, any unit (by a form of its own), out, or in again."""
    if request.method != "POST":
        return _unit_page(request, batch_id, case_id)
    actor, wanted = actor_in(request), request.POST
    match wanted.get("do"):
        case "leave_out":
            previews.leave_out(batch_id, case_id, actor=actor)
        case "take_in":
            previews.take_in(batch_id, case_id, actor=actor)
        case _:
            wish = Wish(rank=number(wanted.get("rank")), unit_id=number(wanted.get("unit")))
            previews.choose(batch_id, case_id, wish=wish, actor=actor)
    if wants_fragment(request):
        return _page(request, _found(request, batch_id))
    return redirect(f"{reverse('dispatch:batch', args=[batch_id])}#row-{case_id}")


@require_POST
def confirm(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Dispatch the batch: a small one at once, a large one by the job that the confirmation asked for."""
    now = timezone.now()
    _carry_out_small(batches.confirm(batch_id, actor=actor_in(request), at=now), now)
    return redirect("dispatch:batch", batch_id=batch_id)


@require_POST
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take the batch back as far as nobody has signed for it."""
    now = timezone.now()
    _carry_out_small(batches.undo(batch_id, actor=actor_in(request), at=now), now)
    return redirect("dispatch:batch", batch_id=batch_id)


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """
    The batches that were confirmed, the newest first: one's own, or everybody's for who manages dispatch.
    """
    found = Batch.objects.visible_to(actor_in(request)).exclude(state=BatchState.PREVIEW)
    loaded = found.select_related("made_by")
    page = keyset(loaded, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    return render(request, "dispatch/batches.html", {"page": page, "batches": summaries(page.rows)})


def _carry_out_small(made: Batch, now: datetime) -> None:
    if made.items.count() <= INLINE:
        batches.carry_out(made.pk, at=now)


def _found(request: HttpRequest, batch_id: int) -> Batch:
    found = Batch.objects.visible_to(actor_in(request)).select_related("made_by").filter(pk=batch_id).first()
    if found is None:
        raise NotFound(_("没有找到这个派遣批次，或者您无权查看。"))
    return found


def _unit_page(request: HttpRequest, batch_id: int, case_id: UUID) -> HttpResponse:
    items = _found(request, batch_id).items.visible_to(actor_in(request))
    one = items.select_related("case__category", "case__region").filter(case=case_id).first()
    if one is None:
        raise NotFound(_("这一批里没有这个案件。"))
    form = UnitForm(initial={"unit": one.unit_id})
    return render(request, "dispatch/item.html", {"item": one, "form": form})


def _page(request: HttpRequest, found: Batch) -> HttpResponse:
    is_preview = found.state == BatchState.PREVIEW
    context = {
        "page": batch_page(found, actor_in(request), timezone.now()),
        "batch": found,
        "is_preview": is_preview,
        "page_keys": PREVIEW_KEYS if is_preview else RESULT_KEYS,
    }
    return render(request, "dispatch/batch.html", context, fragment="dispatch/_batch.html")
