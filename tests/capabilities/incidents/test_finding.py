"""Who is able and near, in what order, in how many statements."""

import numpy as np
import pytest

from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.finding import Around, Need, find, haversine_m
from gridloop.capabilities.incidents.needs import Search, groups_for
from tests.capabilities.incidents.factories import AT, SPOT, called, incident, plan, resource, sandbags

SUNDAY_ONLY = "周日 08:00-18:00"  # AT is a Monday


def around(**changes) -> Around:
    return Around(*SPOT, AT, **changes)


def names(group) -> list[str]:
    return [c.name for c in group.candidates]


def test_the_distance_is_that_of_the_globe():
    # Beijing to Shanghai, by the published great-circle distance of about 1,067 km.
    metres = haversine_m(116.4074, 39.9042, np.array([121.4737]), np.array([31.2304]))[0]
    assert metres == pytest.approx(1_067_000, rel=0.005)


def test_the_nearest_comes_first_and_the_way_is_longer_than_the_line(world):
    for name, steps in (("远", 5), ("近", 1), ("中", 3)):
        resource(world, name, steps=steps)
    group = find([Need("team")], around())[0]
    assert names(group) == ["近", "中", "远"]
    nearest = group.candidates[0]
    assert nearest.distance_m == pytest.approx(nearest.straight_m * 1.3, abs=1)


def test_every_skill_is_needed(world):
    resource(world, "只会一样", skills=("gas_repair",))
    resource(world, "两样都会", steps=4, skills=("gas_repair", "hazmat"))
    assert names(find([Need("team", skills=("gas_repair", "hazmat"))], around())[0]) == ["两样都会"]


def test_who_is_off_duty_comes_last_or_not_at_all(world):
    resource(world, "近但不在岗", steps=1, duty=SUNDAY_ONLY)
    resource(world, "远但在岗", steps=5)
    assert names(find([Need("team")], around())[0]) == ["远但在岗", "近但不在岗"]
    assert names(find([Need("team")], around(only_on_duty=True))[0]) == ["远但在岗"]


def test_beyond_the_radius_nobody_is_offered_but_whom_the_plan_names(world):
    near = resource(world, "近", steps=1)
    far = resource(world, "远", steps=20)
    assert names(find([Need("team", radius_m=500)], around())[0]) == ["近"]
    assert names(find([Need("team", radius_m=500, preassigned=(far.pk,))], around())[0]) == ["远", near.name]


def test_what_is_out_of_use_is_not_offered(world):
    resource(world, "停用", is_active=False)
    assert names(find([Need("team")], around())[0]) == []


def test_who_is_at_another_emergency_is_shown_last_with_its_number(world):
    busy = resource(world, "忙", steps=1)
    resource(world, "闲", steps=4)
    other, _calls = called(world, busy)
    group = find([Need("team")], around(incident_id=incident(world, title="另一起").pk))[0]
    assert [(c.name, c.busy) for c in group.candidates] == [("闲", ""), ("忙", other.number)]


def test_an_emergency_may_take_who_is_at_a_drill_and_a_drill_takes_nobody(world):
    team = resource(world, "队")
    called(world, team, to=incident(world, is_drill=True))
    real = incident(world, title="真的")
    assert find([Need("team")], around(incident_id=real.pk))[0].candidates[0].is_free
    _real, (call,) = called(world, team, to=real)
    assert call.is_active
    drill = incident(world, title="又一场演练", is_drill=True)
    made = actions.call(drill.pk, [actions.Wanted(team.pk)], actor=world.leader, at=AT)
    assert made.left_out == [("队", f"正在执行 {real.number} 的任务")]


def test_a_store_serves_several_and_says_what_it_holds(world):
    store = resource(world, "库", kind="store", stock=(sandbags("480.5"),))
    called(world, store)
    found = find([Need("store")], around(incident_id=incident(world, title="另一起").pk))[0].candidates[0]
    assert found.is_free
    assert found.stock == "沙袋 480.5只"


def test_a_plan_asks_role_by_role_and_says_what_is_lacking(world):
    resource(world, "燃气抢修班", skills=("gas_repair",))
    resource(world, "民兵分队", skills=("evacuation",), steps=2)
    opened = incident(world, plan_id=plan(world).pk)
    repair, evacuation = groups_for(opened, Search(), AT)
    assert (names(repair), repair.missing) == (["燃气抢修班"], 0)
    assert (names(evacuation), evacuation.missing) == (["民兵分队"], 1)
    assert names(groups_for(opened, Search(kind="team"), AT)[0]) == ["燃气抢修班", "民兵分队"]


def test_the_number_of_statements_does_not_grow(world, django_assert_num_queries):
    actions.load_common_skills(actor=world.leader)
    needs = [Need(kind) for kind in ("person", "team", "vehicle", "store", "shelter")]
    for n in range(3):
        resource(world, f"先{n}", kind="store", steps=n, stock=(sandbags(),))
    find(needs, around())
    with django_assert_num_queries(4):
        find(needs[:1] + needs[3:4], around())
    for n in range(20):
        resource(world, f"后{n}", kind="vehicle", steps=n)
    with django_assert_num_queries(4):
        find(needs, around())
