"""A file's bytes to raw rows of text; what the cells mean is for `parsing`."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.workbooks import measure
from gridloop.core.catalogue.sheets.columns import CATEGORY, CODE, COLUMNS, REQUIRED, Sheet

MOST_BYTES = 5_000_000
MOST_UNPACKED = 200_000_000
MOST_ROWS = 20_000
MOST_CELLS = 100 * MOST_ROWS
_ENCODINGS = ("utf-8-sig", "gb18030")  # the second is what a Chinese spreadsheet program saves as CSV
_FORMULA = ("'=", "'+", "'-", "'@")

Table: TypeAlias = Iterable[Sequence[object]]


class UnreadableFile(InvalidInput):
    """The file is no spreadsheet, is too large, or holds no sheet of the rulebook."""

    code = "unreadable-file"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row by column; `number` is what the spreadsheet program shows beside it."""

    number: int
    cells: dict[str, str]


RawBook: TypeAlias = dict[Sheet, list[RawRow]]


def read(content: bytes, file_name: str) -> RawBook:
    """
    Return the sheets of the rulebook that are in an XLSX or CSV file.

    A CSV holds one sheet, known by its header. Sheets and columns of other names are left alone.

    :raises UnreadableFile: it is none of these, is too large, or no sheet has the columns that it needs.
    """
    check_size(len(content))
    tables = _csv_tables(content) if file_name.lower().endswith(".csv") else _workbook_tables(content)
    found = dict(_sheets(tables))
    if not found:
        raise UnreadableFile(
            _("文件中没有可识别的工作表。请使用系统导出的表格，保留“%(sheets)s”工作表及其表头。")
            % {"sheets": "”“".join(Sheet)}
        )
    return found


def check_size(size: int) -> None:
    """
    Refuse a file of so many bytes before it is read at all.

    :raises UnreadableFile: it is too large.
    """
    if size > MOST_BYTES:
        raise UnreadableFile(_("文件超过 5 MB，请拆分后再导入。"), fields={"file": _("过大")})


def _csv_tables(content: bytes) -> Iterator[tuple[str, Table]]:
    yield "", csv.reader(io.StringIO(_decoded(content), newline=""), strict=False)


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("无法识别文件编码，请将 CSV 另存为 UTF-8 编码后重试。"))


def _workbook_tables(content: bytes) -> Iterator[tuple[str, Table]]:
    file = io.BytesIO(content)
    try:
        size = measure(file, most_bytes=MOST_UNPACKED)
        if size.unpacked > MOST_UNPACKED or size.cells > MOST_CELLS:
            raise UnreadableFile(_("表格展开后过大，请删除多余的工作表和远处的单元格后再导入。"))
        book = CalamineWorkbook.from_filelike(file)
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, BadZipFile, ValueError) as error:
        raise UnreadableFile(_("无法打开文件，请确认是 XLSX 或 CSV 表格且未加密。")) from error


def _sheets(tables: Iterable[tuple[str, Table]]) -> Iterator[tuple[Sheet, list[RawRow]]]:
    for name, table in tables:
        rows = iter(table)
        header = [_text(cell) for cell in next(rows, ())]
        sheet = (
            Sheet(name.strip()) if name.strip() in list(Sheet) else _by_header(header) if not name else None
        )
        if sheet:
            _check_header(sheet, header)
            yield sheet, list(_rows(sheet, header, rows))


def _by_header(header: list[str]) -> Sheet | None:
    return next((sheet for sheet, columns in REQUIRED.items() if set(columns) <= set(header)), None)


def _check_header(sheet: Sheet, header: list[str]) -> None:
    if missing := [column for column in REQUIRED[sheet] if column not in header]:
        raise UnreadableFile(
            _("工作表“%(sheet)s”第 1 行缺少列：%(columns)s。请补上这些列名，或重新导出模板。")
            % {"sheet": sheet, "columns": _("、").join(missing)}
        )


def _rows(sheet: Sheet, header: list[str], rows: Table) -> Iterator[RawRow]:
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS:
            raise UnreadableFile(
                _("工作表“%(sheet)s”超过 %(most)d 行，请拆分后再导入。") % {"sheet": sheet, "most": MOST_ROWS}
            )
        pairs = zip(header, row, strict=False)
        cells = {column: _cell(column, value) for column, value in pairs if column in COLUMNS[sheet]}
        if any(cells.values()):
            yield RawRow(number, cells)


def _cell(column: str, value: object) -> str:
    text = _text(value)
    if column in (CODE, CATEGORY) and not isinstance(value, str) and len(text) % 2:
        return f"0{text}"  # a spreadsheet program took 0101 for a number
    return text


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").strip()
    return text[1:] if text.startswith(_FORMULA) else text
