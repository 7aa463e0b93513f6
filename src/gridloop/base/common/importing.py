"""Sheets in and out: CSV and spreadsheets as rows of text, and back without dangerous formulas."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import IO, Any, TypeAlias

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.workbooks import measure

Source: TypeAlias = str | PathLike[str] | IO[bytes]
Row: TypeAlias = Mapping[str, object] | Sequence[object]

EXTRA = ""
"""The key of what stands to the right of the last named column, so that a shifted row is noticed."""

_ENCODINGS = ("utf-8-sig", "gb18030")
_CHUNK = 1 << 20
_CELL_LENGTH = 1_000_000  # csv refuses cells over 128 KiB unless told
_HEADER_ROWS = 20  # where a sheet has titles above its header
_UNPACKED_BYTES, _MOST_CELLS = 1 << 30, 100_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_XLSX_ROWS, _XLSX_CELL = 1_048_576, 32_767
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class SheetUnreadable(InvalidInput):
    """The file is not a sheet, or is damaged; the message says what to do."""

    code = "sheet-unreadable"


class ColumnsMissing(InvalidInput):
    """The sheet lacks columns that are needed; `detail["columns"]` names them."""

    code = "columns-missing"


def read_rows(source: Source, *, required: Iterable[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """
    Yield the rows below the header as (row number, column → text), blank rows left out.

    Reads CSV (UTF-8 with or without BOM, UTF-16 with BOM, GB18030; comma, semicolon or tab) row by row,
    and the first sheet of XLSX, XLS and ODS; which of them is seen from the content. Numbers are those
    that a spreadsheet shows: the header is row 1 unless titles stand above it. Text is stripped; a whole
    number has no ".0"; times are ISO. Cells beyond the last named column are joined under EXTRA.

    :param required: columns that must be there; the header is then looked for below titles, too.
    :raises SheetUnreadable: not a sheet, damaged, without a header, or two columns have one name.
    :raises ColumnsMissing: a required column is not in the header.
    """
    with _opened(source) as file:
        records = _records(file)
        number, header, rest = _find_header(records, [*required])
        for n, cells in enumerate(rest, start=number + 1):
            if any(cells):
                yield n, _as_dict(header, cells)


def write_csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """
    Return the rows as CSV that a spreadsheet opens as it is: UTF-8 with BOM, times local.

    Text that a spreadsheet would run as a formula gets an apostrophe before it, which `read_rows` takes off.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows([_guard(value) for value in _values(columns, row)] for row in rows)
    return buffer.getvalue().encode("utf-8-sig", "replace")


