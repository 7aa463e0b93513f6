"""The commands that take regions and the calendar in, and write regions out."""

import json

import pytest
from click.testing import CliRunner

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org.commands import calendar, export_regions, regions
from gridloop.core.org.models import CalendarDay, Region
from tests.core.org.factories import make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town(boundaries=True)


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "村.csv"
    path.write_text("mc,hs\n西塘村,810\n,5\n")
    return path


def run(command, *arguments):
    return CliRunner().invoke(command, [*map(str, arguments)], catch_exceptions=False)


def test_regions_are_imported_through_a_mapping_and_bad_rows_told(town, sheet):
    mapping = ["--map", "name=mc", "--map", "level==village", "--map", "households=hs"]
    done = run(regions, sheet, *mapping, "--under", "320499101000")
    assert "新增 1，更新 0，不变 0，新边界 0，错误 1 行。" in done.output
    assert "错误：第 3 行 name 没有填写村名称。" in done.output
    assert done.exit_code == 1
    assert Region.objects.get(name="西塘村").households == 810


def test_a_dry_run_writes_nothing_and_can_check_the_boundaries(town, tmp_path):
    run(export_regions, tmp_path / "a.geojson")
    done = run(regions, tmp_path / "a.geojson", "--dry-run", "--check")
    assert (done.exit_code, "（未写入）新增 0，更新 0，不变 5" in done.output) == (0, True)
    assert "边界 5 个，相邻 2 对：图形有误 0，重叠 0" in done.output


def test_an_export_is_taken_back_without_a_change(town, tmp_path):
    for name in ("a.geojson", "a.csv"):
        assert run(export_regions, tmp_path / name).exit_code == 0
        assert "新增 0，更新 0，不变 5，新边界 0，错误 0 行" in run(regions, tmp_path / name).output


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--map", "name"], "字段=列"), (["--under", "000000000000"], "没有代码为 000000000000 的区划")],
)
def test_what_is_typed_wrong_is_said(town, sheet, arguments, word):
    with pytest.raises(InvalidInput, match=word):
        run(regions, sheet, "--map", "name=mc", "--map", "level==village", *arguments)


def test_an_export_to_another_kind_of_file_is_refused(town, tmp_path):
    with pytest.raises(InvalidInput, match="结尾"):
        run(export_regions, tmp_path / "a.docx")


def test_a_year_of_the_calendar_is_imported(db, tmp_path):
    path = tmp_path / "2027.json"
    path.write_text(
        json.dumps({"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]})
    )
    assert "2027 年：写入 365 天，不变 0 天" in run(calendar, path).output
    assert CalendarDay.objects.of_year(2027).count() == 365


def test_a_calendar_that_is_no_json_is_refused(db, tmp_path):
    path = tmp_path / "2027.json"
    path.write_text("元旦")
    with pytest.raises(InvalidInput, match="不是 JSON"):
        run(calendar, path)
