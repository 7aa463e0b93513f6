"""
A filtered list as a file: read in keyset portions, so that its length costs no memory, and without anything
that tells of a person: no description, no address, no reporter, and no number in a title that could be one's.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.spreadsheets import XLSX_OPTIONS, cell, safe, without_numbers
from gridloop.core.cases import search
from gridloop.core.cases.choices import unit_name
from gridloop.core.cases.models import Case
from gridloop.faces.desk.present.lists import listed

PORTION = 1000
MOST_ROWS = 50_000
BOM = "\ufeff"  # without it a spreadsheet program takes Chinese for noise


class _Echo:
    """Gives every line of the CSV writer straight back."""

    def write(self, line: str) -> str:
        return line


def response(kind: str, cases: QuerySet[Case], words: str, *, now: datetime) -> HttpResponseBase:
    """
    Return the list as `csv` or `xlsx`.

    :param words: narrow it further, as the search does; may be empty.
    :raises InvalidInput: the filters leave more than `MOST_ROWS` rows; found words are cut there and say so.
    :raises Http404: no such kind of file.
    """
    if kind not in WRITERS:
        raise Http404
    if not words:
        _check_length(cases)
    title, at = _("案件清单"), timezone.localtime(now)
    return WRITERS[kind](_lines(cases, words, now), f"{title}-{at:%Y%m%d-%H%M}.{kind}")


def _check_length(cases: QuerySet[Case]) -> None:
    # Counted no further than the limit, so that history is never counted.
    if cases.order_by()[: MOST_ROWS + 1].count() > MOST_ROWS:
        raise InvalidInput(
            _("一次最多导出 %(most)s 件，请按日期、类别或单位缩小范围后分次导出。") % {"most": MOST_ROWS}
        )


def _csv(lines: Iterable[list[Any]], name: str) -> HttpResponseBase:
    writer = csv.writer(_Echo())
    content = (writer.writerow(map(safe, line)) for line in lines)
    answer = StreamingHttpResponse(_with_bom(content), content_type="text/csv; charset=utf-8")
    return _named(answer, name)


def _xlsx(lines: Iterable[list[Any]], name: str) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it when it has been sent
    with xlsxwriter.Workbook(file, XLSX_OPTIONS) as book:
        sheet = book.add_worksheet(_("案件"))
        sheet.freeze_panes(1, 0)
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, [cell(value) for value in line])
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _named(FileResponse(file, content_type=kind), name)


WRITERS = {"csv": _csv, "xlsx": _xlsx}


def _lines(cases: QuerySet[Case], words: str, now: datetime) -> Iterator[list[Any]]:
    yield [
        _("编号"), _("标题"), _("类别"), _("状态"), _("紧急程度"), _("来源"), _("诉求类型"), _("区划"),
        _("主办单位"), _("上报时间"), _("立案时间"), _("结束时间"), _("期限"), _("是否超期"),
        _("退单次数"), _("返工次数"), _("重办次数"), _("自办自结"), _("演练"),
    ]  # fmt: skip
    for case in _all(listed(cases), words, now):
        yield _line(case, now) if case else [_("已达一次导出的上限，更早的案件请缩小范围后另行导出。")]


def _line(case: Case, now: datetime) -> list[Any]:
    is_late = case.due_at is not None and case.due_at < now
    return [
        case.number,
        _("（保密件）") if case.is_confidential else without_numbers(case.title),
        case.category.name if case.category else "",
        case.state_label,
        case.get_urgency_display(),
        case.get_channel_display(),
        case.get_demand_display(),
        case.region.name,
        unit_name(case.lead_unit),  # type: ignore[attr-defined]  # annotated by `listed`
        case.reported_at,
        case.registered_at,
        case.closed_at,
        case.due_at,
        _("是") if is_late else _("否"),
        case.send_backs,
        case.reworks,
        case.reopenings,
        _("是") if case.is_self_closed else _("否"),
        _("是") if case.is_drill else _("否"),
    ]


def _all(cases: QuerySet[Case], words: str, now: datetime) -> Iterator[Case | None]:
    """Yield the cases newest first, portion by portion; None at last where the limit cut them off."""
    before = None
    for _portion in range(0, MOST_ROWS, PORTION):
        if words:
            found = search.by_words(cases, words, size=PORTION, now=now, before=before)
            rows, before = found.cases, found.next_before
        else:
            wanted = cases if before is None else cases.filter(pk__lt=before)
            rows = list(wanted.order_by("-pk")[:PORTION])
            before = rows[-1].pk if len(rows) == PORTION else None
        yield from rows
        if before is None:
            return
    yield None


def _with_bom(lines: Iterable[str]) -> Iterator[str]:
    yield BOM
    yield from lines


def _named(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    disposition = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Disposition"] = disposition or "attachment"
    answer.headers["Cache-Control"] = "no-store"
    return answer
