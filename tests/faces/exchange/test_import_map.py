"""The map file: what it can say, and what is told of one that is wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gridloop.faces.exchange.imports.mapping import MapUnreadable, read_map

LEAST = """
[case]
source_ref  = { column = "编号" }
reported_at = { column = "时间" }
channel     = { text = "hotline" }
description = { column = "内容" }
"""


def a_map(folder: Path, text: str) -> Path:
    path = folder / "map.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_least_map_names_four_things(tmp_path: Path) -> None:
    mapping = read_map(a_map(tmp_path, LEAST))
    assert mapping.columns() == ["内容", "时间", "编号"]
    assert mapping.moment("2018-02-08 15:34:40") == datetime(2018, 2, 8, 7, 34, 40, tzinfo=UTC)


def test_the_map_that_ships_is_good() -> None:
    mapping = read_map(Path(__file__).parents[3] / "examples" / "pingshan.toml")
    assert {"REC_ID", "CREATE_TIME", "DISPOSE_UNIT_NAME"} <= set(mapping.columns())


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ('{ column = "甲" }', "投诉"),
        ('{ text = "常数" }', "常数"),
        ('{ text = "{甲}：{乙}" }', "投诉："),
        ('{ text = "p-{乙}" }', ""),
        ('{ text = "p-{乙}", default = "p-0" }', "p-0"),
        ('{ column = "甲", values = { "投诉" = "complaint" } }', "complaint"),
        ('{ column = "甲", values = { "表扬" = "thanks" }, default = "other" }', "other"),
        ('{ column = "乙", default = "不详" }', "不详"),
    ],
)
def test_a_value_is_a_column_or_words_with_columns_in_them(tmp_path: Path, said: str, read: str) -> None:
    mapping = read_map(a_map(tmp_path, f"{LEAST}\ntitle = {said}\n"))
    assert mapping.case["title"].read({"甲": "投诉", "乙": "-"}, frozenset({"-"})) == read


def test_what_values_does_not_name_and_no_default_covers_is_a_fault(tmp_path: Path) -> None:
    mapping = read_map(a_map(tmp_path, LEAST + 'title = { column = "甲", values = { "表扬" = "thanks" } }'))
    with pytest.raises(ValueError, match=r"“甲”列的“投诉”在对照文件的 case.title.values"):
        mapping.case["title"].read({"甲": "投诉"}, frozenset())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[case", "不是有效的 TOML"),
        ("", "缺少必需的项目：case.source_ref、case.reported_at、case.channel、case.description"),
        (LEAST + "colour = { text = 'red' }", "不认识的项目：case.colour"),
        (LEAST + "[colours]", "不认识的项目：colours"),
        (LEAST + "title = '标题'", "case.title 应写作"),
        (LEAST + "title = { column = '甲', text = '乙' }", "case.title 应写作"),
        (LEAST + "title = { column = '甲', value = {} }", "case.title 应写作"),
        (LEAST + "title = { text = '{甲' }", "case.title 的写法不对"),
        (LEAST + "title = { text = '{}' }", "case.title 的写法不对"),
        (LEAST + "title = { text = '{甲.乙}' }", "花括号中只能写列名"),
        (LEAST + "title = { text = '{甲!r}' }", "花括号中只能写列名"),
        (LEAST + "[file]\ntime_zone = '火星'", "不是时区名：火星"),
        (LEAST + "[file]\ntime_zone = 8", "file.time_zone 的类型不对"),
        (LEAST + "[category.limits]\nhandle = '5'", "category.limits.handle 应写作“数量 单位”"),
        (LEAST + "[category.limits]\nhandel = '5 day'", "category.limits.handel"),
        (LEAST + "[[region.levels]]\nlevel = 'grid'", "region.levels[0].level 应为其中之一"),
        (LEAST + "[[region.levels]]\nlevel = 'town'", "region.levels[0] 缺少 name"),
        (LEAST + "[unit]\nmade_kind = 'club'", "unit.made_kind 应为其中之一"),
        ("case = 1", "应为一节"),
    ],
)
def test_a_wrong_map_is_told_by_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(MapUnreadable) as refusal:
        read_map(a_map(tmp_path, text))
    assert told in refusal.value.message


def test_a_map_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_bytes(LEAST.encode("gbk"))
    with pytest.raises(MapUnreadable, match="UTF-8"):
        read_map(path)
