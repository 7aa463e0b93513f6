"""The portal: report, look up, follow, add to, withdraw, rate. Nobody signs in; the code is the key."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridloop.base.common.errors import DomainError, NotFound, TooManyRequests
from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.files import stored_file
from gridloop.base.shell.rendering import render
from gridloop.core.cases.casefile import CaseFile, open_file
from gridloop.core.cases.models import Case
from gridloop.core.cases.policies import Ask, can
from gridloop.faces.portal import actions, channels, photos
from gridloop.faces.portal.choices import public_subjects
from gridloop.faces.portal.forms import ACT_FORMS, Hints, RateForm, ReportForm
from gridloop.faces.portal.guard import (
    ACTS,
    MISSES,
    PHOTOS,
    REPORTS,
    check_lookups,
    check_rate,
    count_miss,
)
from gridloop.faces.portal.holders import CodeUnknown, case_of, holder_of
from gridloop.faces.portal.progress import expected_end, leading_of, progress_of, rating_of, visible_files

AnyResponse = TypeVar("AnyResponse", HttpResponse, FileResponse)

TITLES = {
    "supplement": gettext_lazy("补充情况"),
    "attach": gettext_lazy("添加照片"),
    "withdraw": gettext_lazy("撤回上报"),
    "rate": gettext_lazy("评价"),
}
DONE = {
    "supplement": gettext_lazy("补充的内容已经收到。"),
    "attach": gettext_lazy("照片已经收到。"),
    "withdraw": gettext_lazy("上报已撤回。"),
    "rate": gettext_lazy("谢谢您的评价。"),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Two doors, report and look up; what is handled here, and whom else to call."""
    context = {
        "subjects": public_subjects(),
        "emergency_lines": channels.EMERGENCY_LINES,
        "other_lines": channels.OTHER_LINES,
    }
    return render(request, "portal/home.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, its suggestions where the browser runs no script, and taking the report in."""
    if request.method == "GET":
        return _report_page(request, ReportForm.fresh())
    is_asking = "suggest" in request.POST
    try:
        if not is_asking:
            check_rate(request, "report", REPORTS)
        elif request.FILES:
            check_rate(request, "photos", PHOTOS)
    except TooManyRequests as refusal:
        # The photos are not even looked at: whoever floods the form must not fill the disk.
        return _refused(request, ReportForm(request.POST), refusal)
    if is_asking:
        return _report_page(request, ReportForm(request.POST, request.FILES).without_errors())
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        if form.is_spent:
            form.renew()
        return _report_page(request, form, status=422)
    try:
        made = actions.submit(
            form.intake(), photos.as_files(form.kept), key=form.cleaned_data["key"], at=timezone.now()
        )
    except DomainError as refusal:
        form.renew()
        return _refused(request, form, refusal)
    return redirect("portal:thanks", code=made.tracking_code)


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """The part of the form that answers while somebody types."""
    hints = Hints(request.POST.get("description", ""), request.POST.get("suggested", ""))
    return render(request, "portal/_hints.html", {"hints": hints})


@require_safe
def kept(request: HttpRequest, token: str) -> FileResponse:  # noqa: ARG001
    """A photo of a form that is not sent yet, shown to whoever has its token."""
    photo = photos.recall(token)
    return _private(stored_file(photo.checked.sha256, photo.checked.content_type, photo.name))


@never_cache
@require_safe
def track(request: HttpRequest) -> HttpResponse:
    """Look a report up by its tracking code."""
    code = request.GET.get("code", "").strip()
    if not code:
        return render(request, "portal/track.html")
    try:
        found = _found(request, code)
    except CodeUnknown as unknown:
        return _unknown(request, code, unknown)
    return redirect("portal:case", code=found.tracking_code)


@never_cache
@require_safe
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    """The tracking code, large, to be copied, printed or photographed, and what happens next."""
    try:
        found = _found(request, code)
    except CodeUnknown as unknown:
        return _unknown(request, code, unknown)
    context = {"case": found, "expected_at": expected_end(open_file(found))}
    return _private(render(request, "portal/thanks.html", context))


@never_cache
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """How far it is, until when, what came of it, and what its reporter may do now."""
    try:
        found = _found(request, code)
    except CodeUnknown as unknown:
        return _unknown(request, code, unknown)
    return _case_page(request, open_file(found))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """What the reporter does with the own report: a page that asks, and doing it."""
    if verb not in ACT_FORMS:
        raise Http404
    is_post = request.method == "POST"
    if is_post:
        check_rate(request, "act", ACTS)
    found, now = _found(request, code), timezone.now()
    form = ACT_FORMS[verb](request.POST, request.FILES) if is_post else ACT_FORMS[verb]()
    status = 422 if is_post else 200
    if is_post and form.is_valid():
        try:
            actions.act(verb, found, form.details(), at=now)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
            status = int(refusal.status)
        else:
            messages.success(request, DONE[verb])
            return redirect("portal:case", code=found.tracking_code)
    allowed = _may(open_file(found), now)[verb]
    context = {"case": found, "form": form, "verb": verb, "title": TITLES[verb], "allowed": allowed}
    return _private(render(request, "portal/act.html", context, status=status))


@require_safe
def file(request: HttpRequest, code: str, attachment_id: UUID) -> FileResponse:
    """A public file of the case that the code is for."""
    found = _found(request, code)
    row = next((row for row in visible_files(found, leading_of(found)) if row.pk == attachment_id), None)
    if row is None:
        raise NotFound(_("没有找到这个文件。"))
    return _private(stored_file(row.sha256, row.content_type, row.name))


def _found(request: HttpRequest, code: str) -> Case:
    """:raises CodeUnknown: nobody has the code. :raises TooManyRequests: too many that nobody has."""
    check_lookups(request)
    try:
        return case_of(code)
    except CodeUnknown:
        count_miss(request, MISSES)
        raise


def _report_page(request: HttpRequest, form: ReportForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "hints": form.hints, "regions_url": url_or_blank("org:regions")}
    return render(request, "portal/report.html", context, status=status)


def _refused(request: HttpRequest, form: ReportForm, refusal: DomainError) -> HttpResponse:
    """Show the form again as it was filled in, with what stands against it."""
    form.add_error(None, str(refusal.message))
    for name, why in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, why)
    response = _report_page(request, form, status=int(refusal.status))
    if "retry_after" in refusal.detail:
        response["Retry-After"] = str(refusal.detail["retry_after"])
    return response


def _unknown(request: HttpRequest, code: str, unknown: CodeUnknown) -> HttpResponse:
    return render(request, "portal/track.html", {"code": code, "error": unknown.message}, status=404)


def _case_page(request: HttpRequest, file: CaseFile) -> HttpResponse:
    now, found = timezone.now(), file.case
    context: dict[str, Any] = {
        "case": found,
        "progress": progress_of(file, now),
        "may": _may(file, now),
        "rating": rating_of(found),
        "form": RateForm(),
    }
    return _private(render(request, "portal/case.html", context))


def _may(file: CaseFile, now: Any) -> dict[str, bool]:
    """Return which of the reporter's own verbs can be made now."""
    ask = Ask(file, holder_of(file.case), now)
    allowed = {verb: can(verb, ask) for verb in ACT_FORMS}
    # The engine lets files be added to ended cases too, for the staff; a reporter adds them while it matters.
    return allowed | {"attach": allowed["attach"] and allowed["supplement"]}


def _private(response: AnyResponse) -> AnyResponse:
    """Keep pages behind a code out of search engines; the code in the address goes to no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
