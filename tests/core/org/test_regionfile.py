"""Files of regions, as towns and cities send them, become rows or say what is wrong with each."""

import json

import openpyxl
import pytest
import shapely

from gridloop.base.common.coordinates import CoordinateSystem, from_wgs84
from gridloop.base.common.errors import InvalidInput
from gridloop.core.org.regionfile import read
from tests.core.org.factories import square


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(shape, **properties):
    geometry = json.loads(shapely.to_geojson(shape)) if shape is not None else None
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def csv_of(*lines):
    return "\n".join(lines).encode()


def test_a_sheet_by_code_is_known_by_its_usual_headings():
    data = csv_of(
        "区划代码,上级代码,名称,层级,网格类型,户数,人口",
        "320499101201,320499101000,柳桥村,村,,,",
        '320499101201001,320499101201,第一网格,网格,专属,"1,020",2600',
    )
    village, grid = read(data).drafts
    assert (village.row, village.level, village.name, village.parent) == (
        2,
        "village",
        "柳桥村",
        "320499101000",
    )
    assert (grid.level, grid.kind, grid.households, grid.population) == ("grid", "exclusive", 1020, 2600)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_encodings_of_spreadsheets_are_read(encoding):
    data = "名称,层级\n柳桥村,村\n".encode(encoding)
    assert [draft.name for draft in read(data).drafts] == ["柳桥村"]


def test_a_workbook_is_read_too(tmp_path):
    book = openpyxl.Workbook()
    for line in (["名称", "层级", "户数"], ["柳桥村", "村", 812]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    [draft] = read((tmp_path / "a.xlsx").read_bytes()).drafts
    assert (draft.name, draft.households) == ("柳桥村", 812)


def test_a_map_by_name_yields_what_lies_above_once_and_joins_the_parts_of_one_region():
    data = collection(
        feature(square(0, 0), 县市区="东区", 街道名称="一街", 社区名称="朱雀社区"),
        feature(square(1, 0), 县市区="东区", 街道名称="二街", 社区名称="朱雀社区"),
        feature(square(2, 0), 县市区="东区", 街道名称="二街", 社区名称="朱雀社区"),
    )
    found = read(data)
    assert [(d.level, d.name) for d in found.drafts] == [
        ("district", "东区"),
        ("town", "一街"),
        ("town", "二街"),
        ("community", "朱雀社区"),
        ("community", "朱雀社区"),
    ]
    assert [len(shapely.get_parts(d.shape)) for d in found.drafts if d.shape] == [1, 2]
    assert [(notice.row, "又一块" in notice.message) for notice in found.notices] == [(3, True)]


def test_a_mapping_names_columns_and_constants():
    data = csv_of("mc,jb", "柳桥村,x")
    [draft] = read(data, mapping={"name": "mc", "level": "=village"}).drafts
    assert (draft.name, draft.level) == ("柳桥村", "village")


@pytest.mark.parametrize("source", list(CoordinateSystem))
def test_a_boundary_in_a_shifted_system_is_brought_to_wgs84(source):
    truth = shapely.get_coordinates(square(0, 0))
    ring = [from_wgs84(lon, lat, source) for lon, lat in truth]
    [draft] = read(
        collection(feature(shapely.Polygon(ring), name="x", level="village")), source=source
    ).drafts
    assert shapely.get_coordinates(draft.shape) == pytest.approx(truth, abs=1e-7)


@pytest.mark.parametrize(
    ("row", "field", "word"),
    [
        (",村,,", "name", "没有填写村名称"),
        ("柳桥村,镇上,,", "level", "不认识的层级“镇上”"),
        ("柳桥网格,网格,特殊,", "kind", "不认识的网格类型“特殊”"),
        ("柳桥村,村,,很多", "households", "“很多”不是一个合理的数目"),
    ],
)
def test_a_bad_row_says_its_number_its_field_and_why_and_the_others_are_read(row, field, word):
    found = read(csv_of("名称,层级,类型,户数", row, "东塘村,村,,"))
    assert [draft.name for draft in found.drafts] == ["东塘村"]
    [issue] = found.errors
    assert (issue.row, issue.field) == (2, field)
    assert word in issue.message


@pytest.mark.parametrize(
    ("boundary", "word"),
    [
        ("POINT (120 31)", "边界必须是面"),
        ("POLYGON EMPTY", "边界必须是面"),
        ("POLYGON ((", "无法读取边界图形"),
        ('{"type":"Polygon"}', "无法读取边界图形"),
        ("POLYGON ((500000 3400000, 500100 3400000, 500100 3400100, 500000 3400000))", "不是经纬度"),
    ],
)
def test_what_is_no_boundary_in_degrees_is_an_error_of_its_row(boundary, word):
    [issue] = read(csv_of("名称,层级,边界", f'柳桥村,村,"{boundary.replace(chr(34), chr(34) * 2)}"')).errors
    assert (issue.field, word in issue.message) == ("boundary", True)


def test_a_code_twice_is_an_error_of_the_second_row():
    found = read(csv_of("代码,名称,层级", "320499101201,柳桥村,村", "320499101201,东塘村,村"))
    assert [draft.name for draft in found.drafts] == ["柳桥村"]
    assert found.errors[0].message == "代码 320499101201 与第 2 行重复。"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空"),
        (b"{", "无法读取 GeoJSON"),
        (b'{"type": "FeatureCollection", "features": 3}', "无法读取 GeoJSON"),
        (b'{"type": "FeatureCollection", "features": []}', "没有任何区划"),
        ("甲,乙\n1,2\n".encode(), "不知道各列的含义"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(data, word):
    with pytest.raises(InvalidInput, match=word):
        read(data)


@pytest.mark.parametrize(
    ("mapping", "word"),
    [({"nome": "mc"}, "不认识的字段：nome"), ({"name": "xx", "level": "jb"}, "没有这些列：xx")],
)
def test_a_mapping_that_does_not_fit_says_what_there_is(mapping, word):
    with pytest.raises(InvalidInput, match=word):
        read(csv_of("mc,jb", "柳桥村,村"), mapping=mapping)
