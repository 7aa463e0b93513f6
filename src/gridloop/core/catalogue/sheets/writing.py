"""The rulebook as a workbook that a person can edit and hand back."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter

from gridloop.core.catalogue.sheets import columns as c
from gridloop.core.catalogue.sheets.columns import COLUMNS, GUIDE, GUIDE_SHEET, REQUIRED, Sheet
from gridloop.core.catalogue.sheets.reading import MOST_ROWS
from gridloop.core.catalogue.sheets.rows import Book, Row

_WIDTHS = {
    **dict.fromkeys((c.KEYWORDS, c.OPENING, c.CLOSING, c.EVIDENCE, c.BASIS, c.ASSIST), 40),
    **dict.fromkeys((c.NAME, c.CATEGORY_NAME, c.LEAD, c.UPPER), 22),
    c.REGION: 16,
}
_CHOICES: Mapping[str, Iterable[str]] = {
    c.KIND: c.KINDS.values(),
    c.URGENCY: c.URGENCIES.values(),
    c.DUTY_KIND: c.DUTY_KINDS.values(),
    **dict.fromkeys((c.PUBLIC, c.ACTIVE, c.LOCAL), (c.YES, c.NO)),
}


def to_xlsx(book: Book) -> bytes:
    """
    Return a workbook of a guide and four sheets; `reading.read` and `parsing.parse` give the same book back.

    An empty book makes the template. Every cell is text, never a formula, so that 0101 keeps its nought.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as file:
        names = {code: row.name for code, row in (book.categories or {}).items()}
        styles = _styles(file)
        _write_guide(file.add_worksheet(GUIDE_SHEET), styles)
        for sheet in Sheet:
            page = file.add_worksheet(sheet)
            _write_header(page, sheet, styles)
            _write_rows(page, sheet, (book.sheet(sheet) or {}).values(), names, styles["text"])
    return buffer.getvalue()


def _styles(file: Any) -> dict[str, Any]:
    text = {"num_format": "@", "text_wrap": True, "valign": "top"}
    head = {"bold": True, "bg_color": "#E7EEF8", "border": 1}
    return {
        "text": file.add_format(text),
        "head": file.add_format(head),
        "needed": file.add_format({**head, "font_color": "#B42318"}),
        "title": file.add_format({"bold": True, "font_size": 14}),
    }


def _write_guide(page: Any, styles: Mapping[str, Any]) -> None:
    page.set_column(0, 0, 100, styles["text"])
    for y, line in enumerate(GUIDE):
        page.write_string(y, 0, line, styles["text"] if y else styles["title"])


def _write_header(page: Any, sheet: Sheet, styles: Mapping[str, Any]) -> None:
    page.freeze_panes(1, 2)
    for x, column in enumerate(COLUMNS[sheet]):
        page.set_column(x, x, _WIDTHS.get(column, 12), styles["text"])
        page.write_string(0, x, column, styles["needed" if column in REQUIRED[sheet] else "head"])
        if choices := _CHOICES.get(column):
            page.data_validation(1, x, MOST_ROWS, x, {"validate": "list", "source": [*choices]})


def _write_rows(page: Any, sheet: Sheet, rows: Iterable[Row], names: Mapping[str, str], style: Any) -> None:
    for y, row in enumerate(rows, start=1):
        cells = row.cells()
        if c.CATEGORY_NAME in COLUMNS[sheet]:
            cells[c.CATEGORY_NAME] = names.get(cells[c.CATEGORY], "")
        for x, column in enumerate(COLUMNS[sheet]):
            if value := cells.get(column, ""):
                page.write_string(y, x, value, style)
