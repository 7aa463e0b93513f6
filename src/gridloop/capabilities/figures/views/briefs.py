"""Briefs: the list, making one now, and its files."""

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.documents import DOCX, PDF
from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.base.shell.forms import put_errors
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.capabilities.figures import present
from gridloop.capabilities.figures.actions import briefs as actions
from gridloop.capabilities.figures.forms import BriefForm
from gridloop.capabilities.figures.labels import BriefKind, PaperState
from gridloop.capabilities.figures.models import Brief
from gridloop.capabilities.figures.policies import check_can_read_briefs
from gridloop.core.org.middleware import actor_in

PAGE_SIZE = 20
TYPES = {"docx": DOCX, "pdf": PDF}


@require_http_methods(["GET", "HEAD", "POST"])
def briefs(request: HttpRequest) -> HttpResponse:
    """All briefs, the newest first; a POST has one made now."""
    actor, now = actor_in(request), timezone.now()
    check_can_read_briefs(actor)
    initial = {"kind": BriefKind.DAY, "day": timezone.localdate(now)}
    form = BriefForm(request.POST) if request.method == "POST" else BriefForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.ask_brief(BriefKind(given["kind"]), given["day"], actor=actor, at=now)
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("正在生成，几秒钟后即可下载。"))
            return redirect("figures:briefs")
    kind = request.GET.get("kind", "")
    rows = Brief.objects.filter(kind=kind) if kind in BriefKind.values else Brief.objects.all()
    page = keyset(
        rows.defer("facts"),
        cursor=request.GET.get("cursor", ""),
        size=PAGE_SIZE,
        key=("-starts_on", "-pk"),
    )
    context = {
        "form": form,
        "page": page,
        "rows": present.briefs(page.rows),
        "kind": kind,
        "kinds": BriefKind.choices,
        "is_waiting": any(brief.state == PaperState.WAITING for brief in page.rows),
    }
    status = 422 if form.errors else 200
    return render(request, "figures/briefs.html", context, fragment="figures/_briefs.html", status=status)


@require_safe
def brief_file(request: HttpRequest, brief_id: UUID, extension: str) -> HttpResponseBase:
    """A brief as Word or PDF."""
    check_can_read_briefs(actor_in(request))
    if extension not in TYPES:
        raise Http404
    brief = Brief.objects.filter(pk=brief_id, state=PaperState.READY).defer("facts").first()
    stored = actions.storage_name(brief_id, extension)
    if brief is None or not default_storage.exists(stored):
        raise NotFound(_("这份简报还没有生成，请在列表中重新生成。"))
    name = f"{present.brief_name(brief)}.{extension}"
    return FileResponse(
        default_storage.open(stored), as_attachment=True, filename=name, content_type=TYPES[extension]
    )
