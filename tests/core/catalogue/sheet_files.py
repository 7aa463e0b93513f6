"""Files of the rulebook as a person or a program would make them, good and bad."""

import csv
import io

import openpyxl

from gridloop.core.catalogue.sheets.columns import COLUMNS, Sheet


def workbook(**sheets):
    """Return an XLSX: sheet name → rows, the header first; written by a program that is not ours."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def csv_of(rows, encoding="utf-8"):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(encoding)


def table(sheet, *rows):
    """Return a header and rows given as column → cell."""
    header = list(COLUMNS[sheet])
    return [header, *([row.get(column, "") for column in header] for row in rows)]


def categories(*rows):
    """Return a file of categories; each row is completed to one that is sound."""
    base = {"编码": "01", "名称": "市容", "类型": "事件", "关键词": "脏"}
    return csv_of(table(Sheet.CATEGORIES, *({**base, **row} for row in rows)))
