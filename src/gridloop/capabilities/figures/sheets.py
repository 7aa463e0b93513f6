"""Registers and scores as XLSX, written row by row."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.spreadsheets import XLSX_OPTIONS, cell
from gridloop.capabilities.figures.formula import TERMS
from gridloop.capabilities.figures.scores import Scores

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TELL_EVERY = 500


def write_sheet(
    file: IO[bytes],
    *,
    title: str,
    under: str,
    columns: Sequence[tuple[Any, int]],
    rows: Iterable[Sequence[Any]],
    step: Callable[[int], None] = lambda _done: None,
) -> int:
    """
    Write a titled table and return how many rows it has; in constant memory, whatever their number.

    :param under: the line below the title: period, who made it and when.
    :param step: told every some hundred rows how many are written.
    """
    count = 0
    with xlsxwriter.Workbook(file, XLSX_OPTIONS) as book:
        bold, head = (
            book.add_format({"bold": True, "font_size": 14}),
            book.add_format(
                {"bold": True, "border": 1, "text_wrap": True, "bg_color": "#EEF2F8", "valign": "vcenter"}
            ),
        )
        ruled = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(_sheet_name(title))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.freeze_panes(3, 0)
        for number, (_label, width) in enumerate(columns):
            sheet.set_column(number, number, width)
        sheet.write_string(0, 0, title, bold)
        sheet.write_string(1, 0, under)
        sheet.write_row(2, 0, [str(label) for label, _width in columns], head)
        for count, row in enumerate(rows, start=1):
            sheet.write_row(count + 2, 0, [cell(value) for value in row], ruled)
            if count % TELL_EVERY == 0:
                step(count)
    return count


def write_scores(file: IO[bytes], found: Scores, *, title: str, now: datetime) -> None:
    """Write the table of a month with the formula above it."""
    labels = [(term.label, 12) for term in TERMS.values()]
    columns = [
        (_("名称"), 24),
        (_("派遣"), 8),
        (_("办结"), 8),
        *labels,
        (_("剔除"), 8),
        (_("得分"), 12),
        (_("计算"), 60),
    ]
    rows = [
        [
            row.name,
            row.score.dispatched,
            row.score.closed,
            *(rate.words for rate in row.score.rates.values()),
            row.score.excluded,
            _("样本少，不评分") if row.score.points is None else row.score.points,
            row.score.reckoning,
        ]
        for row in found.rows
    ]
    under = f"{found.rules.words()}　{timezone.localtime(now):%Y-%m-%d %H:%M}"
    write_sheet(file, title=title, under=under, columns=columns, rows=rows)


def _sheet_name(title: str) -> str:
    # A spreadsheet program takes 31 characters and none of these.
    return "".join(ch for ch in title if ch not in "[]:*?/\\'")[:31] or _("台账")
