"""Regions are taken over from files: matched, added, brought up to date, and never half."""

import json
from collections import Counter

import pytest
import shapely

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org import actions
from gridloop.core.org.codes import full, next_code
from gridloop.core.org.models import Boundary, Region, Unit
from gridloop.core.org.regionexport import as_csv, as_geojson
from gridloop.core.org.regionfile import read
from tests.conftest import shared_data
from tests.core.org.factories import NOW, make_town, square

pytestmark = pytest.mark.django_db

LATER = NOW.replace(hour=3)
SHEET = "代码,上级代码,名称,层级,户数\n{}".format


def taken(text, **options):
    return actions.import_regions(read(text.encode()), at=options.pop("at", NOW), **options)


def figures(result):
    return (result.added, result.changed, result.unchanged, result.boundaries)


@pytest.fixture
def town():
    return make_town()


def test_rows_may_stand_in_any_order(town):
    result = taken(
        SHEET("320499101203001,320499101203,第一网格,网格,380\n320499101203,320499101000,西塘村,村,\n")
    )
    assert figures(result) == (2, 0, 0, 0)
    grid = Region.objects.get(code="320499101203001")
    assert (Region.objects.get_parent(grid).name, grid.households, grid.grid_kind) == (
        "西塘村",
        380,
        "comprehensive",
    )


def test_the_same_file_again_changes_nothing(town):
    text = SHEET("320499101203,320499101000,西塘村,村,810\n")
    taken(text)
    assert figures(taken(text, at=LATER)) == (0, 0, 1, 0)


def test_what_is_there_is_brought_up_to_date_and_a_blank_leaves_it_as_it_is(town):
    result = taken(SHEET("320499101201001,320499101202,柳桥东网格,网格,\n"))
    grid = Region.objects.get(pk=town.grid.pk)
    assert figures(result) == (0, 1, 0, 0)
    assert (grid.name, grid.households, Region.objects.get_parent(grid)) == (
        "柳桥东网格",
        400,
        town.other_village,
    )


def test_a_dry_run_says_what_would_be_and_writes_nothing(town):
    result = taken(SHEET("320499101203,320499101000,西塘村,村,\n"), dry_run=True)
    assert (figures(result), result.is_written) == ((1, 0, 0, 0), False)
    assert not Region.objects.filter(code="320499101203").exists()
    assert not any(Region.objects.find_problems())


BAD = SHEET(
    "320499101203,320499101000,西塘村,村,\n"
    "320499101000001,320499101000,镇网格,网格,\n"  # a grid under a town
    "320499101204,999999999999,北塘村,村,\n"  # no such parent
    "320499101201,320499101000,柳桥,社区,\n"  # another level under the same code
)


def test_bad_rows_are_told_each_with_its_number_and_never_stop_the_rest(town):
    result = taken(BAD)
    assert [(issue.row, issue.field) for issue in result.errors] == [(3, ""), (4, "parent"), (5, "level")]
    assert "网格必须挂在村或社区之下" in result.errors[0].message
    assert "找不到上级“999999999999”" in result.errors[1].message
    assert (result.is_written, result.added, Region.objects.count()) == (True, 1, 6)
    assert not any(Region.objects.find_problems())


def test_one_bad_row_is_enough_to_write_nothing_where_that_is_asked_for(town):
    result = taken(BAD, strict=True)
    assert (result.is_written, len(result.errors)) == (False, 3)
    assert Region.objects.count() == 5


def test_the_children_of_a_bad_row_are_told_too(town):
    result = taken(SHEET("X,320499101000,北塘村,村,\nX001,X,第一网格,网格,\n"))
    assert [issue.row for issue in result.errors] == [2, 3]


def test_a_file_without_codes_gets_codes_that_no_authority_gives_out(town):
    text = "town,village\n石桥镇,南村\n石桥镇,北村\n山口镇,南村\n"
    district = actions.add_region(None, code="320412000000", name="武进区", level="district")
    result = taken(text, under=district)
    made = {r.code: r.name for r in Region.objects.below(district)}
    assert figures(result) == (5, 0, 0, 0)
    assert made == {
        "320412000000": "武进区",
        "320412601000": "石桥镇",
        "320412601601": "南村",
        "320412601602": "北村",
        "320412602000": "山口镇",
        "320412602601": "南村",
    }
    assert figures(taken(text, under=district, at=LATER)) == (0, 0, 5, 0)


