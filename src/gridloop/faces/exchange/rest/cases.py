"""Cases over HTTP: report, list, read, the log, files."""

import hashlib
from typing import Annotated
from uuid import UUID

import orjson
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Form, Query, Router, UploadedFile
from ninja.params import functions

from gridloop.base.common import files as stored
from gridloop.base.common.errors import NotAllowed, NotFound
from gridloop.base.shell.files import stored_file
from gridloop.core.cases import actions, search
from gridloop.core.cases.buttons import choices
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.policies import check_permission
from gridloop.core.cases.privacy import reporter_of
from gridloop.core.cases.querysets import CaseQuerySet
from gridloop.core.cases.sight import left_at, lines_for, orders_for
from gridloop.core.org.middleware import actor_in
from gridloop.faces.exchange.actions import Answer
from gridloop.faces.exchange.rest.answers import (
    IdempotencyKey,
    IfMatch,
    answer,
    etag,
    once,
    with_precondition,
)
from gridloop.faces.exchange.rest.filters import CaseQuery
from gridloop.faces.exchange.rest.schemas import (
    AttachmentOut,
    CaseDetailOut,
    CaseOut,
    CasesOut,
    ChoiceOut,
    ClockOut,
    EntryOut,
    FilesIn,
    LogOut,
    NotedIn,
    OrderOut,
    ReportedOut,
    ReporterOut,
    ReportIn,
)

router = Router(tags=["cases"])
_LOG_PAGE = 200


