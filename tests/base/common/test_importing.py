import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.importing import (
    EXTRA,
    ColumnsMissing,
    SheetUnreadable,
    read_rows,
    write_csv,
    write_xlsx,
)

COLUMNS = ["编号", "名称"]


def rows(data: bytes, **options) -> list:
    return [*read_rows(io.BytesIO(data), **options)]


def workbook(*lines) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_that_towns_use(encoding, delimiter):
    text = f"编号{delimiter}名称\r\n1{delimiter}遥观镇勤新村\r\n"
    assert rows(text.encode(encoding)) == [(2, {"编号": "1", "名称": "遥观镇勤新村"})]


def test_rows_keep_the_numbers_that_a_spreadsheet_shows():
    text = '编号,名称\n1,"两\n行"\n\n,\n5,五\n'
    assert rows(text.encode()) == [(2, {"编号": "1", "名称": "两\n行"}), (5, {"编号": "5", "名称": "五"})]


def test_a_spreadsheet_reads_as_the_same_rows():
    data = workbook([], ["编号", "名称", "日期", "时间"], [1.0, " 厂中厂 ", date(2026, 1, 2), datetime(2026, 1, 2, 3, 4)], [], [1.5])  # fmt: skip  # noqa: DTZ001
    assert rows(data) == [
        (3, {"编号": "1", "名称": "厂中厂", "日期": "2026-01-02", "时间": "2026-01-02 03:04:00"}),
        (5, {"编号": "1.5", "名称": "", "日期": "", "时间": ""}),
    ]


def test_titles_above_the_header_are_passed_over_where_columns_are_required():
    data = workbook(["某镇网格一览表"], ["编号", "名称"], ["1", "甲"])
    assert rows(data, required=COLUMNS) == [(3, {"编号": "1", "名称": "甲"})]


def test_a_file_on_disk_reads_like_one_in_memory(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(write_csv(COLUMNS, [["1", "甲"]]))
    assert [*read_rows(path)] == [*read_rows(str(path))] == [(2, {"编号": "1", "名称": "甲"})]


def test_the_callers_file_stays_open():
    file = io.BytesIO("编号\n1\n".encode())
    assert [*read_rows(file)] == [*read_rows(file)]


def test_a_row_that_is_too_long_is_not_cut_silently():
    assert rows("编号,名称\n1,甲,乙,,丙\n2\n".encode()) == [
        (2, {"编号": "1", "名称": "甲", EXTRA: "乙,丙"}),
        (3, {"编号": "2", "名称": ""}),
    ]


def test_missing_columns_are_named():
    with pytest.raises(ColumnsMissing, match="名称、电话") as refusal:
        rows("编号\n1\n".encode(), required=["编号", "名称", "电话"])
    assert refusal.value.detail == {"columns": ["名称", "电话"]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        "编号,编号\n1,2\n".encode(),
        b"\x81\xff\xff\xff",
        b"PK\x03\x04 not a zip",
        b"\xd0\xcf\x11\xe0 not a workbook",
        workbook(["编号"], [1])[:-40],
    ],
    ids=["empty", "blank", "same name twice", "no encoding", "no zip", "no xls", "cut off"],
)
def test_what_is_no_sheet_is_refused_in_words(data):
    with pytest.raises(SheetUnreadable, match=r"[表文]"):
        rows(data)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused():
    buffer = io.BytesIO(workbook(["编号"]))
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/bomb.xml", "w") as part,
    ):
        for _n in range(1025):
            part.write(bytes(1 << 20))
    with pytest.raises(SheetUnreadable, match="过大"):
        rows(buffer.getvalue())


def test_a_large_csv_is_read_row_by_row():
    class Endless(io.RawIOBase):
        """A file of a gigabyte, of which no more than a part is ever in memory."""

        def __init__(self):
            self.at = 0

        def readable(self):
            return True

        def seekable(self):
            return True

        def seek(self, offset, whence=0):
            self.at = offset
            return offset

        def tell(self):
            return self.at

        def readinto(self, buffer):
            count = min(len(buffer), max(3_000_000 - self.at, 0))
            buffer[:count] = (b"a,b\n" * (count // 4 + 2))[self.at % 4 :][:count]
            self.at += count
            return count

    assert sum(1 for _ in read_rows(io.BufferedReader(Endless()))) == 749_999


DANGEROUS = ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")']


def test_no_cell_that_is_written_runs_as_a_formula():
    table = [{"编号": n, "名称": text} for n, text in enumerate(DANGEROUS)]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(COLUMNS, table))).active
    assert {cell.data_type for cell in sheet["B"]} == {"s"}
    assert [cell.value for cell in sheet["B"]][1:] == DANGEROUS
    for line in write_csv(COLUMNS, table).decode("utf-8-sig").splitlines()[1:]:
        assert line.split(",", 1)[1].lstrip('"')[0] == "'"


def test_numbers_and_times_are_written_as_such():
    at = datetime(2026, 1, 1, 16, 30, tzinfo=UTC)
    row = [-5, "-5", 2.5, at, date(2026, 1, 2), None, True]
    columns = list("abcdefg")
    assert (
        write_csv(columns, [row]).decode("utf-8-sig").splitlines()[1]
        == "-5,-5,2.5,2026-01-02 00:30:00,2026-01-02,,是"
    )
    values = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(write_xlsx(columns, [row]))).active[2]]
    assert values[:3] == [-5, "-5", 2.5]
    assert values[3].isoformat() == "2026-01-02T00:30:00"


def test_a_text_too_long_for_a_cell_is_marked_as_cut():
    [(_n, row)] = rows(write_xlsx(["a"], [["x" * 40_000]]))
    assert len(row["a"]) == 32_767
    assert row["a"].endswith("…")


texts = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
    .map(str.strip)
    .filter(lambda t: not t.startswith("'"))
)


@given(st.lists(st.lists(texts, min_size=2, max_size=2).filter(any), max_size=5))
def test_what_is_written_reads_back_the_same(lines):
    expected = [(n, dict(zip(COLUMNS, line, strict=True))) for n, line in enumerate(lines, start=2)]
    assert rows(write_csv(COLUMNS, lines)) == expected
    assert rows(write_xlsx(COLUMNS, lines)) == expected
