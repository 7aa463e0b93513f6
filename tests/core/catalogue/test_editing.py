"""Categories one by one, and new versions of standards and duties."""

from datetime import date

import pytest

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import Category, DutyKind, Standard
from gridloop.core.catalogue.rulebook import Limit, rulebook
from gridloop.core.catalogue.stages import Stage
from tests.core.catalogue.factories import SINCE, make_catalogue
from tests.core.org.factories import make_town

pytestmark = pytest.mark.django_db

LATER = date(2026, 7, 1)


@pytest.fixture
def made():
    return make_catalogue()


def test_a_sub_category_hangs_under_the_main_one_that_its_code_begins_with(made):
    assert actions.add_category("0103", name="乱堆物料").parent == made.main


def test_a_code_is_given_once(made):
    with pytest.raises(actions.CodeTaken) as refusal:
        actions.add_category("0101", name="又一个")
    assert list(refusal.value.fields) == ["code"]


def test_a_sub_category_without_a_main_one_is_refused(made):
    with pytest.raises(actions.NoMainCategory, match="09"):
        actions.add_category("0901", name="悬空")


@pytest.mark.parametrize("code", ["", "1", "011", "01011", "0a", "市容", "①②", "01 1"])
def test_a_code_is_two_or_four_digits_or_capitals(code):
    with pytest.raises(InvalidInput) as refusal:
        actions.add_category(code, name="甲")
    assert refusal.value.fields


@pytest.mark.parametrize("name", ["", "   "])
def test_a_category_needs_a_name(made, name):
    with pytest.raises(InvalidInput, match="名称"):
        actions.amend_category(made.litter.pk, name=name)


def test_amending_changes_only_what_is_named(made):
    actions.amend_category(made.litter.pk, keywords=["垃圾", "脏"])
    litter = Category.objects.get(pk=made.litter.pk)
    assert (litter.keywords, litter.name, litter.icon) == (["垃圾", "脏"], "暴露垃圾", "trash")


def test_a_version_of_the_same_day_is_replaced(made):
    first = actions.set_standard(made.litter.pk, LATER, opening="甲")
    second = actions.set_standard(made.litter.pk, LATER, opening="乙")
    assert first.pk == second.pk
    assert Standard.objects.filter(category=made.litter).count() == 2


def test_a_new_version_leaves_the_old_ones_row_as_it_was(made):
    before = list(Standard.objects.filter(category=made.litter).values())
    actions.set_standard(made.litter.pk, LATER, limits={Stage.SIGN: Limit(1, LimitUnit.DAY)}, opening="甲")
    assert list(Standard.objects.filter(category=made.litter, effective_on=SINCE).values()) == before
    old = Standard.objects.get(category=made.litter, effective_on=SINCE)
    assert [str(limit) for limit in old.limits.all()] == ["处置 4 工作时"]


def test_a_duty_cannot_have_two_leads(made):
    town = make_town()
    with pytest.raises(InvalidInput) as refusal:
        actions.set_duty(made.litter.pk, SINCE, lead_unit_id=town.office.pk, is_local_lead=True)
    assert list(refusal.value.fields) == ["lead_unit"]


def test_the_committee_of_the_place_cannot_lead_and_assist(made):
    with pytest.raises(InvalidInput) as refusal:
        actions.set_duty(made.litter.pk, SINCE, is_local_lead=True, is_local_assist=True)
    assert list(refusal.value.fields) == ["is_local_assist"]


@pytest.mark.parametrize("kind", [DutyKind.TOWN_ASSIST, DutyKind.UPPER])
def test_a_matter_of_the_level_above_needs_its_department(made, kind):
    with pytest.raises(InvalidInput) as refusal:
        actions.set_duty(made.litter.pk, SINCE, kind=kind)
    assert list(refusal.value.fields) == ["upper_department"]


def test_a_duty_of_the_same_day_is_replaced_with_its_assisting_units(made):
    town = make_town()
    first = actions.set_duty(made.litter.pk, SINCE, is_local_lead=True, assist_unit_ids=[town.office.pk])
    second = actions.set_duty(made.litter.pk, SINCE, lead_unit_id=town.office.pk)
    assert first.pk == second.pk
    duty = rulebook().duty(made.litter.pk, town.grid.path, SINCE)
    assert (duty.lead_unit_id, duty.assist_unit_ids) == (town.office.pk, ())


def test_the_committee_of_the_place_assists_where_a_duty_says_so(made):
    town = make_town()
    actions.set_duty(made.litter.pk, SINCE, lead_unit_id=town.office.pk, is_local_assist=True)
    assist = {
        region.name: rulebook().duty(made.litter.pk, region.path, SINCE).assist_unit_ids
        for region in (town.grid, town.other_village)
    }
    assert assist == {"柳桥第1网格": (town.committee.pk,), "东塘村": ()}