def write_xlsx(columns: Sequence[str], rows: Iterable[Row], *, sheet: str = "Sheet1") -> bytes:
    """
    Return the rows as an XLSX workbook: text as text, never as a formula; numbers and times (local) as such.

    :param rows: mappings by column, where what is missing is blank, or sequences in the order of the columns.
    :raises InvalidInput: more rows than a sheet can hold.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        page.set_column(0, max(len(columns) - 1, 0), 16)
        bold = book.add_format({"bold": True})
        write = _cell_writer(book, page)
        for x, column in enumerate(columns):
            page.write_string(0, x, column, bold)
        for y, row in enumerate(rows, start=1):
            if y >= _XLSX_ROWS:
                raise InvalidInput(_("一张表最多 1048575 行，请缩小导出范围，或导出为 CSV。"))
            for x, value in enumerate(_values(columns, row)):
                write(y, x, value)
    return buffer.getvalue()


# reading ---------------------------------------------------------------------------------------------------


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if isinstance(source, str | PathLike):
        with Path(source).open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


def _records(file: IO[bytes]) -> Iterator[list[str]]:
    start = file.read(4)
    file.seek(0)
    return _sheet(file) if start.startswith((_ZIP, _OLE)) else _csv(file)


def _find_header(
    records: Iterator[list[str]], required: list[str]
) -> tuple[int, list[str], Iterator[list[str]]]:
    """Return number and names of the header row, and the records below it."""
    top = [*islice(records, _HEADER_ROWS)]
    filled = [n for n, cells in enumerate(top) if any(cells)]
    if not filled:
        raise SheetUnreadable(_("表格是空的：第一行应是列名。"), fields={"file": _("没有内容")})
    found = next((n for n in filled if set(required) <= set(top[n])), None)
    if found is None:
        missing = [name for name in required if name not in top[filled[0]]]
        raise ColumnsMissing(
            _("表格缺少这些列：%(columns)s。请对照模板检查第一行的列名。")
            % {"columns": _("、").join(missing)},
            fields={"file": _("缺少列")},
            columns=missing,
        )
    names = [name for name in top[found] if name]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SheetUnreadable(
            _("表格中有重名的列：%(columns)s。请改名或删除后重试。") % {"columns": _("、").join(repeated)},
            fields={"file": _("列名重复")},
        )
    return found + 1, top[found], chain(top[found + 1 :], records)


def _as_dict(header: list[str], cells: list[str]) -> dict[str, str]:
    row = dict.fromkeys((name for name in header if name), "")
    row |= {name: cell for name, cell in zip(header, cells, strict=False) if name}
    if extra := [cell for cell in cells[len(header) :] if cell]:
        row[EXTRA] = ",".join(extra)
    return row


def _csv(file: IO[bytes]) -> Iterator[list[str]]:
    encoding = _encoding(file)
    # Detached at the end, so that the caller's file is not closed with the wrapper.
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        delimiter = _delimiter(text)
        csv.field_size_limit(max(csv.field_size_limit(), _CELL_LENGTH))
        for record in csv.reader(text, delimiter=delimiter):
            yield [_unguard(cell.replace("\x00", "").strip()) for cell in record]
    except csv.Error as error:
        raise SheetUnreadable(
            _("无法读取 CSV 文件：%(reason)s。请在表格软件中打开后另存为 CSV 或 XLSX。") % {"reason": error},
            fields={"file": _("格式不符")},
        ) from error
    finally:
        # A reader that stops in the middle has closed the file by now.
        if not file.closed:
            text.detach()


def _encoding(file: IO[bytes]) -> str:
    """Return the first encoding in which the whole file makes sense; leaves the file at its beginning."""
    start = file.read(2)
    candidates = ("utf-16",) if start in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    try:
        for encoding in candidates:
            file.seek(0)
            if _is_encoded(file, encoding):
                return encoding
    finally:
        file.seek(0)
    raise SheetUnreadable(
        _("无法识别文件的文字编码。请另存为 UTF-8 编码的 CSV，或 XLSX。"), fields={"file": _("编码不符")}
    )


def _is_encoded(file: IO[bytes], encoding: str) -> bool:
    text = io.TextIOWrapper(file, encoding)
    try:
        while text.read(_CHUNK):
            pass
    except UnicodeError:
        return False
    finally:
        text.detach()
    return True


def _delimiter(text: io.TextIOWrapper) -> str:
    header = text.readline()
    text.seek(0)
    return max(",;\t", key=header.count)


def _sheet(file: IO[bytes]) -> Iterator[list[str]]:
    try:
        _check_size(file)
        rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).iter_rows()
    except (CalamineError, zipfile.BadZipFile, IndexError, OSError) as error:
        raise SheetUnreadable(
            _("无法读取这个表格文件，可能已损坏或有密码。请在表格软件中打开后另存为 XLSX。"),
            fields={"file": _("格式不符")},
        ) from error
    yield from ([_text(cell) for cell in row] for row in rows)


def _check_size(file: IO[bytes]) -> None:
    """Refuse a workbook that unpacks to more than any honest sheet does."""
    if file.read(4) == _ZIP:
        size = measure(file, most_bytes=_UNPACKED_BYTES)
        if size.unpacked > _UNPACKED_BYTES or size.cells > _MOST_CELLS:
            raise SheetUnreadable(_("表格展开后过大，请拆成几个文件。"), fields={"file": _("过大")})
    file.seek(0)


def _text(cell: Any) -> str:
    match cell:
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ", timespec="seconds")
        case date():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return str(cell).strip()


# writing ---------------------------------------------------------------------------------------------------


def _values(columns: Sequence[str], row: Row) -> list[object]:
    return [row.get(name, "") for name in columns] if isinstance(row, Mapping) else [*row]


def _plain(value: object) -> object:
    """Return the value as a sheet keeps it: local naive times, numbers, or text."""
    match value:
        case None:
            return ""
        case bool():
            return _("是") if value else _("否")
        case datetime():
            return timezone.make_naive(value) if timezone.is_aware(value) else value
        case int() | float() | date():
            return value
    return str(value)


def _guard(value: object) -> str:
    plain = _plain(value)
    text = plain.isoformat(" ", "seconds") if isinstance(plain, datetime) else str(plain)
    is_text = isinstance(plain, str) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_text and _FORMULA.match(text) else text


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _cell_writer(book: Any, page: Any) -> Callable[[int, int, object], None]:
    day, moment = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))

    def write(y: int, x: int, value: object) -> None:
        match _plain(value):
            case datetime() as at:
                page.write_datetime(y, x, at, moment)
            case date() as on:
                page.write_datetime(y, x, on, day)
            case int() | float() as number:
                page.write_number(y, x, number)
            case text:
                page.write_string(y, x, _fitting(str(text)))

    return write


def _fitting(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    # A longer text would be left out altogether.
    return clean if len(clean) <= _XLSX_CELL else clean[: _XLSX_CELL - 1] + "…"
