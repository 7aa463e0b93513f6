"""What programs look up before they can name anything."""

from typing import Any

import pytest

from gridloop.core.catalogue import actions as catalogue
from gridloop.core.org import actions as org
from tests.core.cases.factories import World
from tests.faces.exchange.factories import Program

pytestmark = pytest.mark.django_db


def test_categories_come_each_main_one_before_its_own(world: World, district: Program) -> None:
    told = district.get("/categories").json()
    assert [(c["code"], c["parent"]) for c in told] == [("01", None), ("0101", "01"), ("0102", "01")]


def test_a_category_out_of_use_is_neither_listed_nor_taken(world: World, district: Program) -> None:
    catalogue.amend_category(world.catalogue.weeds.pk, is_active=False)
    assert [c["code"] for c in district.get("/categories").json()] == ["01", "0101"]
    assert district.post("/cases", {"description": "草", "category": "0102"}).status_code == 422


def test_regions_and_units_name_their_parents(world: World, district: Program) -> None:
    regions = {r["code"]: r["parent"] for r in district.get("/regions").json()}
    assert regions["320499101000"] is None
    assert regions["320499101201"] == "320499101000"
    units = {u["code"]: (u["parent"], u["region"]) for u in district.get("/units").json()}
    assert units["v1"] == ("centre", "320499101201")


def test_a_unit_out_of_use_is_not_listed(world: World, district: Program) -> None:
    org.amend_unit(world.town.office.pk, is_active=False)
    assert "office" not in {u["code"] for u in district.get("/units").json()}


def test_a_standard_is_the_one_of_the_day(world: World, district: Program) -> None:
    told = district.get("/standards", {"category": "0101", "on": "2026-03-02"}).json()
    assert (told["opening"], told["closing"]) == ("有成堆垃圾", "办结")
    assert {"stage": "handle", "amount": 4, "unit": "working_hour"} in told["limits"]
    assert district.get("/standards", {"category": "0101", "on": "2024-03-02"}).json()["limits"] == []


@pytest.mark.parametrize("path", ["/categories", "/regions", "/units", "/key"])
def test_references_cost_few_statements(
    world: World, district: Program, path: str, django_assert_max_num_queries: Any
) -> None:
    district.get(path)
    with django_assert_max_num_queries(3):
        assert district.get(path).status_code == 200
