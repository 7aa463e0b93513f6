"""One case, and the verbs that I may make on it."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.shell.files import stored_file
from gridloop.base.shell.forms import posted, put_errors, status_of
from gridloop.base.shell.rendering import render
from gridloop.core.cases.actions import VERBS
from gridloop.core.cases.casefile import CaseFile, open_file
from gridloop.core.cases.errors import StaleCase
from gridloop.core.cases.kinds import kinds
from gridloop.core.cases.labels import VERBS as LABELS
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.panels import panels
from gridloop.core.cases.policies import Ask, check_permission, why_not
from gridloop.core.cases.privacy import reporter_of
from gridloop.core.cases.sight import lines_for
from gridloop.core.org.middleware import actor_in
from gridloop.faces.desk import moves
from gridloop.faces.desk.forms import VERB_FORMS, NoteForm, RevealForm
from gridloop.faces.desk.present import verbs
from gridloop.faces.desk.present.page import page
from gridloop.faces.desk.present.timeline import timeline
from gridloop.faces.desk.views.common import list_url, regions_url


@require_safe
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: what, where, who, how long, what happened, and what I may do now."""
    file = _file(request, case_id)
    is_whole = request.GET.get("log") == "all"
    context = page(file, actor_in(request), timezone.now(), is_whole_log=is_whole)
    context |= {
        "back_url": list_url(request),
        "regions_url": regions_url(),
        "panel": _panel(request, file.case),
        "panels": _panels(request, file, is_beside=False),
        "side_panels": _panels(request, file, is_beside=True),
    }
    return render(request, "desk/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """The form of one verb, and making it."""
    if verb not in VERBS:
        raise Http404
    actor, now = actor_in(request), timezone.now()
    file = _file(request, case_id)
    check_permission(verb, actor)
    form = VERB_FORMS.get(verb, NoteForm)(*posted(request), verb=verb, file=file, actor=actor)
    if form.is_valid():
        try:
            made = moves.make(verb, case_id, form, actor=actor, at=now)
        except StaleCase as stale:
            return _stale(request, file, form, stale)
        except DomainError as refusal:
            put_errors(form, refusal)
        else:
            undoing = verbs.UNDONE_BY.get(verb)
            undo = verbs.undo_link(undoing, _file(request, case_id), actor, now) if undoing else None
            messages.success(request, verbs.done_message(verb, made, undo))
            return redirect("desk:case", case_id=case_id)
    return _form_page(request, file, form, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def reporter(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Who reported, in full, only after a reason that goes into the log."""
    file = _file(request, case_id)
    form = RevealForm(*posted(request))
    person = None
    if form.is_valid():
        VERBS["reveal_reporter"](
            case_id, actor=actor_in(request), at=timezone.now(), note=form.cleaned_data["note"]
        )
        person = reporter_of(file.case)
    context = {"case": file.case, "form": form, "person": person}
    response = render(request, "desk/reporter.html", context, status=status_of(form))
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def attachment(request: HttpRequest, attachment_id: UUID) -> FileResponse:
    """A file of a case that I may see; never guessed by the browser, pictures shown, the rest downloaded."""
    row = Attachment.objects.readable_by(actor_in(request)).filter(pk=attachment_id).first()
    if row is None:
        raise NotFound(_("没有找到这个文件。"))
    return stored_file(row.sha256, row.content_type, row.name)


def _file(request: HttpRequest, case_id: UUID) -> CaseFile:
    cases = Case.objects.visible_to(actor_in(request)).select_related("region", "category", "merged_into")
    found = cases.filter(pk=case_id).first()
    if found is None:
        raise NotFound(_("没有找到这个案件，或者您无权查看。"))
    return open_file(found)


def _panel(request: HttpRequest, shown: Case) -> str:
    """Return the part of the page that the case's kind brings along; empty where it brings none."""
    kind = kinds().get(shown.kind)
    if kind is None or kind.panel is None:
        return ""
    return render_to_string(kind.panel.template, kind.panel.context(shown, actor_in(request)), request)


def _panels(request: HttpRequest, file: CaseFile, *, is_beside: bool) -> list[str]:
    """Return what the capabilities show of the case: in the main column, or beside it."""
    actor, now = actor_in(request), timezone.now()
    asked = ((panel, panel.context(file, actor, now)) for panel in panels() if panel.is_beside == is_beside)
    return [
        render_to_string(panel.template, {"case": file.case, **context}, request)
        for panel, context in asked
        if context is not None
    ]


def _stale(request: HttpRequest, seen: CaseFile, form: NoteForm, stale: StaleCase) -> HttpResponse:
    """Show what happened meanwhile, and the form as it was filled in, ready to be sent on the fresh case."""
    file = _file(request, seen.case.pk)
    since = form.cleaned_data["version"] or 0
    news = lines_for(file.case.pk, actor_in(request)).filter(seq__gt=since).order_by("-seq")[:20]
    form.refresh(file.case.version)
    form.add_error(None, stale.message)
    return _form_page(request, file, form, status=409, news=timeline(news))


def _form_page(
    request: HttpRequest, file: CaseFile, form: NoteForm, *, status: int, news: object = ()
) -> HttpResponse:
    context = {
        "case": file.case,
        "form": form,
        "verb": form.verb,
        "label": LABELS[form.verb],
        "icon": verbs.ICONS.get(form.verb, "edit"),
        "is_danger": form.verb in verbs.DANGER,
        "why_not": why_not(form.verb, Ask(file, actor_in(request), timezone.now())),
        "news": news,
        "regions_url": regions_url(),
        "standard": file.standard(file.case.reported_at),
    }
    return render(request, "desk/act.html", context, status=status)
