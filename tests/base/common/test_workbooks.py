"""How large a workbook is, before anything is made of it."""

import io
import zipfile

import pytest
import xlsxwriter

from gridloop.base.common.importing import SheetUnreadable, read_rows
from gridloop.base.common.workbooks import measure

MOST = 10_000_000


def workbook(*cells):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for row, column in cells:
            page.write_string(row, column, "x")
    return buffer


def test_the_rectangle_reaches_from_the_first_cell_to_the_farthest_row_and_column():
    assert measure(workbook((0, 0), (9, 1), (2, 27)), most_bytes=MOST).cells == 10 * 28


def test_a_tag_that_is_cut_by_the_reading_in_pieces_is_counted_all_the_same():
    rows = [(row, 0) for row in range(60_000)]
    size = measure(workbook(*rows, (59_999, 702)), most_bytes=MOST)
    assert size.unpacked > 1 << 20
    assert size.cells == 60_000 * 703


@pytest.mark.parametrize(
    "tag", ['<c r="B3"/>', "<x:c s='1' r='B3'/>", '<row spans="1:2" r="3"><c r="B3"/></row>']
)
def test_tags_are_known_in_every_way_they_may_be_written(tag):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<sheetData>{tag}</sheetData>")
    assert measure(buffer, most_bytes=MOST).cells == 6


def test_a_small_file_with_a_far_cell_is_refused_by_whoever_reads_sheets():
    with pytest.raises(SheetUnreadable, match="过大"):
        list(read_rows(workbook((0, 0), (1_048_575, 16_383))))
