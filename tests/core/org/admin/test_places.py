"""An administrator looks after regions, units, the work calendar and the working hours."""

import json
from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gridloop.core.org.models import CalendarDay, Region, Unit, WorkingHours
from tests.core.org.factories import TODAY

REGIONS = reverse("admin:org_region_changelist")
ADD_REGION = reverse("admin:org_region_add")
ADD_UNIT = reverse("admin:org_unit_add")
ADD_HOURS = reverse("admin:org_workinghours_add")
FILL = reverse("admin:org_fill_calendar")


def region_page(region):
    return reverse("admin:org_region_change", args=[region.pk])


def unit_page(unit):
    return reverse("admin:org_unit_change", args=[unit.pk])


def errors(answer):
    return answer.context_data["adminform"].form.errors


def said_of(region, **changes):
    fields = {"code": region.code, "name": region.name, "grid_kind": region.grid_kind, "is_active": "on"}
    numbers = {"households": region.households or "", "population": region.population or ""}
    return {**fields, **numbers, "parent": Region.objects.get_parent(region).pk, **changes}


def test_a_village_is_added_under_its_town(desk, town):
    said = {"parent": town.town.pk, "level": "village", "code": "320499101203", "name": "西塘村"}
    assert desk.post(ADD_REGION, said).status_code == 302
    assert Region.objects.get_parent(Region.objects.get(code="320499101203")) == town.town


