"""What the database itself refuses."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import Category, Duty, DutyKind, StageLimit, Standard, Upload
from tests.core.catalogue.factories import SINCE, make_catalogue, make_duty
from tests.core.org.factories import make_person, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return make_catalogue()


def refused(constraint, write):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("category_code_fits_level", {"code": "01"}),
        ("category_code_fits_level", {"code": "010a"}),
        ("category_code_fits_level", {"parent": None}),
        ("category_named", {"name": ""}),
        ("category_kind_known", {"kind": "person"}),
        ("category_urgency_known", {"urgency": "whenever"}),
    ],
)
def test_a_sub_category_with_a_wrong_code_name_kind_or_urgency_is_refused(made, constraint, change):
    if change == {"code": "01"}:
        Category.objects.filter(pk=made.main.pk).update(code="02")
    refused(constraint, lambda: Category.objects.filter(pk=made.weeds.pk).update(**change))


def test_a_main_category_with_a_code_of_four_is_refused(made):
    refused("category_code_fits_level", lambda: Category.objects.filter(pk=made.main.pk).update(code="0199"))


def test_two_categories_never_share_a_code(made):
    refused("code", lambda: Category.objects.filter(pk=made.weeds.pk).update(code="0101"))


@pytest.mark.parametrize("which", ["litter", None])
def test_a_standard_has_one_version_a_day_the_towns_default_too(made, which):
    category = getattr(made, which) if which else None
    refused("standard_one_a_day", lambda: Standard.objects.create(category=category, effective_on=SINCE))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("stage_limit_range", {"amount": 0}),
        ("stage_limit_range", {"amount": 10_001}),
        ("stage_limit_stage_known", {"stage": "ponder"}),
        ("stage_limit_unit_known", {"unit": "fortnight"}),
    ],
)
def test_a_limit_of_an_unknown_stage_or_unit_or_beyond_reason_is_refused(made, constraint, change):
    limits = StageLimit.objects.filter(standard__category=made.litter)
    refused(constraint, lambda: limits.update(**change))


def test_a_stage_has_one_limit_in_a_standard(made):
    limit = StageLimit.objects.get(standard__category=made.litter)
    limit.pk = None
    refused("stage_limit_once", limit.save)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("duty_kind_known", {"kind": "maybe"}),
        ("duty_one_lead", {"is_local_lead": True}),
        ("duty_lead_known_or_named", {"lead_name": "环卫所"}),
        ("duty_upper_named", {"kind": DutyKind.UPPER}),
        ("duty_local_once", {"is_local_lead": True, "lead_unit": None, "is_local_assist": True}),
    ],
)
def test_a_duty_with_two_leads_or_without_its_department_above_is_refused(made, constraint, change):
    duty = make_duty(made.litter, make_town().office)
    refused(constraint, lambda: Duty.objects.filter(pk=duty.pk).update(**change))


@pytest.mark.parametrize("in_village", [True, False])
def test_a_duty_has_one_version_a_day_in_a_region(made, in_village):
    town = make_town()
    region_id = town.village.pk if in_village else None
    duty = make_duty(made.litter, town.office, region_id=region_id)
    duty.pk = None
    refused("duty_one_a_day", lambda: duty.save(force_insert=True))


def test_an_upload_that_was_not_applied_was_applied_by_nobody(made):
    values = {"file_name": "a.xlsx", "content": b"", "effective_on": SINCE, "fingerprint": "0" * 64}
    person = make_person("qian")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    refused(
        "upload_applied_by_somebody_at_a_time",
        lambda: Upload.objects.create(**values, uploaded_at=at, applied_by=person),
    )


def test_a_category_with_rules_cannot_be_deleted(made):
    with pytest.raises(ProtectedError):
        made.litter.delete()


def test_every_change_of_a_rule_is_kept_by_trigger_whoever_makes_it(made):
    Category.objects.filter(pk=made.litter.pk).update(name="垃圾")
    names = made.litter.pgh_event_model.objects.filter(pgh_obj=made.litter.pk).order_by("pgh_id")
    assert list(names.values_list("pgh_label", "name")) == [("insert", "暴露垃圾"), ("update", "垃圾")]


def test_a_rule_that_is_replaced_on_its_own_day_can_still_be_read_in_the_history(made):
    actions.set_standard(made.litter.pk, date(2026, 1, 1), opening="甲")
    standard = actions.set_standard(made.litter.pk, date(2026, 1, 1), opening="乙")
    events = standard.pgh_event_model.objects.filter(pgh_obj=standard.pk).order_by("pgh_id")
    assert [event.opening for event in events][-2:] == ["甲", "乙"]
