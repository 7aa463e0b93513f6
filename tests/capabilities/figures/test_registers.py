"""Registers come out of the cases: defined, previewed, taken along as a sheet, kept for a day."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.figures.actions import registers as actions
from gridloop.capabilities.figures.columns import COLUMNS
from gridloop.capabilities.figures.definitions import DELIVERED, Definition, days_of, definition
from gridloop.capabilities.figures.labels import PaperState, Period
from gridloop.capabilities.figures.models import Register, RegisterFile
from gridloop.capabilities.figures.reading import Days
from gridloop.capabilities.figures.registers import cases_of
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.labels import Channel
from gridloop.core.org.actions.acts import stream_of
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR
from tests.core.org.factories import signed_in

pytestmark = pytest.mark.django_db
YEAR = Days(date(2026, 1, 1), date(2026, 12, 31))
EVERY = Definition("", "全部栏目", tuple(COLUMNS), Period.THIS_YEAR)


def sheet_of(file: RegisterFile):
    with default_storage.open(actions.storage_name(file.pk)) as content:
        return load_workbook(io.BytesIO(content.read())).active


def rows_of(file: RegisterFile) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet_of(file).iter_rows(min_row=4)]


def test_there_are_at_least_six_registers_and_each_can_be_made(world):
    factories.closed(world)
    assert len(DELIVERED) >= 8
    for one in DELIVERED.values():
        file = actions.ask_file(one, YEAR, actor=world.leader, at=AT + DAY)
        assert file.state == PaperState.READY
        assert sheet_of(file)["A1"].value == one.name


def test_each_register_has_its_own_cases(world):
    hotline = factories.closed(world, channel=Channel.HOTLINE)
    late = factories.dispatched(world)
    spot = factories.reported(world)
    from gridloop.core.cases.actions import close_on_spot

    close_on_spot(spot.pk, actor=world.worker, at=AT + HOUR, note="当场清走")
    factories.closed(world, channel=Channel.HOTLINE, is_drill=True)
    now = AT + 30 * DAY
    found = {
        key: set(cases_of(DELIVERED[key], world.leader, YEAR, now).values_list("pk", flat=True))
        for key in ("hotline", "late", "self_closed", "satisfaction")
    }
    assert found == {
        "hotline": {hotline.pk},
        "late": {late.pk},
        "self_closed": {spot.pk},
        "satisfaction": {hotline.pk},
    }


def test_a_statistic_adds_up(world):
    for _ in range(3):
        factories.closed(world)
    file = actions.ask_file(DELIVERED["units"], YEAR, actor=world.leader, at=AT + DAY)
    head = [cell.value for cell in sheet_of(file)[3]]
    last = rows_of(file)[-1]
    assert last[1] == "合计"
    assert dict(zip(head, last, strict=True))["办结"] == 3
    assert all(type(n) is int for n in last[2:])


def test_nothing_that_tells_of_a_person_is_in_any_column(world):
    factories.closed(
        world,
        title="王小明反映路灯不亮，电话 13800001234",
        description="我是王小明",
        address="柳桥路8号301室",
        reporter=ReporterData(name="王小明", phone="13800001234", id_number="320400199001011234"),
    )
    file = actions.ask_file(EVERY, YEAR, actor=world.leader, at=AT + DAY)
    text = str(rows_of(file))
    assert "路灯不亮" in text
    for private in ("13800001234", "320400199001011234", "我是", "301室"):
        assert private not in text


def test_a_confidential_case_has_no_title(world):
    from gridloop.core.cases.labels import Demand

    factories.closed(world, title="举报邻居违建", demand=Demand.TIP_OFF)
    file = actions.ask_file(EVERY, YEAR, actor=world.leader, at=AT + DAY)
    assert "举报邻居违建" not in str(rows_of(file))


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_becomes_a_formula(world, start):
    factories.closed(world, title=f"{start}HYPERLINK(1)")
    file = actions.ask_file(EVERY, YEAR, actor=world.leader, at=AT + DAY)
    cells = [cell for row in sheet_of(file).iter_rows() for cell in row]
    assert f"{start}HYPERLINK(1)" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}


def test_a_register_holds_what_the_post_may_see_and_no_more(world):
    factories.closed(world)
    factories.closed(world, region_id=world.town.other_village.pk)
    rows = cases_of(EVERY, world.actors[Role.SECRETARY], YEAR, AT + DAY)
    assert rows.count() == 1


def test_who_may_not_export_gets_no_file(world):
    with pytest.raises(NotAllowed):
        actions.ask_file(EVERY, YEAR, actor=world.actors[Role.SECRETARY], at=AT)


def test_every_export_is_a_line_in_the_log(world):
    file = actions.ask_file(DELIVERED["demands"], YEAR, actor=world.leader, at=AT)
    line = Entry.objects.stream(stream_of(file)).get()
    assert (line.verb, line.user_id, line.data["name"]) == (
        "registerfile.export",
        world.leader.user_id,
        "民情诉求登记台账",
    )


def test_a_long_register_is_made_by_a_job_that_can_be_done_again(world, monkeypatch):
    from procrastinate.contrib.django.models import ProcrastinateJob

    for _ in range(3):
        factories.closed(world)
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    file = actions.ask_file(EVERY, YEAR, actor=world.leader, at=AT + DAY)
    assert file.state == PaperState.WAITING
    job = ProcrastinateJob.objects.get(task_name=actions.JOB)
    assert job.args == {"file_id": str(file.pk)}
    for _ in range(2):
        actions.make_file(file.pk, at=AT + DAY)
    file.refresh_from_db()
    assert (file.state, file.done, len(rows_of(file))) == (PaperState.READY, 3, 3)


def test_a_register_is_read_in_portions_that_join_without_a_gap(world, monkeypatch):
    from gridloop.capabilities.figures import registers

    monkeypatch.setattr(registers, "PORTION", 2)
    cases = [factories.closed(world) for _ in range(5)]
    file = actions.ask_file(EVERY, YEAR, actor=world.leader, at=AT + DAY)
    assert [row[1] for row in rows_of(file)] == sorted(case.number for case in cases)
    assert [row[0] for row in rows_of(file)] == [1, 2, 3, 4, 5]


def test_a_file_is_kept_for_a_day_and_for_its_owner(world):
    file = actions.ask_file(DELIVERED["demands"], YEAR, actor=world.leader, at=timezone.now())
    url = reverse("figures:register_file", args=[file.pk])
    assert signed_in(world.leader).get(url).status_code == 200
    assert signed_in(world.operator).get(url).status_code == 404
    assert actions.forget_old_files(at=timezone.now() + timedelta(hours=23)) == 0
    assert actions.forget_old_files(at=timezone.now() + timedelta(hours=25)) == 1
    assert not default_storage.exists(actions.storage_name(file.pk))
    assert signed_in(world.leader).get(url).status_code == 404


# defining ----------------------------------------------------------------------------------------------------


def test_a_definition_is_made_in_the_editor_and_changed_there(world):
    client = signed_in(world.leader)
    given = {
        "name": "河道整治台账", "period": "this_month", "basis": "reported", "state": "open",
        "channel": ["grid"], "columns": ["number", "title", "village"],
    }  # fmt: skip
    made = client.post(reverse("figures:register_new"), given)
    row = Register.objects.get()
    assert made.headers["Location"] == reverse("figures:register", args=[row.pk])
    assert (row.columns, row.filters) == (
        ["number", "title", "village"],
        {"basis": "reported", "state": "open", "channel": ["grid"]},
    )
    client.post(reverse("figures:register_edit", args=[row.pk]), given | {"name": "河道台账"})
    assert Register.objects.get().name == "河道台账"
    assert Register.objects.get().pk == row.pk


def test_a_delivered_register_is_copied_and_never_changed(world):
    client = signed_in(world.leader)
    page = client.get(reverse("figures:register_edit", args=["hotline"]))
    assert page.context["form"]["channel"].value() == ["hotline"]
    given = {"name": "热线台账", "period": "today", "basis": "reported", "columns": ["number"]}
    client.post(reverse("figures:register_edit", args=["hotline"]), given)
    assert Register.objects.get().name == "热线台账"
    assert definition("hotline") == DELIVERED["hotline"]


def test_a_column_that_registers_may_not_have_is_refused(world):
    given = Definition("", "台账", ("number", "description"), Period.TODAY)
    with pytest.raises(InvalidInput):
        actions.save_register(given, actor=world.leader, at=AT)
    page = signed_in(world.leader).post(
        reverse("figures:register_new"),
        {"name": "台账", "period": "today", "basis": "reported", "columns": ["reporter"]},
    )
    assert page.status_code == 422


def test_a_register_that_would_rank_or_make_people_check_in_is_refused(world):
    given = Definition("", "网格员打卡积分排名台账", ("number",), Period.THIS_MONTH, {})
    with pytest.raises(InvalidInput):
        actions.save_register(given, actor=world.leader, at=AT)
    assert not Register.objects.exists()


def test_two_registers_never_share_a_name_and_what_was_typed_is_kept(world):
    given = Definition("", "台账", ("number",), Period.TODAY)
    actions.save_register(given, actor=world.leader, at=AT)
    page = signed_in(world.leader).post(
        reverse("figures:register_new"),
        {"name": "台账", "period": "today", "basis": "reported", "columns": ["number", "title"]},
    )
    assert page.status_code == 422
    assert page.context["form"]["columns"].value() == ["number", "title"]


def test_who_does_not_manage_figures_defines_nothing(world):
    client = signed_in(world.operator)
    assert client.get(reverse("figures:register_new")).status_code == 403
    with pytest.raises(NotAllowed):
        actions.save_register(EVERY, actor=world.operator, at=AT)


# pages -------------------------------------------------------------------------------------------------------


def test_the_page_previews_twenty_rows_and_gives_the_file_on_one_click(world, django_assert_max_num_queries):
    for _ in range(21):
        factories.reported(world, channel=Channel.HOTLINE)
    client = signed_in(world.leader)
    url = reverse("figures:register", args=["hotline"])
    days = {"since": "2026-01-01", "until": "2026-12-31"}
    client.get(url, days)
    with django_assert_max_num_queries(8):
        page = client.get(url, days)
    assert len(page.context["rows"]) == 20
    answer = client.post(url, days, follow=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.active.max_row == 3 + 21


def test_days_the_wrong_way_round_are_told_beside_the_field(world):
    page = signed_in(world.leader).post(
        reverse("figures:register", args=["hotline"]), {"since": "2026-05-01", "until": "2026-04-01"}
    )
    assert page.status_code == 422
    assert "应不早于起始日期" in page.content.decode()


@pytest.mark.parametrize("key", ["no-such", "018f0000-0000-7000-8000-000000000000"])
def test_a_register_that_is_not_there_is_not_found(world, key):
    assert signed_in(world.leader).get(reverse("figures:register", args=[key])).status_code == 404


def test_periods_are_counted_from_the_day():
    today = date(2026, 3, 4)  # a Wednesday
    assert days_of(Period.THIS_WEEK, today) == Days(date(2026, 3, 2), today)
    assert days_of(Period.LAST_WEEK, today) == Days(date(2026, 2, 23), date(2026, 3, 1))
    assert days_of(Period.LAST_MONTH, today) == Days(date(2026, 2, 1), date(2026, 2, 28))
    assert days_of(Period.THIS_QUARTER, date(2026, 11, 24)).since == date(2026, 10, 1)


def test_the_list_of_registers_opens_for_everybody_with_figures(world):
    for role in (Role.LEADER, Role.OPERATOR, Role.UNIT_LEAD, Role.SECRETARY, Role.AUDITOR):
        assert signed_in(world.actors[role]).get(reverse("figures:registers")).status_code == 200
    assert Client().get(reverse("figures:registers")).status_code == 302