def test_a_grid_under_a_town_is_refused_with_what_to_do_and_what_was_typed(desk, town):
    said = {"parent": town.town.pk, "level": "grid", "code": "320499101000001", "name": "第九网格"}
    answer = desk.post(ADD_REGION, said)
    assert answer.status_code == 422
    assert "网格必须挂在村或社区之下" in str(errors(answer))
    assert "第九网格" in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "320499101202"}, "code"),
        ({"code": "3204"}, "code"),
        ({"name": ""}, "name"),
        ({"grid_kind": "comprehensive"}, "grid_kind"),
        ({"households": "-3"}, "households"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(desk, town, change, field):
    answer = desk.post(region_page(town.village), said_of(town.village, **change))
    assert answer.status_code == 422
    assert field in errors(answer)


def test_a_region_is_renamed_moved_and_taken_out_of_use(desk, town):
    said = said_of(town.grid, name="柳桥东网格", parent=town.other_village.pk, households="420")
    del said["is_active"]
    assert desk.post(region_page(town.grid), said).status_code == 302
    grid = Region.objects.get(pk=town.grid.pk)
    assert (grid.name, grid.households, grid.is_active) == ("柳桥东网格", 420, False)
    assert Region.objects.get_parent(grid) == town.other_village


def test_a_region_cannot_be_deleted_in_the_admin(desk, town):
    url = reverse("admin:org_region_delete", args=[town.grid.pk])
    assert desk.post(url, {"post": "yes"}).status_code == 403


def test_the_list_of_regions_is_a_tree_that_can_be_searched(desk, town, django_assert_max_num_queries):
    page = desk.get(REGIONS).content.decode()
    assert "　　柳桥第1网格" in page
    assert "东塘村" not in desk.get(REGIONS, {"q": "柳桥"}).content.decode()
    with django_assert_max_num_queries(6):
        desk.get(REGIONS)


def test_choices_show_a_code_where_names_repeat(desk, town):
    asked = {"term": "第1网格", "app_label": "org", "model_name": "post", "field_name": "region"}
    found = desk.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [choice["text"] for choice in found] == ["柳桥第1网格 · 320499101201001"]


def test_a_unit_is_added_amended_and_moved(desk, town):
    said = {"parent": town.centre.pk, "code": "fire", "name": "消防工作站", "kind": "station"}
    assert desk.post(ADD_UNIT, {**said, "region": town.town.pk, "duty_phone": "86310119"}).status_code == 302
    unit = Unit.objects.get(code="fire")
    change = {**said, "parent": town.office.pk, "region": town.village.pk, "is_active": "on"}
    assert desk.post(unit_page(unit), change).status_code == 302
    unit = Unit.objects.get(code="fire")
    assert (Unit.objects.get_parent(unit), unit.region, unit.duty_phone) == (town.office, town.village, "")
    refusal = desk.post(unit_page(unit), {**change, "code": "centre"})
    assert (refusal.status_code, "code" in errors(refusal)) == (422, True)


def test_a_day_is_set_by_hand(desk, town):
    add = reverse("admin:org_calendarday_add")
    assert desk.post(add, {"date": "2026-06-01", "name": "镇运动会"}).status_code == 302
    row = CalendarDay.objects.get(pk=date(2026, 6, 1))
    assert (row.is_workday, row.source) == (False, "手工设置")
    change = reverse("admin:org_calendarday_change", args=["2026-06-01"])
    desk.post(change, {"is_workday": "on", "name": ""})
    row.refresh_from_db()
    assert row.is_workday


@pytest.fixture
def _in_march(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_args: TODAY)


@pytest.mark.usefixtures("_in_march")
def test_a_year_is_filled_with_one_button_and_the_list_says_loudly_what_is_missing(desk, town):
    calendar = reverse("admin:org_calendarday_changelist")
    assert "的工作日历缺少 365 天" in desk.get(calendar).content.decode()
    assert desk.post(FILL, {"year": "2026"}).status_code == 302
    assert CalendarDay.objects.of_year(2026).count() == 365
    unannounced = desk.post(FILL, {"year": "2028"})
    assert unannounced.status_code == 422
    assert "缺少" not in desk.get(calendar).content.decode()
    assert "2028 年的放假调休安排尚未公布，不能推算" in unannounced.content.decode()


@pytest.mark.usefixtures("_in_march")
def test_a_schedule_is_imported_from_a_file_and_a_broken_one_refused(desk, town):
    days = [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]
    data = json.dumps({"year": 2027, "days": days}).encode()
    assert desk.post(FILL, {"year": "2026", "file": SimpleUploadedFile("a.json", data)}).status_code == 302
    assert CalendarDay.objects.get(pk=date(2027, 1, 1)).name == "元旦"
    for broken in (b"{", b"[]", b'"x"'):
        refusal = desk.post(FILL, {"year": "2026", "file": SimpleUploadedFile("a.json", broken)})
        assert (refusal.status_code, "无法读取" in refusal.content.decode()) == (422, True)


def test_an_empty_table_of_working_hours_says_which_are_in_force(desk, town, settings):
    settings.WORKING_HOURS = [(time(8, 30), time(12)), (time(14), time(18))]
    page = reverse("admin:org_workinghours_changelist")
    assert "08:30-12:00、14:00-18:00" in desk.get(page).content.decode()
    desk.post(ADD_HOURS, {"valid_from": "2026-07-01", "hours": "9:00-12:00"})
    assert "08:30" not in desk.get(page).content.decode()


def test_working_hours_are_set_together_for_a_date(desk, town):
    said = {"valid_from": "2026-07-01", "hours": "9:00-12:00，14:00 至 18:00"}
    assert desk.post(ADD_HOURS, said).status_code == 302
    assert [str(row) for row in WorkingHours.objects.order_by("starts")] == ["09:00-12:00", "14:00-18:00"]


@pytest.mark.parametrize(
    "hours", ["", "上午", "9:00-12:00 下午", "25:00-26:00", "12:00-9:00", "9:00-12:00,11:00-15:00"]
)
def test_hours_that_make_no_sense_are_refused_with_what_was_typed(desk, town, hours):
    answer = desk.post(ADD_HOURS, {"valid_from": "2026-07-01", "hours": hours})
    assert answer.status_code == 422
    assert hours in answer.content.decode()
    assert not WorkingHours.objects.exists()


def test_the_history_of_a_region_names_levels_and_people(desk, town, gu):
    desk.post(region_page(town.village), said_of(town.village, name="新柳桥村"))
    page = desk.get(reverse("admin:org_region_history", args=[town.village.pk])).content.decode()
    assert "<del>柳桥村</del> → 新柳桥村" in page
    assert gu.full_name in page
    assert "系统或命令行" in page  # the village was made outside the admin


@pytest.mark.parametrize("name", ["region", "unit", "user", "post", "calendarday", "workinghours"])
def test_every_list_and_form_opens(desk, town, name):
    assert desk.get(reverse(f"admin:org_{name}_changelist")).status_code == 200
    assert desk.get(reverse(f"admin:org_{name}_add")).status_code == 200
