"""Rules that the town writes: what fits, in which order, beside the duty list, and how they change."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.dispatch.actions.rules import (
    RuleChanged,
    add_rule,
    amend_rule,
    draft,
    move_rule,
    retire_rule,
    revive_rule,
)
from gridloop.capabilities.dispatch.matching import Conditions, Matter, RuleView, first_match, fits
from gridloop.capabilities.dispatch.models import DispatchRule
from gridloop.capabilities.dispatch.rules import rules_in_force
from gridloop.core.audit.models import Entry
from gridloop.core.org import actions as org
from gridloop.core.org.actions.acts import stream_of
from tests.core.cases.factories import AT, World

NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Monday
MATTER = Matter(11, 1, "00010002", "portal", "柳桥路口有噪音扰民", NIGHT, is_working_time=False)


@pytest.mark.parametrize(
    ("asked", "is_fit"),
    [
        (Conditions(), True),
        (Conditions(category_ids=frozenset({1})), True),
        (Conditions(category_ids=frozenset({11, 12})), True),
        (Conditions(category_ids=frozenset({12})), False),
        (Conditions(region_paths=("0001",)), True),
        (Conditions(region_paths=("00010003", "00010002")), True),
        (Conditions(region_paths=("00010003",)), False),
        (Conditions(channels=frozenset({"hotline"})), False),
        (Conditions(words=("噪音",)), True),
        (Conditions(words=("油烟", "噪音+路口")), True),
        (Conditions(words=("噪音+油烟",)), False),
        (Conditions(words=("+",)), False),
        (Conditions(weekdays=frozenset({1})), True),
        (Conditions(weekdays=frozenset({6, 7})), False),
        (Conditions(starts=time(22), ends=time(6)), True),
        (Conditions(starts=time(6), ends=time(22)), False),
        (Conditions(working_time="outside"), True),
        (Conditions(working_time="within"), False),
        (Conditions(words=("噪音",), weekdays=frozenset({2})), False),
    ],
)
def test_all_conditions_must_hold_and_an_empty_one_asks_for_nothing(asked: Conditions, is_fit: bool) -> None:
    assert fits(asked, MATTER) is is_fit


def test_the_hours_of_a_rule_end_before_their_last_minute() -> None:
    asked = Conditions(starts=time(22), ends=time(23, 30))
    assert not fits(asked, MATTER)
    assert fits(asked, replace(MATTER, at=datetime(2026, 3, 2, 22, 0, tzinfo=UTC)))


def test_the_first_that_fits_decides() -> None:
    rules = [RuleView(1, "油烟", Conditions(words=("油烟",)), 7), RuleView(2, "噪音", Conditions(), 8)]
    assert first_match(rules, MATTER, None) == rules[1]


def test_a_rule_speaks_against_the_duty_list_only_where_it_says_so() -> None:
    rule = RuleView(1, "夜间", Conditions(), lead_unit_id=7)
    assert first_match([rule], MATTER, 8) is None
    assert first_match([rule], MATTER, 7) == rule
    assert first_match([rule], MATTER, None) == rule
    louder = replace(rule, beats_duty=True)
    assert first_match([louder], MATTER, 8) == louder


@pytest.mark.django_db
class TestWriting:
    def test_rules_stand_in_the_order_in_which_they_were_put(self, world: World) -> None:
        said = {"actor": world.leader, "at": AT}
        one, two, three = (add_rule(**said, name=n, lead_id=world.lead_unit) for n in "甲乙丙")
        assert [rule.name for rule in rules_in_force()] == ["甲", "乙", "丙"]
        move_rule(three.pk, before=one.pk, **said)
        assert [rule.name for rule in rules_in_force()] == ["丙", "甲", "乙"]
        move_rule(three.pk, before=None, **said)
        assert [rule.name for rule in rules_in_force()] == ["甲", "乙", "丙"]
        retire_rule(two.pk, **said)
        assert [rule.name for rule in rules_in_force()] == ["甲", "丙"]
        revive_rule(two.pk, **said)
        assert [rule.name for rule in rules_in_force()] == ["甲", "乙", "丙"]
        lines = Entry.objects.filter(stream=stream_of(two)).order_by("seq").values_list("verb", flat=True)
        assert list(lines) == ["dispatchrule.add", "dispatchrule.retire", "dispatchrule.revive"]

    def test_whoever_only_dispatches_writes_no_rule(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            add_rule(actor=world.operator, at=AT, name="甲", lead_id=world.lead_unit)

    def test_of_two_who_edit_a_rule_the_second_is_told(self, world: World) -> None:
        rule = add_rule(actor=world.leader, at=AT, name="甲", lead_id=world.lead_unit)
        said = {"actor": world.leader, "at": AT, "expected_version": rule.version}
        amend_rule(rule.pk, **said, words=["噪音", " 噪音 ", ""])
        with pytest.raises(RuleChanged):
            amend_rule(rule.pk, **said, name="乙")
        assert DispatchRule.objects.get().words == ["噪音"]

    def test_every_version_is_kept(self, world: World) -> None:
        rule = add_rule(actor=world.leader, at=AT, name="甲", lead_id=world.lead_unit)
        amend_rule(rule.pk, actor=world.leader, at=AT, expected_version=None, name="乙")
        kept = rule.pgh_event_model.objects.order_by("pgh_id").values_list("name", flat=True)
        assert list(kept) == ["甲", "乙"]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": ""}, "name"),
            ({"lead_id": None}, "lead_id"),
            ({"lead_id": 10**9}, "lead_id"),
            ({"lead_id": None, "assist_unit_ids": [10**9]}, "assist_unit_ids"),
            ({"category_ids": [10**9]}, "category_ids"),
            ({"region_ids": [10**9]}, "region_ids"),
            ({"channels": ["pigeon"]}, "channels"),
            ({"weekdays": [8]}, "weekdays"),
            ({"starts": time(8)}, "ends"),
            ({"starts": time(8), "ends": time(8)}, "ends"),
            ({"words": ["噪" * 41]}, "words"),
            ({"assignee_id": 10**9}, "assignee_id"),
        ],
    )
    def test_a_slip_is_told_at_its_field_and_nothing_is_stored(
        self, world: World, fields: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            add_rule(actor=world.leader, at=AT, **{"name": "甲", "lead_id": world.lead_unit} | fields)
        assert field in refusal.value.fields
        assert not DispatchRule.objects.exists()

    def test_a_person_is_named_only_in_a_unit_that_takes_names(self, world: World) -> None:
        given = {"name": "甲", "lead_id": world.lead_unit, "assignee_id": world.handler.user_id}
        with pytest.raises(InvalidInput):
            draft(**given)
        org.amend_unit(world.lead_unit, takes_named=True)
        assert draft(**given).assignee_id == world.handler.user_id
