"""What the rulebook answers: the right version of a day, the right region, and nothing from the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import DutyKind
from gridloop.core.catalogue.rulebook import Limit, rulebook
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org import actions as org
from gridloop.core.org import revisions
from gridloop.core.org.revisions import forget_all
from tests.core.catalogue.factories import SINCE, TOWN_LIMITS, make_catalogue, make_duty
from tests.core.org.factories import make_town

pytestmark = pytest.mark.django_db

LATER = date(2026, 7, 1)
DAY = timedelta(days=1)
FOUR_HOURS = Limit(4, LimitUnit.WORKING_HOUR)


@pytest.fixture(autouse=True)
def _fresh_rulebook():
    forget_all()
    yield
    forget_all()


def handle_limit(category, on):
    return rulebook().standard(category.pk, on).limits.get(Stage.HANDLE)


def test_a_category_has_its_own_limit_and_the_towns_for_the_other_stages():
    made = make_catalogue()
    limits = rulebook().standard(made.litter.pk, SINCE).limits
    assert limits == {**TOWN_LIMITS, Stage.HANDLE: FOUR_HOURS}
    assert list(limits) == list(Stage)


def test_a_category_without_a_standard_falls_back_to_its_main_category_then_to_the_town():
    made = make_catalogue()
    assert handle_limit(made.weeds, SINCE) == TOWN_LIMITS[Stage.HANDLE]
    three_days = Limit(3, LimitUnit.WORKING_DAY)
    actions.set_standard(made.main.pk, SINCE, limits={Stage.HANDLE: three_days}, closing="清理")
    standard = rulebook().standard(made.weeds.pk, SINCE)
    assert (standard.limits[Stage.HANDLE], standard.closing, standard.opening) == (three_days, "清理", "属实")


def test_a_new_version_holds_from_its_day_on_and_the_old_one_until_the_day_before():
    made = make_catalogue()
    actions.set_standard(made.litter.pk, LATER, limits={Stage.HANDLE: Limit(2, LimitUnit.DAY)})
    assert handle_limit(made.litter, LATER - DAY) == FOUR_HOURS
    assert handle_limit(made.litter, LATER) == Limit(2, LimitUnit.DAY)


def test_a_new_version_keeps_what_it_does_not_name():
    made = make_catalogue()
    actions.set_standard(made.litter.pk, LATER, closing="垃圾清除干净")
    standard = rulebook().standard(made.litter.pk, LATER)
    assert (standard.opening, standard.closing) == ("有成堆垃圾", "垃圾清除干净")
    assert standard.limits[Stage.HANDLE] == FOUR_HOURS


def test_a_version_that_says_nothing_ends_the_one_before():
    made = make_catalogue()
    actions.set_standard(made.litter.pk, LATER, limits={}, opening="")
    standard = rulebook().standard(made.litter.pk, LATER)
    assert (standard.limits[Stage.HANDLE], standard.opening) == (TOWN_LIMITS[Stage.HANDLE], "属实")


def test_what_was_copied_from_the_old_version_is_not_touched_by_the_new_one():
    """An open case's clock has copied the limit: a plain value, which no later version reaches."""
    made = make_catalogue()
    clock = handle_limit(made.litter, LATER - DAY)
    actions.set_standard(made.litter.pk, LATER, limits={Stage.HANDLE: Limit(9, LimitUnit.DAY)})
    assert clock == FOUR_HOURS == handle_limit(made.litter, LATER - DAY)


def test_before_the_first_version_and_without_any_the_rulebook_is_silent_and_has_no_limits():
    made = make_catalogue()
    before = rulebook().standard(made.litter.pk, SINCE - DAY)
    assert (before.id, dict(before.limits), before.opening) == (None, {}, "")


def test_an_unknown_category_is_held_to_the_towns_default():
    make_catalogue()
    assert rulebook().standard(10**6, SINCE).limits == TOWN_LIMITS


def test_the_smallest_regions_duty_wins():
    town, made = make_town(), make_catalogue()
    make_duty(made.litter, town.centre)
    make_duty(made.litter, town.office, region_id=town.village.pk)

    def lead(region):
        return rulebook().duty(made.litter.pk, region.path, SINCE).lead_unit_id

    assert lead(town.town) == lead(town.other_village) == town.centre.pk
    assert lead(town.village) == lead(town.grid) == town.office.pk


def test_a_regions_duty_that_is_withdrawn_gives_way_to_the_wider_regions():
    town, made = make_town(), make_catalogue()
    make_duty(made.litter, town.centre)
    make_duty(made.litter, town.office, region_id=town.village.pk)
    actions.withdraw_duty(made.litter.pk, LATER, region_id=town.village.pk)

    def lead(on):
        return rulebook().duty(made.litter.pk, town.grid.path, on).lead_unit_id

    assert (lead(LATER - DAY), lead(LATER)) == (town.office.pk, town.centre.pk)


def test_a_duty_of_the_main_category_answers_for_its_sub_categories_without_one():
    town, made = make_town(), make_catalogue()
    make_duty(made.main, town.office)
    assert rulebook().duty(made.weeds.pk, town.grid.path, SINCE).lead_unit_id == town.office.pk
    assert rulebook().duty(made.weeds.pk, town.grid.path, SINCE - DAY) is None


