"""Every mistake in a file is told by sheet, row and column, and what to do about it."""

import json

import pytest

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.sheets.columns import Sheet
from gridloop.core.catalogue.sheets.directory import Directory
from gridloop.core.catalogue.sheets.parsing import parse
from gridloop.core.catalogue.sheets.reading import read
from gridloop.core.catalogue.sheets.rows import UnitRef
from gridloop.core.catalogue.stages import Stage
from tests.conftest import shared_data
from tests.core.catalogue.sheet_files import categories, csv_of, table

DIRECTORY = Directory(
    units={"综合执法局": (1,), "zf": (1,), "甲队": (2, 3), "a": (2,), "b": (3,)},
    names={1: "综合执法局", 2: "a", 3: "b"},
    region_ids={"320499101201": 7},
    aliases={},
)


def parsed(content, known=("01", "0101")):
    return parse(read(content, "表.csv"), DIRECTORY, known)


def complaints(content):
    return [(problem.row, problem.column) for problem in parsed(content).problems]


def limits(**cells):
    return csv_of(table(Sheet.LIMITS, {"类别编码": "0101", **cells}))


def duty(**cells):
    base = {"类别编码": "0101", "履职类型": "基本履职", "主办单位": "综合执法局"}
    return csv_of(table(Sheet.DUTIES, {**base, **cells}))


def only_duty(content):
    found = parsed(content)
    assert found.problems == []
    (row,) = found.book.duties.values()
    return row


def test_a_problem_says_sheet_row_column_and_what_to_do():
    (problem,) = parsed(categories({}, {"编码": "02", "类型": "其它"})).problems
    assert str(problem) == ("工作表“类别”第 3 行“类型”：“其它”不是可选值，请填写：事件、部件、服务。")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"编码": ""}, "编码"),
        ({"编码": "1"}, "编码"),
        ({"编码": "0①"}, "编码"),
        ({"编码": "0901"}, "编码"),
        ({"名称": ""}, "名称"),
        ({"名称": "长" * 61}, "名称"),
        ({"名称": "响铃\x07"}, "名称"),
        ({"类型": ""}, "类型"),
        ({"关键词": "长" * 41}, "关键词"),
        ({"图标": "<script>"}, "图标"),
        ({"紧急程度": "很急"}, "紧急程度"),
        ({"群众可上报": "可以"}, "群众可上报"),
    ],
)
def test_a_category_row_with_one_mistake_has_one_complaint(cells, column):
    assert complaints(categories(cells)) == [(2, column)]


def test_a_code_that_stands_twice_is_told_with_the_first_row():
    (problem,) = parsed(categories({}, {})).problems
    assert (problem.row, "第 2 行" in problem.message) == (3, True)


def test_all_mistakes_of_a_file_are_told_at_once():
    assert complaints(categories({"名称": "", "类型": ""}, {"编码": "02", "名称": ""})) == [
        (2, "名称"),
        (2, "类型"),
        (3, "名称"),
    ]


def test_keywords_are_parted_by_any_usual_mark_and_each_kept_once():
    book = parsed(categories({"关键词": "脏、乱，差;脏\n堵+车 , "})).book
    assert book.categories["01"].keywords == ("脏", "乱", "差", "堵+车")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("30分钟", Limit(30, LimitUnit.MINUTE)),
        ("4工作时", Limit(4, LimitUnit.WORKING_HOUR)),
        ("4 个工作小时", Limit(4, LimitUnit.WORKING_HOUR)),
        ("5个工作日", Limit(5, LimitUnit.WORKING_DAY)),
        ("15日", Limit(15, LimitUnit.DAY)),
        ("15天", Limit(15, LimitUnit.DAY)),
    ],
)
def test_a_limit_is_read_as_people_write_it(text, limit):
    assert parsed(limits(处置=text)).book.limits["0101"].limits == {Stage.HANDLE: limit}


@pytest.mark.parametrize(
    "text", ["5", "5小时", "日", "-1日", "0日", "10001日", "9999999999日", "五日", "1.5日"]
)
def test_a_limit_without_a_known_unit_or_beyond_reason_is_refused(text):
    assert complaints(limits(处置=text)) == [(2, "处置")]


@pytest.mark.parametrize("name", ["综合执法局", "zf", "综合执法局（未建单位）"])
def test_a_unit_is_known_by_name_or_code_and_one_set_up_since_is_found(name):
    assert only_duty(duty(主办单位=name)).lead == UnitRef("综合执法局", 1)


def test_a_unit_that_is_not_set_up_is_kept_by_name():
    assert only_duty(duty(主办单位="环卫所")).lead == UnitRef("环卫所", None)


def test_the_committee_of_the_place_may_lead_or_assist():
    assert only_duty(duty(主办单位="属地村（社区）")).is_local_lead
    assert only_duty(duty(协办单位="属地村（社区）、环卫所")).is_local_assist


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"类别编码": "9999"}, "类别编码"),
        ({"类别编码": "默认"}, "类别编码"),
        ({"主办单位": ""}, "主办单位"),
        ({"主办单位": "甲队"}, "主办单位"),
        ({"主办单位": "属地村（社区）", "协办单位": "属地村（社区）"}, "协办单位"),
        ({"协办单位": "、".join(f"第{n}支没有建立的队伍" for n in range(50))}, "协办单位"),
        ({"适用区划代码": "1"}, "适用区划代码"),
        ({"履职类型": "配合履职"}, "上级部门"),
        ({"履职类型": "兼职"}, "履职类型"),
        ({"本地默认": "1"}, "本地默认"),
    ],
)
def test_a_duty_row_with_one_mistake_has_one_complaint(cells, column):
    assert complaints(duty(**cells)) == [(2, column)]


def test_a_unit_of_a_name_that_several_bear_is_found_by_its_code():
    assert only_duty(duty(主办单位="b")).lead == UnitRef("b", 3)


def test_rows_may_speak_of_categories_that_the_same_file_adds():
    rows = {
        **read(categories({"编码": "02"}), "类别.csv"),
        **read(limits(类别编码="02", 处置="5日"), "时限.csv"),
    }
    assert parse(rows, DIRECTORY, ()).problems == []


def test_the_towns_default_has_a_standard():
    content = csv_of(table(Sheet.STANDARDS, {"类别编码": "默认", "立案条件": "属实"}))
    assert parsed(content).book.standards["默认"].opening == "属实"


def test_naughty_texts_are_kept_whole_or_refused_with_a_reason():
    texts = [
        t for t in json.loads(shared_data("naughty/blns.json").read_text()) if t.strip() and "\x00" not in t
    ]
    codes = [f"{a}{b}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "0123456789ABCDEFGHIJ"]
    content = categories(*({"编码": code, "名称": text} for code, text in zip(codes, texts, strict=False)))
    found = parsed(content)
    assert len(found.book.categories) == len(texts) > 400
    refused = {problem.row for problem in found.problems}
    assert {problem.column for problem in found.problems} == {"名称"}
    kept = [row for n, row in enumerate(found.book.categories.values(), start=2) if n not in refused]
    assert all(row.name and len(row.name) <= 60 for row in kept)
