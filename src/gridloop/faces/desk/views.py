"""The desk: what waits for me, the list of cases, one case, and the verbs that I may make on it."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gridloop.base.common.errors import DomainError, NotFound
from gridloop.base.common.ids import new_id
from gridloop.base.shell.pages import keyset
from gridloop.base.shell.rendering import render
from gridloop.core.audit.models import Entry
from gridloop.core.cases import search
from gridloop.core.cases.actions import VERBS
from gridloop.core.cases.casefile import CaseFile, open_file
from gridloop.core.cases.errors import StaleCase
from gridloop.core.cases.labels import VERBS as LABELS
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.policies import Ask, is_offered, why_not
from gridloop.core.org.actors import Actor
from gridloop.faces.desk import actions, present
from gridloop.faces.desk.boxes import boxes_of, counts
from gridloop.faces.desk.filters import CaseFilter
from gridloop.faces.desk.forms import VERB_FORMS, NoteForm, ReportForm, RevealForm
from gridloop.faces.desk.intake import report_from
from gridloop.faces.desk.models import SavedFilter

PAGE_SIZE = 30


def actor_of(request: HttpRequest) -> Actor:
    """Return whoever acts in this request, as the middleware set it."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, pile by pile, overdue first."""
    actor, now = actor_of(request), timezone.now()
    boxes = boxes_of(actor)
    numbers = counts(boxes, actor)
    wanted = request.GET.get("box", "")
    box = next((b for b in boxes if b.name == wanted), None) or next(
        (b for b in boxes if numbers.get(b.name)), boxes[0] if boxes else None
    )
    context: dict[str, Any] = {"tabs": present.tabs(boxes, numbers, box), "box": box}
    if box is not None:
        cases = present.listed(box.narrow(Case.objects.visible_to(actor), actor))
        page = keyset(cases, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=box.order)
        context |= {"page": page, "rows": present.rows(page.rows, now)}
    return render(request, "desk/inbox.html", context, fragment="desk/_rows.html")


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """All cases that I may see, newest first, by the filters in the address; words and numbers find too."""
    actor, now = actor_of(request), timezone.now()
    form = CaseFilter(request.GET)
    words = request.GET.get("q", "").strip()
    if words and (hit := search.by_code(actor, words)):
        return redirect("desk:case", case_id=hit.pk)
    visible = present.listed(form.narrow(Case.objects.visible_to(actor), now=now))
    if words:
        found = search.by_words(visible, words, size=PAGE_SIZE, now=now, before=_before(request))
        page: Any = present.WordsPage(found)
    else:
        page = keyset(visible, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, key=("-pk",))
    saved = SavedFilter.objects.filter(user=actor.user_id).order_by("name", "pk")
    context = {
        "form": form,
        "page": page,
        "rows": present.rows(page.rows, now),
        "saved": saved,
        "words": words,
    }
    return render(request, "desk/cases.html", context, fragment="desk/_rows.html")


@require_GET
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: what, where, who, how long, what happened, and what I may do now."""
    return _case_page(request, _visible(request, case_id))


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """The form of one verb, and making it."""
    if verb not in VERBS:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    file = open_file(_visible(request, case_id))
    form = VERB_FORMS.get(verb, NoteForm)(
        request.POST or None, request.FILES or None, verb=verb, file=file, actor=actor
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            VERBS[verb](
                case_id,
                actor=actor,
                at=now,
                expected_version=form.cleaned_data["version"],
                note=form.cleaned_data["note"],
                **form.details(),
            )
        except StaleCase as stale:
            messages.error(request, stale.message)
            return _case_page(request, _visible(request, case_id), status=409)
        except DomainError as refusal:
            present.put_errors(form, refusal)
            status = int(refusal.status)
        else:
            messages.success(request, _("已%(verb)s。") % {"verb": LABELS[verb]})
            return redirect("desk:case", case_id=case_id)
    ask = Ask(file, actor, now)
    context = {
        "case": file.case,
        "form": form,
        "verb": verb,
        "label": LABELS[verb],
        "why_not": why_not(verb, ask) if is_offered(verb, ask) or request.method == "GET" else None,
    }
    return render(request, "desk/act.html", context, status=status)


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report down for somebody, or a grid worker's own; solved on the spot it is closed at once."""
    actor, now = actor_of(request), timezone.now()
    form = ReportForm(request.POST or None, request.FILES or None, actor=actor, initial={"case_id": new_id()})
    if request.method == "POST" and form.is_valid():
        try:
            made = report_from(form.cleaned_data, actor=actor, at=now)
        except DomainError as refusal:
            present.put_errors(form, refusal)
        else:
            messages.success(
                request,
                _("已登记，编号 %(number)s，查询码 %(code)s。")
                % {"number": made.number, "code": made.shown_tracking_code},
            )
            return redirect("desk:case", case_id=made.pk)
    return render(request, "desk/report.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def reporter(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Who reported: masked, and in full only after a reason that goes into the log."""
    found = _visible(request, case_id)
    form = RevealForm(request.POST or None)
    person = None
    if request.method == "POST" and form.is_valid():
        VERBS["reveal_reporter"](
            case_id, actor=actor_of(request), at=timezone.now(), note=form.cleaned_data["note"]
        )
        person = present.reporter_of(found)
    context = {"case": found, "form": form, "person": person}
    response = render(request, "desk/reporter.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def attachment(request: HttpRequest, attachment_id: UUID) -> FileResponse:
    """A file of a case that I may see; never guessed by the browser, pictures shown, the rest downloaded."""
    row = Attachment.objects.filter(
        pk=attachment_id, case__in=Case.objects.visible_to(actor_of(request))
    ).first()
    if row is None:
        raise NotFound(_("没有找到这个文件。"))
    return present.file_response(row)


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the list that is shown under a name."""
    query = request.POST.get("query", "")
    actions.save_filter(cast(int, request.user.pk), name=request.POST.get("name", ""), query=query)
    messages.success(request, _("已保存为常用筛选。"))
    return redirect(f"{reverse('desk:cases')}?{query}")


@require_POST
def drop_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Forget a list."""
    actions.drop_filter(cast(int, request.user.pk), filter_id)
    return redirect("desk:cases")


def _visible(request: HttpRequest, case_id: UUID) -> Case:
    cases = Case.objects.visible_to(actor_of(request))
    found = cases.select_related("region", "category", "merged_into", "parent").filter(pk=case_id).first()
    if found is None:
        raise NotFound(_("没有找到这个案件，或者您无权查看。"))
    return found


def _case_page(request: HttpRequest, found: Case, *, status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    file: CaseFile = open_file(found)
    context = {
        "case": found,
        "file": file,
        "buttons": present.buttons(file, actor, now),
        "clocks": present.clocks(file, now),
        "steps": present.steps(found),
        "items": present.log(Entry.objects.filter(stream=found.pk).order_by("-seq")[:200]),
        "attachments": found.attachments.order_by("at", "pk"),
        "feedback": found.feedback.order_by("-at", "pk"),
        "standard": file.times.book.standard(found.category_id, file.times.work.date_of(found.reported_at)),
        "can_reveal": actor.can("case.reveal_reporter"),
    }
    return render(request, "desk/case.html", context, status=status)


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None
