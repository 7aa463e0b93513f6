"""Regions, units and their trees."""

import pytest
import shapely

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org import actions
from gridloop.core.org.actions.regions import CodeTaken
from gridloop.core.org.models import Boundary, Region, RegionEvent, Unit
from gridloop.core.org.policies import WrongPlaceInTree
from tests.core.org.factories import NOW, make_town, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def test_a_grid_hung_under_a_town_is_refused_with_what_to_do(town):
    with pytest.raises(WrongPlaceInTree) as refusal:
        actions.add_region(town.town, code="320499101000001", name="第一网格", level="grid")
    assert refusal.value.message == (
        "网格必须挂在村或社区之下，不能直接挂在“云溪镇”（镇街）下。请先选择或新建所属的村（社区）。"
    )
    assert not Region.objects.filter(name="第一网格").exists()


@pytest.mark.parametrize("level", ["grid", "micro_grid"])
def test_no_grid_stands_at_the_top(level):
    with pytest.raises(WrongPlaceInTree):
        actions.add_region(None, code="320499101201001", name="网格", level=level)


def test_a_micro_grid_hangs_under_a_grid_only(town):
    micro = actions.add_region(town.grid, code="3204991012010011", name="微网格一", level="micro_grid")
    assert micro.grid_kind == "micro"
    with pytest.raises(WrongPlaceInTree, match="微网格必须挂在网格之下"):
        actions.add_region(town.village, code="3204991012010012", name="微网格二", level="micro_grid")


def test_a_region_hangs_under_a_higher_level_only(town):
    with pytest.raises(WrongPlaceInTree, match="请选择更高一级的区划作为上级"):
        actions.add_region(town.village, code="320499101203", name="西塘村", level="village")


def test_a_moved_region_takes_its_grids_along_and_a_grid_is_not_moved_under_a_town(town):
    with pytest.raises(WrongPlaceInTree):
        actions.move_region(town.grid.pk, town.town.pk)
    moved = actions.move_region(town.grid.pk, town.other_village.pk)
    assert Region.objects.get_parent(moved).pk == town.other_village.pk
    other_town = actions.add_region(None, code="320499102000", name="石桥镇", level="town")
    actions.move_region(town.other_village.pk, other_town.pk)
    assert {r.name for r in Region.objects.below(other_town)} == {"石桥镇", "东塘村", "柳桥第1网格"}
    assert not any(Region.objects.find_problems())


def test_a_code_is_used_once_and_fits_its_level(town):
    with pytest.raises(CodeTaken, match="320499101201"):
        actions.add_region(town.town, code="320499101201", name="新村", level="village")
    with pytest.raises(InvalidInput, match="应为 12 位数字"):
        actions.add_region(town.town, code="3204", name="新村", level="village")
    with pytest.raises(InvalidInput, match="12 位数字加"):
        actions.add_region(town.village, code="320499101299", name="网格", level="grid")


def test_a_new_boundary_ends_the_one_before_and_the_same_again_changes_nothing(town):
    first = actions.set_boundary(town.grid.pk, square(0, 0), at=NOW, source="gcj02")
    assert actions.set_boundary(town.grid.pk, square(0, 0), at=NOW, source="gcj02") is None
    later = NOW.replace(hour=2)
    second = actions.set_boundary(town.grid.pk, square(1, 0), at=later)
    first.refresh_from_db()
    assert (first.valid_to, second.valid_to) == (later, None)
    assert Boundary.objects.current().get(region=town.grid) == second
    assert shapely.from_wkb(bytes(second.wkb)).geom_type == "MultiPolygon"


def test_a_boundary_is_an_area_and_begins_after_the_one_before(town):
    with pytest.raises(InvalidInput, match="边界必须是面"):
        actions.set_boundary(town.grid.pk, shapely.Point(120, 31), at=NOW)
    actions.set_boundary(town.grid.pk, square(0, 0), at=NOW)
    with pytest.raises(InvalidInput, match="必须晚于"):
        actions.set_boundary(town.grid.pk, square(1, 0), at=NOW)


def test_a_height_in_the_source_is_dropped(town):
    ring = [(120, 31, 5), (120.01, 31, 5), (120.01, 31.01, 5)]
    boundary = actions.set_boundary(town.grid.pk, shapely.Polygon(ring), at=NOW)
    assert not shapely.from_wkb(bytes(boundary.wkb)).has_z


def test_units_form_a_tree_that_cannot_bite_its_tail(town):
    with pytest.raises(WrongPlaceInTree, match="自己的下级"):
        actions.move_unit(town.centre.pk, town.office.pk)
    actions.move_unit(town.committee.pk, town.office.pk)
    assert [u.name for u in Unit.objects.below(Unit.objects.get(pk=town.office.pk))] == [
        "综合执法局",
        "柳桥村委会",
    ]
    with pytest.raises(CodeTaken):
        actions.amend_unit(town.office.pk, code="centre")
    with pytest.raises(InvalidInput, match="代码和名称"):
        actions.add_unit(None, code=" ", name="", kind="other", region=town.town)


def test_every_change_of_a_region_leaves_its_history(town):
    actions.amend_region(town.village.pk, name="新柳桥村", households=810)
    history = RegionEvent.objects.filter(pgh_obj=town.village).order_by("pgh_id")
    seen = list(history.values_list("pgh_label", "name"))
    assert (seen[0], seen[-1]) == (("insert", "柳桥村"), ("update", "新柳桥村"))


def test_a_region_below_is_found_without_a_walk(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [r.level for r in Region.objects.below(town.village)] == ["village", "grid", "grid"]
