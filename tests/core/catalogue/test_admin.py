"""An administrator looks after categories, standards and duty lists; nothing that took effect is rewritten."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.audit.models import Entry
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import Category, Duty, Standard
from gridloop.core.catalogue.rulebook import Limit, rulebook
from gridloop.core.catalogue.stages import Stage
from tests.core.catalogue.factories import SINCE, TOWN_LIMITS, make_duty

pytestmark = pytest.mark.django_db

MODELS = ["category", "standard", "duty", "upload"]


def listing(model):
    return reverse(f"admin:catalogue_{model}_changelist")


def adding(model):
    return reverse(f"admin:catalogue_{model}_add")


def page_of(row):
    return reverse(f"admin:catalogue_{row._meta.model_name}_change", args=[row.pk])


def history_of(row):
    return reverse(f"admin:catalogue_{row._meta.model_name}_history", args=[row.pk])


def errors(answer):
    return answer.context_data["adminform"].form.errors


def shown(answer):
    return [str(row) for row in answer.context_data["cl"].result_list]


def said_of_category(category, **changes):
    said = {"name": category.name, "kind": category.kind, "keywords": "、".join(category.keywords)}
    said |= {"icon": category.icon, "urgency": category.urgency, "is_active": "on"}
    return {**said, **({"is_public": "on"} if category.is_public else {}), **changes}


def limits(**given):
    """Return the posted fields of the limits: stage → (amount, unit), the others blank."""
    said = {f"limit_{stage.value}_{n}": "" for stage in Stage for n in (0, 1)}
    for stage, (amount, unit) in given.items():
        said |= {f"limit_{stage}_0": str(amount), f"limit_{stage}_1": unit}
    return said


def said_of_standard(on, **changes):
    texts = {"opening": "属实", "closing": "办结", "evidence": "", "basis": ""}
    return {"effective_on": on.isoformat(), **texts, **limits(), **changes}


def said_of_duty(on, **changes):
    texts = {"lead_unit": "", "lead_name": "", "assist_names": "", "upper_department": "", "basis": ""}
    return {"effective_on": on.isoformat(), "kind": "town_primary", **texts, **changes}


@pytest.fixture
def today():
    return timezone.localdate()


# who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_a_dispatcher_sees_no_page_of_the_rulebook(outsider, model):
    assert outsider.get(listing(model)).status_code in (302, 403)
    assert outsider.post(adding(model), {}).status_code in (302, 403)


@pytest.mark.parametrize("name", ["catalogue_download", "catalogue_upload_file"])
def test_a_dispatcher_downloads_nothing(outsider, name):
    arguments = [1] if name == "catalogue_upload_file" else []
    assert outsider.get(reverse(f"admin:{name}", args=arguments)).status_code in (302, 403)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_of_the_rulebook_can_be_deleted(desk, model):
    assert desk.get(reverse(f"admin:catalogue_{model}_delete", args=[1])).status_code in (302, 403)


# categories ----------------------------------------------------------------------------------------------------


def test_a_category_is_added_with_its_keywords_each_once(desk, made):
    said = {"code": "0103", "name": "乱堆物料", "kind": "event", "urgency": "normal"}
    assert desk.post(adding("category"), {**said, "keywords": "乱堆，堆物;乱堆"}).status_code == 302
    added = Category.objects.get(code="0103")
    assert (added.parent, added.keywords, added.is_public) == (made.main, ["乱堆", "堆物"], False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "0101"}, "code"),
        ({"code": "9901"}, "code"),
        ({"code": "1"}, "code"),
        ({"name": ""}, "name"),
        ({"kind": "?"}, "kind"),
        ({"keywords": "长" * 41}, "keywords"),
        ({"icon": "no-such-icon"}, "icon"),
    ],
)
def test_a_category_that_cannot_be_comes_back_with_what_was_typed(desk, made, changes, field):
    said = {"code": "0103", "name": "乱堆物料", "kind": "event", "urgency": "normal", "keywords": "堆"}
    answer = desk.post(adding("category"), {**said, **changes})
    assert answer.status_code == 422
    assert field in errors(answer)
    assert changes[field] in answer.content.decode() or field == "kind"
    assert Category.objects.count() == 3


def test_a_category_is_amended_and_its_code_stays(desk, made):
    said = said_of_category(made.litter, keywords="垃圾、脏", code="0109")
    assert desk.post(page_of(made.litter), said).status_code == 302
    litter = Category.objects.get(pk=made.litter.pk)
    assert (litter.code, litter.keywords) == ("0101", ["垃圾", "脏"])


def test_the_list_of_categories_can_be_narrowed_to_a_main_one_and_searched(desk, made):
    actions.add_category("02", name="施工")
    assert len(shown(desk.get(listing("category") + "?main=01"))) == 3
    assert shown(desk.get(listing("category") + "?q=杂草")) == ["0102 杂草丛生"]


# standards -----------------------------------------------------------------------------------------------------


def test_editing_a_standard_makes_a_version_of_today_and_leaves_the_old_one(desk, made, today):
    old = Standard.objects.get(category=made.litter)
    page = desk.get(page_of(old)).context_data["adminform"].form
    assert page.initial["effective_on"] == today
    said = said_of_standard(today, **limits(handle=(2, "day")), opening="有垃圾")
    assert desk.post(page_of(old), said).status_code == 302
    old.refresh_from_db()
    assert (old.effective_on, old.opening) == (SINCE, "有成堆垃圾")
    now = rulebook().standard(made.litter.pk, today)
    before = rulebook().standard(made.litter.pk, today - timedelta(days=1))
    assert (now.opening, now.limits[Stage.HANDLE]) == ("有垃圾", Limit(2, LimitUnit.DAY))
    assert (before.opening, before.limits[Stage.HANDLE]) == ("有成堆垃圾", Limit(4, LimitUnit.WORKING_HOUR))


def test_a_standard_cannot_be_given_a_day_that_has_passed(desk, made, today):
    old = Standard.objects.get(category=made.litter)
    answer = desk.post(page_of(old), said_of_standard(today - timedelta(days=1)))
    assert (answer.status_code, list(errors(answer))) == (422, ["effective_on"])
    assert Standard.objects.filter(category=made.litter).count() == 1


def test_a_version_still_to_come_is_amended_in_place(desk, made, today):
    coming = actions.set_standard(made.litter.pk, today + timedelta(days=30), opening="甲")
    said = said_of_standard(today, opening="乙")
    assert desk.post(page_of(coming), said).status_code == 302
    coming.refresh_from_db()
    assert (coming.opening, coming.effective_on) == ("乙", today + timedelta(days=30))
    assert Standard.objects.filter(category=made.litter).count() == 2


def test_the_towns_default_is_a_standard_without_a_category(desk, made, today):
    said = said_of_standard(today, category="", **limits(accept=(1, "day"), handle=(3, "working_day")))
    assert desk.post(adding("standard"), said).status_code == 302
    assert rulebook().standard(None, today).limits == {
        Stage.ACCEPT: Limit(1, LimitUnit.DAY),
        Stage.HANDLE: Limit(3, LimitUnit.WORKING_DAY),
    }


@pytest.mark.parametrize("given", [(3, ""), (0, "day"), (10_001, "day"), ("x", "day"), (3, "fortnight")])
def test_a_limit_without_unit_or_beyond_reason_comes_back(desk, made, today, given):
    answer = desk.post(adding("standard"), said_of_standard(today, **limits(handle=given)))
    assert (answer.status_code, list(errors(answer))) == (422, ["limit_handle"])


def test_a_standard_says_what_holds_where_a_limit_is_left_blank(desk, made):
    form = desk.get(page_of(Standard.objects.get(category=made.litter))).context_data["adminform"].form
    assert f"{TOWN_LIMITS[Stage.SIGN].amount} 工作时" in str(form.fields["limit_sign"].help_text)


def test_the_list_shows_what_holds_today_and_on_demand_what_was_and_will_be(desk, made, today):
    actions.set_standard(made.litter.pk, today, opening="今")
    actions.set_standard(made.litter.pk, today + timedelta(days=9), opening="后")
    actions.set_standard(None, today, opening="今")
    day = f"{today:%Y-%m-%d}"
    assert shown(desk.get(listing("standard"))) == [f"全镇默认 {day}", f"0101 暴露垃圾 {day}"]
    assert shown(desk.get(listing("standard") + "?version=past")) == [
        "全镇默认 2025-01-01",
        "0101 暴露垃圾 2025-01-01",
    ]
    assert len(shown(desk.get(listing("standard") + "?version=coming"))) == 1
    assert len(shown(desk.get(listing("standard") + "?version=all"))) == 5


# duties --------------------------------------------------------------------------------------------------------


def test_a_duty_is_added_for_a_region_with_its_assisting_units(desk, made, town, today):
    said = {"category": made.litter.pk, "region": town.village.pk, "lead_unit": town.office.pk}
    said = said_of_duty(today, **said, assist_units=[town.centre.pk], is_local_assist="on")
    assert desk.post(adding("duty"), said).status_code == 302
    duty = rulebook().duty(made.litter.pk, town.grid.path, today)
    assert (duty.lead_unit_id, duty.assist_unit_ids) == (
        town.office.pk,
        (town.centre.pk, town.committee.pk),
    )


def test_editing_a_duty_makes_a_version_and_leaves_the_old_one(desk, made, town, today):
    old = make_duty(made.litter, town.office)
    assert desk.post(page_of(old), said_of_duty(today, lead_name="环卫所")).status_code == 302
    book = rulebook()
    assert book.duty(made.litter.pk, town.grid.path, today).lead_name == "环卫所"
    assert book.duty(made.litter.pk, town.grid.path, SINCE).lead_unit_id == town.office.pk


def test_a_duty_is_withdrawn_from_a_day_on(desk, made, town, today):
    old = make_duty(made.litter, town.office)
    said = said_of_duty(today, lead_unit=town.office.pk, is_withdrawn="on")
    assert desk.post(page_of(old), said).status_code == 302
    assert rulebook().duty(made.litter.pk, town.grid.path, today) is None
    assert rulebook().duty(made.litter.pk, town.grid.path, today - timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lead_name": "环卫所", "is_local_lead": "on"}, "lead_unit"),
        ({"kind": "upper"}, "upper_department"),
        ({"is_local_lead": "on", "is_local_assist": "on"}, "is_local_assist"),
        ({"category": ""}, "category"),
    ],
)
def test_a_duty_that_cannot_be_comes_back_with_the_field_at_fault(desk, made, today, changes, field):
    said = {"category": made.litter.pk, "basis": "镇里定的", **changes}
    answer = desk.post(adding("duty"), said_of_duty(today, **said))
    assert answer.status_code == 422
    assert field in errors(answer)
    assert "镇里定的" in answer.content.decode()
    assert not Duty.objects.exists()


def test_the_list_of_duties_tells_regions_apart(desk, made, town, today):
    make_duty(made.litter, town.office)
    make_duty(made.litter, town.committee, region_id=town.village.pk)
    actions.set_duty(made.litter.pk, today, lead_unit_id=town.centre.pk)
    shown_leads = {row.lead_unit.name for row in desk.get(listing("duty")).context_data["cl"].result_list}
    assert shown_leads == {"指挥中心", "柳桥村委会"}


# history and load ----------------------------------------------------------------------------------------------


def test_the_history_says_who_changed_what_from_what_to_what(desk, made):
    desk.post(page_of(made.litter), said_of_category(made.litter, name="垃圾"))
    text = re.sub(r"\s+", " ", desk.get(history_of(made.litter)).content.decode())
    assert "顾管理" in text
    assert "<del>暴露垃圾</del> → 垃圾" in text


def test_the_history_of_a_duty_tells_its_assisting_units_too(desk, made, town, today):
    said = said_of_duty(today, category=made.litter.pk, lead_name="环卫所", assist_units=[town.office.pk])
    desk.post(adding("duty"), said)
    duty = Duty.objects.get()
    actions.set_duty(made.litter.pk, today, lead_name="环卫所")
    text = desk.get(history_of(duty)).content.decode()
    assert "<del>综合执法局</del> → —" in text


def test_what_an_administrator_did_stands_in_the_audit_log(desk, made):
    desk.post(page_of(made.litter), said_of_category(made.litter, name="垃圾"))
    line = Entry.objects.get(verb="category.amend")
    assert line.data["fields"] == ["name"]


@pytest.mark.parametrize(("model", "most"), [("category", 11), ("standard", 12), ("duty", 12)])
def test_a_list_takes_as_many_queries_with_many_rows_as_with_few(
    desk, made, town, model, most, django_assert_max_num_queries
):
    for n in range(10, 60):
        category = actions.add_category(f"01{n}", name=f"第{n}类")
        actions.set_standard(category.pk, SINCE, limits=TOWN_LIMITS)
        make_duty(category, town.office, assist_unit_ids=[town.centre.pk], region_id=town.village.pk)
    desk.get(listing(model))
    with django_assert_max_num_queries(most):
        assert len(shown(desk.get(listing(model)))) >= 50