def test_a_local_lead_is_the_committee_of_the_village_in_which_the_place_lies():
    town, made = make_town(), make_catalogue()
    actions.set_duty(made.litter.pk, SINCE, is_local_lead=True)
    duty = rulebook().duty(made.litter.pk, town.grid.path, SINCE)
    assert (duty.is_local_lead, duty.lead_unit_id) == (True, town.committee.pk)
    elsewhere = rulebook().duty(made.litter.pk, town.other_village.path, SINCE)
    assert (elsewhere.is_local_lead, elsewhere.lead_unit_id) == (True, None)


def test_a_committee_set_up_later_becomes_the_local_lead_at_once():
    town, made = make_town(), make_catalogue()
    actions.set_duty(made.litter.pk, SINCE, is_local_lead=True)
    rulebook()
    added = org.add_unit(
        town.centre, code="v2", name="东塘村委会", kind="village_committee", region=town.other_village
    )
    assert rulebook().duty(made.litter.pk, town.other_village.path, SINCE).lead_unit_id == added.pk


def test_a_matter_of_the_level_above_names_the_department_and_the_assisting_units():
    town, made = make_town(), make_catalogue()
    actions.set_duty(
        made.litter.pk,
        SINCE,
        kind=DutyKind.UPPER,
        upper_department="区生态环境局",
        assist_unit_ids=[town.office.pk, town.committee.pk],
    )
    duty = rulebook().duty(made.litter.pk, town.grid.path, SINCE)
    assert (duty.kind, duty.upper_department) == ("upper", "区生态环境局")
    assert duty.assist_unit_ids == tuple(sorted([town.office.pk, town.committee.pk]))


def test_categories_are_found_by_code_and_by_name():
    made = make_catalogue()
    book = rulebook()
    assert book.by_code(" 0101 ").id == book.by_name("暴露垃圾").id == made.litter.pk
    assert (book.by_code("9999"), book.by_name("不存在")) == (None, None)
    assert [c.code for c in book.main()] == ["01"]
    assert [c.code for c in book.sub(made.main.pk)] == ["0101", "0102"]


def test_a_retired_category_keeps_its_name_but_is_no_longer_offered():
    made = make_catalogue()
    actions.amend_category(made.litter.pk, is_active=False)
    book = rulebook()
    assert book.category(made.litter.pk).name == "暴露垃圾"
    assert [c.code for c in book.sub()] == ["0102"]
    assert book.suggest("门口有垃圾堆") == []


def test_the_portal_is_offered_public_categories_only():
    made = make_catalogue()
    assert rulebook().suggest("杂草太高")[0].category_id == made.weeds.pk
    assert rulebook().suggest("杂草太高", is_public=True) == []


def test_loading_the_rulebook_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    make_catalogue()
    with django_assert_max_num_queries(10):
        rulebook().standard(None, SINCE)


def test_a_loaded_rulebook_answers_without_a_query(django_assert_num_queries):
    town, made = make_town(), make_catalogue()
    make_duty(made.litter, town.office)
    rulebook()
    with django_assert_num_queries(0):
        book = rulebook()
        book.standard(made.litter.pk, SINCE)
        book.duty(made.litter.pk, town.grid.path, SINCE)
        book.suggest("路边有垃圾堆")


def test_a_change_that_is_rolled_back_is_forgotten_with_its_transaction():
    made = make_catalogue()
    rulebook()
    with transaction.atomic():
        actions.set_standard(made.litter.pk, SINCE, opening="未提交")
        assert rulebook().standard(made.litter.pk, SINCE).opening == "未提交"
        transaction.set_rollback(True)
    assert rulebook().standard(made.litter.pk, SINCE).opening == "有成堆垃圾"


@pytest.mark.django_db(transaction=True)
def test_a_change_by_another_process_is_seen_at_the_next_look(settings):
    settings.REVISION_TTL_S = 0
    made = make_catalogue()
    assert rulebook().standard(made.litter.pk, SINCE).opening == "有成堆垃圾"
    with ThreadPoolExecutor(1) as other:
        other.submit(_change_elsewhere, made.litter.pk).result()
    assert rulebook().standard(made.litter.pk, SINCE).opening == "别处改的"


def _change_elsewhere(category_id):
    """Change a standard over a connection of its own, as another process would: this one is not told."""
    kept = dict(revisions._kept)
    try:
        actions.set_standard(category_id, SINCE, opening="别处改的")
    finally:
        connection.close()
    revisions._kept.update(kept)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_rulebook_go_one_after_the_other():
    made = make_catalogue()
    with ThreadPoolExecutor(2) as both:
        days = [LATER, LATER]
        done = [both.submit(_set, made.litter.pk, day, text) for day, text in zip(days, "甲乙", strict=True)]
        [future.result() for future in done]
    assert rulebook().standard(made.litter.pk, LATER).opening in "甲乙"
    assert made.litter.standards.filter(effective_on=LATER).count() == 1


def _set(category_id, day, text):
    try:
        actions.set_standard(category_id, day, opening=text)
    finally:
        connection.close()