@router.post("/cases", response={201: ReportedOut}, operation_id="report", summary="上报")
def report(request: HttpRequest, body: ReportIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Report a case. An `id` sent again, or a `source_ref` of the same channel, returns the first case."""

    def work() -> Answer:
        case = actions.report(body.intake(), actor=actor_in(request), at=timezone.now(), case_id=body.id)
        return answer(ReportedOut, _loaded(case.pk), status=201)

    return once(request, idempotency_key, work)


@router.get("/cases", response=CasesOut, operation_id="list_cases", summary="案件列表")
def list_cases(request: HttpRequest, query: Query[CaseQuery]) -> CasesOut:
    """List the cases that the key may see, newest first."""
    now = timezone.now()
    cases = query.narrow(_visible(request), now=now).select_related("category", "region")
    if query.q and query.q.strip():
        found = search.by_words(cases, query.q, size=query.size, now=now, before=query.before)
        return CasesOut(items=_shown(found.cases), next_before=found.next_before)
    if query.before:
        cases = cases.filter(pk__lt=query.before)
    rows = list(cases.order_by("-pk")[: query.size + 1])
    page = rows[: query.size]
    return CasesOut(items=_shown(page), next_before=page[-1].pk if len(rows) > len(page) else None)


@router.get("/cases/{uuid:case_id}", response=CaseDetailOut, operation_id="read_case", summary="案件详情")
def read_case(request: HttpRequest, case_id: UUID, response: HttpResponse) -> CaseDetailOut:
    """Read one case with its work orders, deadlines, files, and the verbs open to the key."""
    case, actor = _visible_case(request, case_id), actor_in(request)
    file = open_file(case)
    clocks = [] if left_at(file, actor) else file.clocks
    files = case.attachments.readable_by(actor).order_by("at", "id")
    response["ETag"] = etag(case)
    return CaseDetailOut.model_validate(
        CaseOut.model_validate(case).model_dump(by_alias=True)
        | {
            "orders": [OrderOut.model_validate(order) for order in orders_for(file, actor)],
            "clocks": [ClockOut.model_validate(clock) for clock in clocks],
            "attachments": [AttachmentOut.model_validate(a) for a in files],
            "verbs": [
                ChoiceOut(name=c.name, label=str(c.label), why_not=c.why_not, needs_note=c.needs_note)
                for c in choices(file, actor, timezone.now())
            ],
        }
    )


@router.get("/cases/{uuid:case_id}/log", response=LogOut, operation_id="read_log", summary="办理记录")
def read_log(
    request: HttpRequest, case_id: UUID, after: Annotated[int, Query(0, ge=0, le=2**31 - 1)]
) -> LogOut:
    """Read the log of one case, in the order in which it was written."""
    case = _visible_case(request, case_id)
    lines = lines_for(case.pk, actor_in(request)).filter(seq__gt=after).order_by("seq")[: _LOG_PAGE + 1]
    shown = [EntryOut.model_validate(line) for line in lines]
    return LogOut(items=shown[:_LOG_PAGE], has_more=len(shown) > _LOG_PAGE)


@router.post("/cases/{uuid:case_id}/copy", response={201: ReportedOut}, operation_id="copy", summary="复制")
def copy(request: HttpRequest, case_id: UUID, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Report a new case with the content and place of this one."""

    def work() -> Answer:
        case = actions.copy(case_id, actor=actor_in(request), at=timezone.now())
        return answer(ReportedOut, _loaded(case.pk), status=201)

    return once(request, idempotency_key, work)


@router.post(
    "/cases/{uuid:case_id}/attach", response={200: CaseOut}, operation_id="attach", summary="上传附件"
)
def attach(
    request: HttpRequest,
    case_id: UUID,
    files: Annotated[
        list[UploadedFile],
        functions.File(..., min_length=1, max_length=settings.DATA_UPLOAD_MAX_NUMBER_FILES),
    ],
    form: Form[FilesIn],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Add files. They are known by their content; images lose what the camera wrote into them."""
    _visible_case(request, case_id)
    check_permission("attach", actor_in(request))
    checked = [(upload.name or "file", stored.inspect(upload)) for upload in files]
    for _name, each in checked:
        stored.store(each)

    def work(version: int | None) -> Answer:
        case = actions.attach(
            case_id,
            actor=actor_in(request),
            at=timezone.now(),
            expected_version=version,
            note=form.note,
            files=checked,
            is_public=form.is_public,
        )
        return answer(CaseOut, _loaded(case.pk))

    told = [form.note, form.is_public, *((name, each.sha256) for name, each in checked)]
    body = hashlib.sha256(orjson.dumps(told)).digest()
    return once(request, idempotency_key, lambda: with_precondition(if_match, work), body=body)


@router.get(
    "/cases/{uuid:case_id}/attachments/{uuid:attachment_id}",
    operation_id="read_attachment",
    summary="下载附件",
    openapi_extra={"responses": {200: {"content": {kind: {} for kind in stored.KINDS}}}},
)
def read_attachment(request: HttpRequest, case_id: UUID, attachment_id: UUID) -> FileResponse:
    """Read one file of a case that the key may see."""
    case = _visible_case(request, case_id)
    row = Attachment.objects.readable_by(actor_in(request)).filter(case=case, pk=attachment_id).first()
    if row is None:
        raise NotFound(_("没有找到这个附件。"))
    return stored_file(row.sha256, row.content_type, row.name)


@router.post(
    "/cases/{uuid:case_id}/reveal_reporter",
    response=ReporterOut,
    operation_id="reveal_reporter",
    summary="查看上报人信息",
)
def reveal_reporter(request: HttpRequest, case_id: UUID, body: NotedIn) -> ReporterOut:
    """Read who reported; the reason goes into the log. Keys of programs never may, keys of posts may."""
    case = actions.reveal_reporter(case_id, actor=actor_in(request), at=timezone.now(), note=body.note)
    return ReporterOut.model_validate(reporter_of(case))


def _visible(request: HttpRequest) -> CaseQuerySet:
    actor = actor_in(request)
    if not actor.can("case.view"):
        raise NotAllowed(_("这个密钥没有“查看案件”权限。"), permission="case.view")
    return Case.objects.visible_to(actor)


def _visible_case(request: HttpRequest, case_id: UUID) -> Case:
    case = _visible(request).select_related("category", "region").filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("没有找到这个案件。"))
    return case


def _loaded(case_id: UUID) -> Case:
    return Case.objects.select_related("category", "region").get(pk=case_id)


def _shown(cases: list[Case]) -> list[CaseOut]:
    return [CaseOut.model_validate(case) for case in cases]
