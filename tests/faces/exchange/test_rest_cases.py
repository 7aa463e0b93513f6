"""Reporting, reading and listing cases over HTTP."""

from typing import Any

import pytest

from gridloop.base.common.ids import new_id
from gridloop.core.cases.models import Case
from tests.core.cases import factories
from tests.core.cases.factories import World
from tests.core.cases.test_sight import sent_back_and_given_to_another
from tests.faces.exchange.factories import Program, program

pytestmark = pytest.mark.django_db


def a_report(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "description": "柳桥路口有一堆建筑垃圾没人清理",
        "category": "0101",
        "region": world.town.grid.code,
        **changes,
    }


def test_a_report_becomes_a_case_with_number_tracking_code_and_address(
    world: World, district: Program
) -> None:
    answer = district.post("/cases", a_report(world, reporter={"name": "王某", "phone": "13800000000"}))
    told = answer.json()
    assert (answer.status_code, told["state"], told["category"]) == (
        201,
        "reported",
        {"code": "0101", "name": "暴露垃圾"},
    )
    case = Case.objects.get(pk=told["id"])
    assert (told["number"], told["tracking_code"]) == (case.number, case.tracking_code)
    assert (answer["ETag"], answer["Location"]) == ('"1"', f"/api/v1/cases/{case.pk}")
    assert "13800000000" not in answer.content.decode()


def test_without_a_category_the_words_choose_one(world: World, district: Program) -> None:
    told = district.post("/cases", {"description": "路边杂草丛生"}).json()
    assert told["category"]["code"] == "0102"


def test_the_same_id_sent_again_is_the_same_case(world: World, district: Program) -> None:
    body = a_report(world, id=str(new_id()))
    first, second = district.post("/cases", body), district.post("/cases", body)
    assert (second.status_code, second.json()) == (201, first.json())
    assert Case.objects.count() == 1


def test_the_same_id_with_another_report_is_refused(world: World, district: Program) -> None:
    body = a_report(world, id=str(new_id()))
    district.post("/cases", body)
    assert district.post("/cases", body | {"description": "另一件事"}).status_code == 422


def test_a_case_is_read_with_orders_clocks_and_the_verbs_of_the_key(world: World, district: Program) -> None:
    case = factories.dispatched(world)
    answer = district.get(f"/cases/{case.pk}")
    told = answer.json()
    assert answer["ETag"] == f'"{case.version}"'
    assert [order["unit"] for order in told["orders"]] == [{"code": "office", "name": "综合执法局"}]
    assert [clock["stage"] for clock in told["clocks"]] == ["sign"]
    recall = next(v for v in told["verbs"] if v["name"] == "recall")
    assert recall["why_not"] is None


def test_the_log_is_read_in_pages(world: World, district: Program) -> None:
    case = factories.closed(world)
    log = district.get(f"/cases/{case.pk}/log").json()
    assert [line["seq"] for line in log["items"]] == list(range(1, case.version + 1))
    rest = district.get(f"/cases/{case.pk}/log", {"after": 5}).json()
    assert (rest["items"][0]["verb"], rest["has_more"]) == (log["items"][5]["verb"], False)


def test_lists_are_read_page_by_page_newest_first(world: World, district: Program) -> None:
    made = [factories.reported(world) for _n in range(5)]
    page = district.get("/cases", {"size": 2}).json()
    seen = [item["id"] for item in page["items"]]
    while page["next_before"]:
        page = district.get("/cases", {"size": 2, "before": page["next_before"]}).json()
        seen += [item["id"] for item in page["items"]]
    assert seen == [str(case.pk) for case in reversed(made)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"state": ["closed", "reported"]}, 2),
        ({"is_open": "true"}, 2),
        ({"is_open": "false"}, 1),
        ({"category": "01"}, 3),
        ({"category": "0102"}, 0),
        ({"region": "320499101201"}, 3),
        ({"region": "320499101202"}, 0),
        ({"unit": "office"}, 2),
        ({"channel": "api"}, 0),
        ({"q": "建筑垃圾"}, 3),
        ({"q": "没有的词"}, 0),
        ({"source_ref": "没有"}, 0),
        ({"since": "2100-01-01T00:00:00Z"}, 0),
        ({"until": "2100-01-01T00:00:00Z"}, 3),
        ({"is_overdue": "true"}, 2),
    ],
)
def test_filters_narrow_the_list(world: World, district: Program, query: dict[str, Any], count: int) -> None:
    for make in (factories.reported, factories.dispatched, factories.closed):
        make(world)
    answer = district.get("/cases", query)
    assert (answer.status_code, len(answer.json().get("items", []))) == (200, count)


def test_a_misspelt_filter_is_refused_rather_than_passed_over(world: World, district: Program) -> None:
    answer = district.get("/cases", {"stat": "closed"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["stat"])


def test_a_key_sees_what_its_post_sees(world: World) -> None:
    mine = factories.dispatched(world)
    other = factories.reported(world)
    from gridloop.core.org.models import Post

    handler = program(post=Post.objects.get(pk=world.handler.post_id), name="执法局系统")
    assert [item["id"] for item in handler.get("/cases").json()["items"]] == [str(mine.pk)]
    assert handler.get(f"/cases/{other.pk}").status_code == 404
    assert handler.get(f"/cases/{other.pk}/log").status_code == 404


def test_a_key_of_a_unit_that_sent_a_case_back_reads_what_was_there_then(world: World) -> None:
    from gridloop.core.org.models import Post

    case, before, after = sent_back_and_given_to_another(world)
    handler = program(post=Post.objects.get(pk=world.handler.post_id), name="执法局系统")
    read = handler.get(f"/cases/{case.pk}").json()
    assert [file["sha256"] for file in read["attachments"]] == [before]
    assert [order["state"] for order in read["orders"]] == ["sent_back"]
    assert (read["clocks"], [verb["name"] for verb in read["verbs"]]) == ([], [])
    log = handler.get(f"/cases/{case.pk}/log").json()
    assert ([line["verb"] for line in log["items"]][-1], log["has_more"]) == ("send_back", False)
    later = case.attachments.get(sha256=after)
    assert handler.get(f"/cases/{case.pk}/attachments/{later.pk}").status_code == 404


def test_a_key_without_the_scope_reads_nothing(world: World) -> None:
    reporting = program("case.report")
    case = factories.reported(world)
    for path in ("/cases", f"/cases/{case.pk}", f"/cases/{case.pk}/log"):
        answer = reporting.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


def test_a_copy_is_a_new_case(world: World, district: Program) -> None:
    case = factories.reported(world)
    told = district.post(f"/cases/{case.pk}/copy").json()
    assert told["id"] != str(case.pk)
    assert told["description"] == case.description


def test_a_report_costs_at_most_14_statements(
    world: World, district: Program, django_assert_max_num_queries: Any
) -> None:
    district.post("/cases", a_report(world))
    with django_assert_max_num_queries(14):
        district.post("/cases", a_report(world, reporter={"phone": "13800000000"}))


def test_a_list_costs_at_most_6_statements(
    world: World, district: Program, django_assert_max_num_queries: Any
) -> None:
    for _n in range(4):
        factories.dispatched(world)
    for query in ({}, {"q": "垃圾"}, {"unit": "office", "region": world.town.village.code}):
        with django_assert_max_num_queries(6):
            assert len(district.get("/cases", query).json()["items"]) == 4
