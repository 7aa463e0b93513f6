"""The pages of one-key dispatch, without scripts: what they show, whom they open to, and what they cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridloop.capabilities.dispatch.actions import batches, previews
from gridloop.capabilities.dispatch.models import Batch, UnitLimit
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.org.permissions import Role
from tests.capabilities.dispatch.conftest import with_duty
from tests.core.cases import factories
from tests.core.cases.factories import DAY, MINUTE, World, make_world
from tests.core.org.factories import SignIn

QUEUE = "/dispatch/"


@pytest.fixture
def world(db: None) -> World:
    return with_duty(make_world(boundaries=True))


@pytest.fixture
def operator(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.operator)


def waiting(world: World, **changes: object) -> Case:
    return factories.registered(world, timezone.now() - 5 * MINUTE, **changes)


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{QUEUE}?{query}").context["page"]
    return [row.case.number for row in page.rows]


def sent(client: Client, **posted: object) -> Batch:
    answer = client.post(reverse("dispatch:preview"), posted)
    assert answer.status_code == 302, answer.content.decode()
    return Batch.objects.latest("pk")


def statements(client: Client, address: str) -> int:
    client.get(address)  # what is kept in memory is loaded
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_row_shows_the_proposals_with_their_score_and_their_reasons_in_words(
    world: World, operator: Client
):
    case = waiting(world)
    page = operator.get(QUEUE).content.decode()
    assert case.number in page
    assert "综合执法局" in page
    assert "履职清单" in page
    assert '<meter min="0" max="100"' in page


def test_a_case_for_which_a_person_has_to_judge_says_so(world: World, operator: Client):
    waiting(world, category_id=world.catalogue.weeds.pk)
    assert "请人工判断" in operator.get(QUEUE).content.decode()


def test_the_filters_narrow_and_stay_in_the_address(world: World, operator: Client):
    litter = waiting(world, description="河边有建筑垃圾")
    weeds = waiting(world, category_id=world.catalogue.weeds.pk, channel="patrol")
    elsewhere = waiting(world, region_id=world.town.other_village.pk)
    late = factories.registered(world, timezone.now() - 30 * DAY)
    assert set(listed(operator)) == {case.number for case in (litter, weeds, elsewhere, late)}
    assert listed(operator, f"category={world.catalogue.weeds.pk}") == [weeds.number]
    assert weeds.number in listed(operator, f"category={world.catalogue.main.pk}")
    assert listed(operator, f"region={world.town.other_village.pk}") == [elsewhere.number]
    assert listed(operator, "channel=patrol") == [weeds.number]
    assert listed(operator, "certainty=ask") == [weeds.number]
    assert weeds.number not in listed(operator, "certainty=sure")
    assert listed(operator, "late=on") == [late.number]
    assert listed(operator, "q=河边") == [litter.number]
    assert listed(operator, f"q={late.number}") == [late.number]
    fragment = operator.get(f"{QUEUE}?late=on&q=", headers={"HX-Request": "true"})
    assert fragment["HX-Push-Url"] == "/dispatch/?late=on"


def test_what_lies_in_the_line_drawn_on_the_map_is_a_filter(world: World, operator: Client):
    inside = waiting(world, lon=120.005, lat=31.005, region_id=None)
    waiting(world, lon=120.015, lat=31.005, region_id=None)
    waiting(world)
    assert listed(operator, "area=120.001,31.001 120.009,31.001 120.005,31.009") == [inside.number]
    for wrong in ("120,31 121,31", "a,b c,d e,f", "120,31 121,31 122,31", "1,2,3 4,5 6,7", "nan,1 2,3 4,5"):
        page = operator.get(f"{QUEUE}?area={wrong}")
        assert page.context["form"].errors["area"], wrong
        assert not page.context["page"].rows
    found = operator.get(reverse("dispatch:points") + "?area=1,1").json()
    assert len(found["features"]) == 2


def test_cases_in_adjudication_stand_apart_and_cannot_be_taken(world: World, operator: Client):
    apart = waiting(world)
    Case.objects.filter(pk=apart.pk).update(is_adjudicating=True)
    assert listed(operator) == []
    assert listed(operator, "pile=adjudicating") == [apart.number]
    assert 'name="case"' not in operator.get(f"{QUEUE}?pile=adjudicating").content.decode()


def test_pages_go_on_by_cursor(world: World, operator: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gridloop.capabilities.dispatch.present.queue.PAGE_SIZE", 2)
    monkeypatch.setattr("gridloop.capabilities.dispatch.present.queue.PORTION", 2)
    numbers = {waiting(world).number for _n in range(5)}
    for query in ("", "certainty=sure"):
        seen, cursor = [], ""
        for _page in range(3):
            page = operator.get(f"{QUEUE}?{query}&cursor={cursor}").context["page"]
            seen += [row.case.number for row in page.rows]
            cursor = page.next_cursor
        assert set(seen) == numbers
        assert len(seen) == 5
        assert cursor == ""


def test_from_the_queue_to_the_result_and_back_without_scripts(world: World, operator: Client):
    cases = [waiting(world) for _n in range(3)]
    batch = sent(operator, case=[str(case.pk) for case in cases])
    address = reverse("dispatch:batch", args=[batch.pk])
    page = operator.get(address).content.decode()
    assert "将派遣 3 件" in page
    assert "在办 0 件 → 3 件" in page
    operator.post(reverse("dispatch:item", args=[batch.pk, cases[0].pk]), {"do": "leave_out"})
    operator.post(
        reverse("dispatch:item", args=[batch.pk, cases[1].pk]),
        {"do": "unit", "unit": world.town.committee.pk},
    )
    assert "将派遣 2 件" in operator.get(address).content.decode()
    done = operator.post(reverse("dispatch:confirm", args=[batch.pk]), follow=True).content.decode()
    assert "已派遣 2 件" in done
    assert reverse("dispatch:undo", args=[batch.pk]) in done
    assert set(WorkOrder.objects.values_list("unit", flat=True)) == {world.lead_unit, world.town.committee.pk}
    undone = operator.post(reverse("dispatch:undo", args=[batch.pk]), follow=True).content.decode()
    assert "撤回 2 件" in undone
    assert set(Case.objects.values_list("state", flat=True)) == {"registered"}
    assert f"第 {batch.pk} 批" in operator.get(reverse("dispatch:batches")).content.decode()


def test_a_number_that_was_pressed_for_a_case_holds_even_where_nothing_is_certain(
    world: World, operator: Client
):
    case = waiting(world)
    batch = sent(operator, **{"case": str(case.pk), f"rank-{case.pk}": "1"})
    assert batch.items.get().is_by_hand


def test_all_that_pass_the_filter_are_taken_and_no_other(world: World, operator: Client):
    taken = [waiting(world) for _n in range(2)]
    waiting(world, category_id=world.catalogue.weeds.pk)
    for query in (f"category={world.catalogue.litter.pk}", "certainty=sure"):
        batch = sent(operator, scope="all", query=query)
        assert set(batch.items.values_list("case", flat=True)) == {case.pk for case in taken}
        assert f"?{query}" in operator.get(reverse("dispatch:batch", args=[batch.pk])).content.decode()


def test_several_cases_go_to_one_unit_by_hand(world: World, operator: Client):
    cases = [waiting(world), waiting(world, category_id=world.catalogue.weeds.pk)]
    batch = sent(operator, case=[str(c.pk) for c in cases], to="unit", unit=world.town.committee.pk)
    assert set(batch.items.values_list("unit", "result")) == {(world.town.committee.pk, "planned")}


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "请先勾选"),
        ({"case": "00000000-0000-7000-8000-000000000000"}, "没有选中待派遣"),
        ({"case": "no-key"}, "请先勾选"),
        ({"scope": "all", "query": "area=1"}, "没有选中待派遣"),
        ({"case": "00000000-0000-7000-8000-000000000000", "to": "unit", "unit": ""}, "请选择派给哪个单位"),
    ],
)
def test_a_slip_is_told_kindly(world: World, operator: Client, posted: dict[str, str], said: str):
    answer = operator.post(reverse("dispatch:preview"), posted)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_person_sees_the_cases_of_their_own_place_in_a_queue_and_in_a_batch(world: World, sign_in: SignIn):
    here, elsewhere = waiting(world), waiting(world, region_id=world.town.other_village.pk)
    local = factories.add_person(world, Role.OPERATOR, "centre", "village", "local")
    assert listed(sign_in(local)) == [here.number]
    batch = previews.preview([here.pk, elsewhere.pk], actor=world.operator, at=timezone.now())
    address = reverse("dispatch:batch", args=[batch.pk])
    assert sign_in(local).get(address).status_code == 404
    assert sign_in(world.leader).get(address).status_code == 200


def test_the_queue_costs_the_same_for_one_case_and_for_many(world: World, operator: Client):
    waiting(world)
    one = statements(operator, QUEUE)
    for _n in range(12):
        waiting(world)
    assert statements(operator, QUEUE) == one
    assert one <= 9


def test_a_preview_costs_the_same_for_one_case_and_for_many(world: World, operator: Client):
    def cost(count: int) -> tuple[int, int]:
        keys = [waiting(world).pk for _n in range(count)]
        previews.preview(keys, actor=world.operator, at=timezone.now())
        with CaptureQueriesContext(connection) as seen:
            batch = previews.preview(keys, actor=world.operator, at=timezone.now())
        return len(seen), statements(operator, reverse("dispatch:batch", args=[batch.pk]))

    assert cost(1) == cost(12)
    assert cost(1)[0] <= 12
    assert cost(1)[1] <= 8


def test_each_case_of_a_confirmed_batch_costs_a_fixed_number_of_statements(world: World):
    def cost(count: int) -> int:
        keys = [waiting(world).pk for _n in range(count)]
        batch = previews.preview(keys, actor=world.operator, at=timezone.now())
        batches.confirm(batch.pk, actor=world.operator, at=timezone.now())
        with CaptureQueriesContext(connection) as seen:
            batches.carry_out(batch.pk, at=timezone.now())
        return len(seen)

    cost(1)
    one = (cost(4) - cost(1)) / 3
    assert round((cost(7) - cost(1)) / 6) == round(one)  # what is kept in memory is looked at now and then
    assert one <= 24  # the verb's own, the batch's four, and what those who subscribe to the verb write


def test_a_limit_is_set_shown_with_what_is_in_hand_and_lifted(world: World, sign_in: SignIn):
    leader, address = sign_in(world.leader), reverse("dispatch:limits")
    factories.dispatched(world)
    leader.post(address, {"unit": world.lead_unit, "most": 40})
    assert UnitLimit.objects.get().most == 40
    assert "40" in leader.get(address).content.decode()
    assert leader.post(address, {"unit": world.lead_unit, "most": 0}).status_code == 422
    leader.post(address, {"unit": world.lead_unit})
    assert not UnitLimit.objects.exists()


def test_a_batch_that_is_under_way_says_how_far_it_has_come_and_asks_again(world: World, operator: Client):
    keys = [waiting(world).pk for _n in range(3)]
    batch = previews.preview(keys, actor=world.operator, at=timezone.now())
    batches.confirm(batch.pk, actor=world.operator, at=timezone.now())
    batches.carry_out(batch.pk, at=timezone.now(), most=2)
    page = operator.get(reverse("dispatch:batch", args=[batch.pk])).content.decode()
    assert "已处理 2 / 3 件" in page
    assert 'hx-trigger="every' in page
    assert reverse("dispatch:undo", args=[batch.pk]) not in page
    refused = operator.post(reverse("dispatch:undo", args=[batch.pk]))
    assert refused.status_code == 409
    assert "还没有派遣完" in refused.content.decode()


def test_what_changed_is_listed_with_the_reason_after_the_confirmation(world: World, operator: Client):
    case = waiting(world)
    batch = sent(operator, case=[str(case.pk), str(waiting(world).pk)])
    actions.annotate(case.pk, actor=world.leader, at=timezone.now(), note="等居民回电")
    page = operator.post(reverse("dispatch:confirm", args=[batch.pk]), follow=True).content.decode()
    assert "确认时未能派遣" in page
    assert "预览后案件有新变化（批注）" in page
