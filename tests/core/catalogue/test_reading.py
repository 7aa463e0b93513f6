"""A file's bytes become raw rows, or a refusal that says what to do."""

import io
import zipfile

import pytest
import xlsxwriter

from gridloop.core.catalogue.sheets.columns import Sheet
from gridloop.core.catalogue.sheets.reading import MOST_BYTES, MOST_ROWS, UnreadableFile, read
from tests.core.catalogue.sheet_files import categories, csv_of, table, workbook

ROWS = table(Sheet.CATEGORIES, {"编码": "01", "名称": "市容环境", "类型": "事件", "关键词": "脏、乱"})


def first(content, name):
    (row,) = read(content, name)[Sheet.CATEGORIES]
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_chinese_spreadsheet_programs(encoding):
    row = first(csv_of(ROWS, encoding), "类别.CSV")
    assert (row.number, row.cells["名称"], row.cells["关键词"]) == (2, "市容环境", "脏、乱")


def test_a_workbook_of_another_program_is_read_and_its_other_sheets_and_columns_left_alone():
    rows = [[*ROWS[0], "备注"], [*ROWS[1], "看看"]]
    found = read(workbook(类别=rows, 草稿=[["x"]]), "目录.xlsx")
    assert list(found) == [Sheet.CATEGORIES]
    assert "备注" not in found[Sheet.CATEGORIES][0].cells


def test_codes_that_a_spreadsheet_program_took_for_numbers_get_their_nought_back():
    rows = [["编码", "名称", "类型", "关键词"], [1, "市容", "事件", "脏"], [101, "垃圾", "事件", "脏"]]
    codes = [row.cells["编码"] for row in read(workbook(类别=rows), "目录.xlsx")[Sheet.CATEGORIES]]
    assert codes == ["01", "0101"]


def test_true_false_and_whole_numbers_are_read_as_a_person_wrote_them():
    rows = [["编码", "名称", "类型", "关键词", "群众可上报"], ["01", 12345.0, "事件", "脏", True]]
    (row,) = read(workbook(类别=rows), "目录.xlsx")[Sheet.CATEGORIES]
    assert (row.cells["名称"], row.cells["群众可上报"]) == ("12345", "是")


def test_blank_rows_are_skipped_and_the_numbers_stay_those_of_the_spreadsheet():
    header, row = ROWS
    found = read(csv_of([header, [], ["", ""], row]), "类别.csv")[Sheet.CATEGORIES]
    assert [row.number for row in found] == [4]


def test_an_apostrophe_against_formulas_is_taken_off_a_csv():
    assert first(categories({"名称": "'=1+1"}), "类别.csv").cells["名称"] == "=1+1"


def test_a_formula_in_a_workbook_is_read_as_what_it_shows_and_never_run():
    rows = [["编码", "名称", "类型", "关键词"], ["01", '=HYPERLINK("http://x","y")', "事件", "脏"]]
    (row,) = read(workbook(类别=rows), "目录.xlsx")[Sheet.CATEGORIES]
    assert "HYPERLINK" not in row.cells["名称"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b""),
        ("a.csv", b""),
        ("a.xlsx", b"PK\x03\x04 not a workbook"),
        ("a.xlsx", b"%PDF-1.7"),
        ("a.csv", b"\xff\xfe\x00\xd8"),
        ("a.csv", "甲,乙\n1,2".encode()),
    ],
    ids=["empty", "empty csv", "broken zip", "pdf", "no known encoding", "other columns"],
)
def test_what_is_no_rulebook_is_refused(name, content):
    with pytest.raises(UnreadableFile):
        read(content, name)


def test_a_sheet_without_a_needed_column_is_refused_by_its_name():
    with pytest.raises(UnreadableFile, match="“标准”第 1 行缺少列：结案条件"):
        read(workbook(标准=[["类别编码", "立案条件"]]), "目录.xlsx")


def test_a_file_that_is_too_large_is_refused_before_it_is_opened():
    with pytest.raises(UnreadableFile, match="5 MB"):
        read(b"x" * (MOST_BYTES + 1), "a.csv")


def test_a_sheet_with_too_many_rows_is_refused():
    with pytest.raises(UnreadableFile, match=str(MOST_ROWS)):
        read(csv_of([ROWS[0], *[["01"]] * MOST_ROWS]), "a.csv")


def test_one_cell_in_the_far_corner_is_refused_before_a_rectangle_is_made_of_it():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("类别")
        page.write_row(0, 0, ROWS[0])
        page.write_string(1_048_575, 16_383, "x")
    with pytest.raises(UnreadableFile, match="远处"):
        read(buffer.getvalue(), "a.xlsx")


def test_a_workbook_that_unpacks_beyond_reason_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    with pytest.raises(UnreadableFile, match="展开"):
        read(buffer.getvalue(), "a.xlsx")
