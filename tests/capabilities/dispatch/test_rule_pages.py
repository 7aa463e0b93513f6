"""The editor of the town's rules: in order, in words, with kind refusals."""

import pytest
from django.test import Client
from django.urls import reverse

from gridloop.capabilities.dispatch.actions.rules import add_rule
from gridloop.capabilities.dispatch.models import DispatchRule
from tests.core.cases.factories import AT, World
from tests.core.org.factories import SignIn

LIST = "/dispatch/rules/"


@pytest.fixture
def leader(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.leader)


def filled(world: World, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "name": "夜间垃圾派村委会",
        "category_ids": [world.catalogue.litter.pk],
        "channels": ["hotline", "grid"],
        "words": "垃圾\n施工+夜间",
        "starts": "22:00",
        "ends": "06:00",
        "weekdays": [6, 7],
        "working_time": "",
        "lead_id": world.town.committee.pk,
        "assist_unit_ids": [world.town.office.pk],
    }
    return values | changes


def written(world: World, name: str) -> DispatchRule:
    return add_rule(actor=world.leader, at=AT, name=name, lead_id=world.lead_unit, words=[name])


def names(client: Client) -> list[str]:
    return [line.rule.name for line in client.get(LIST).context["rules"]]


def test_a_rule_is_written_and_read_out_in_words(world: World, leader: Client):
    leader.post(reverse("dispatch:add_rule"), filled(world))
    rule = DispatchRule.objects.get()
    assert (rule.words, rule.weekdays, rule.lead_id) == (
        ["垃圾", "施工+夜间"],
        [6, 7],
        world.town.committee.pk,
    )
    page = leader.get(LIST).content.decode()
    for words in (
        "类别为暴露垃圾",
        "12345热线",
        "“施工+夜间”",
        "22:00-06:00",
        "柳桥村委会主办",
        "综合执法局协办",
    ):
        assert words in page, words
    assert "还没有命中过" in page


def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(world: World, leader: Client):
    answer = leader.post(
        reverse("dispatch:add_rule"), filled(world, lead_id="", assist_unit_ids=[], ends="", name="夜间")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请选择主办单位" in page
    assert "起止时间要同时填写" in page
    assert "施工+夜间" in page
    assert not DispatchRule.objects.exists()


def test_rules_are_moved_retired_and_revived(world: World, leader: Client):
    first, second, third = (written(world, name) for name in ("甲", "乙", "丙"))
    up = leader.get(LIST).context["rules"][2].before_up
    leader.post(reverse("dispatch:move_rule", args=[third.pk]), {"before": up})
    assert names(leader) == ["甲", "丙", "乙"]
    leader.post(reverse("dispatch:move_rule", args=[first.pk]), {"before": ""})
    assert names(leader) == ["丙", "乙", "甲"]
    down = leader.get(LIST).context["rules"][0].before_down
    answer = leader.post(
        reverse("dispatch:move_rule", args=[third.pk]), {"before": down}, headers={"HX-Request": "true"}
    )
    assert answer.content.decode().lstrip().startswith('<div id="rules">')
    assert names(leader) == ["乙", "丙", "甲"]
    leader.post(reverse("dispatch:switch_rule", args=[second.pk]))
    assert names(leader) == ["丙", "甲"]
    leader.post(reverse("dispatch:switch_rule", args=[second.pk]), {"to": "active"})
    assert names(leader) == ["乙", "丙", "甲"]


def test_who_saves_over_another_s_change_is_shown_it_first(world: World, leader: Client):
    rule = written(world, "甲")
    address = reverse("dispatch:rule", args=[rule.pk])
    mine = filled(world, version=rule.version, name="我的")
    leader.post(address, filled(world, version=rule.version, name="别人的"))
    stale = leader.post(address, mine)
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "规则刚刚被他人修改" in page
    assert 'value="我的"' in page
    leader.post(address, mine | {"version": DispatchRule.objects.get().version})
    assert DispatchRule.objects.get().name == "我的"


def test_an_operator_writes_no_rules(world: World, sign_in: SignIn):
    operator = sign_in(world.operator)
    assert operator.get(LIST).status_code == 403
    assert operator.post(reverse("dispatch:add_rule"), filled(world)).status_code == 403
    assert not DispatchRule.objects.exists()


def test_the_list_costs_the_same_for_one_rule_and_for_many(
    world: World, leader: Client, django_assert_num_queries
):
    written(world, "甲")
    leader.get(LIST)
    with django_assert_num_queries(4):
        leader.get(LIST)
    for name in "乙丙丁戊":
        written(world, name)
    leader.get(LIST)
    with django_assert_num_queries(4):
        leader.get(LIST)