def test_a_code_that_was_given_out_gives_way_to_the_real_one(town):
    taken("名称,层级\n石桥镇,镇\n")
    taken("code,town\n320499102000,石桥镇\n")
    assert [r.code for r in Region.objects.filter(name="石桥镇")] == ["320499102000"]


@pytest.mark.parametrize(
    ("level", "parent", "taken_codes", "code"),
    [
        ("province", "", set(), "910000000000"),
        ("district", "", set(), "990061000000"),
        ("town", "320412000000", {"320412601000"}, "320412602000"),
        ("town", "", set(), "990000601000"),
        ("community", "320412101000", set(), "320412101601"),
        ("grid", "320412101201", {"320412101201001"}, "320412101201002"),
        ("micro_grid", "320412101201001", set(), "32041210120100101"),
    ],
)
def test_a_code_is_the_lowest_free_one_of_its_parents_provisional_range(level, parent, taken_codes, code):
    assert next_code(level, parent, taken_codes.__contains__) == code


def test_when_all_numbers_are_taken_the_file_must_name_codes():
    with pytest.raises(InvalidInput, match="没有可用的代码"):
        next_code("town", "320412000000", lambda _code: True)


def test_a_short_code_is_filled_up_and_a_grids_is_left_alone():
    assert (full("330203", "district"), full("330203004", "town")) == ("330203000000", "330203004000")
    assert (full("3304", "grid"), full("", "town")) == ("3304", "")


def shifted(**properties):
    geometry = json.loads(shapely.to_geojson(square(0, 0)))
    one = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [one]}).encode()


def test_the_source_system_of_a_boundary_is_kept_and_its_shape_converted(town):
    file = read(shifted(code="320499101201", name="柳桥村", level="village"), source="gcj02")
    actions.import_regions(file, at=NOW, source="gcj02")
    boundary = Boundary.objects.current().get(region=town.village)
    assert boundary.source_crs == "gcj02"
    west, south, *_rest = shapely.from_wkb(bytes(boundary.wkb)).bounds
    assert (round(120 - west, 4), round(31 - south, 4)) != (0, 0)


@pytest.mark.parametrize("export", [as_geojson, as_csv])
def test_what_is_exported_is_taken_back_identically(town, export):
    make = [
        (town.village, square(0, 0, size=0.0123456789), "bd09"),
        (town.grid, square(0, 0, size=1 / 300), "wgs84"),
    ]
    for region, shape, source in make:
        actions.set_boundary(region.pk, shape, at=NOW, source=source)
    data = export()
    assert figures(actions.import_regions(read(data), at=LATER)) == (0, 0, 5, 0)

    before = export()
    Unit.objects.all().delete()
    Region.objects.all().delete()
    assert figures(actions.import_regions(read(data), at=NOW)) == (5, 0, 0, 2)
    assert export() == before


def test_an_export_may_begin_at_a_region(town):
    codes = [f["properties"]["code"] for f in json.loads(as_geojson(town.village))["features"]]
    assert codes == ["320499101201", "320499101201001", "320499101201002"]


def test_an_export_asks_the_database_twice(town, django_assert_num_queries):
    with django_assert_num_queries(2):
        as_csv()


class TestNingbo:
    """The real communities of a city, by name only: 401 rows, 381 names."""

    MAPPING = {"district": "县市区", "town": "街道名称", "community": "社区名称"}

    @pytest.fixture
    def file(self):
        return read(shared_data("ningbo/communities.geojson").read_bytes(), mapping=self.MAPPING)

    def test_it_loads_as_districts_streets_and_communities_and_once_only(self, file):
        first = actions.import_regions(file, at=NOW)
        assert {issue.message for issue in first.errors} == {"没有填写社区名称。"}
        assert len(first.errors) == 7  # polygons that the city left without a name
        levels = Counter(Region.objects.values_list("level", flat=True))
        assert (levels["district"], levels["town"], levels["community"]) == (9, 57, 393)
        assert len({*Region.objects.at_level("community").values_list("name", flat=True)}) == 380
        assert first.boundaries == Boundary.objects.count() == 393
        assert not any(Region.objects.find_problems())
        again = actions.import_regions(file, at=LATER)
        assert figures(again) == (0, 0, first.added, 0)

    def test_its_headings_are_known_without_a_mapping(self, file):
        guessed = read(shared_data("ningbo/communities.geojson").read_bytes())
        assert [draft.path for draft in guessed.drafts] == [draft.path for draft in file.drafts]
