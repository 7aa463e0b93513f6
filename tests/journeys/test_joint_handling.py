"""Several units at one table: what one says the other reads, and what a meeting decides becomes work orders."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.actions import Plan
from gridloop.capabilities.rooms.models import Meeting
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import HOUR, MINUTE, World
from tests.journeys.conftest import Visit
from tests.journeys.test_accessible import SIZES, barriers

pytestmark = pytest.mark.browser


def case_in_hand(world: World) -> Case:
    at = timezone.now() - HOUR
    return factories.handling(world, at, assistants=(world.town.committee.pk,))


def meeting_about(world: World, *cases: Case) -> Meeting:
    begins = timezone.now() - MINUTE
    plan = Plan(
        title="柳桥路口垃圾由谁清",
        venue="二楼会商室",
        starts_at=begins,
        ends_at=begins + HOUR,
        case_ids=tuple(case.pk for case in cases),
        unit_ids=(world.lead_unit, world.town.committee.pk),
        agenda="通报情况，明确分工",
    )
    return actions.call_meeting(plan, actor=world.leader, at=timezone.now())


def test_two_units_speak_in_a_room_and_a_bell_rings(world: World, visit: Visit) -> None:
    case = case_in_hand(world)
    operator = visit().sign_in(Role.OPERATOR)
    page = operator.open(reverse("desk:case", args=[case.pk]))
    page.get_by_role("button", name="开设联合处置室").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("联合处置室")

    secretary = visit(width=390, height=844).sign_in(Role.SECRETARY)
    room = secretary.open(reverse("rooms:room", args=[case.pk]))
    handler = visit().sign_in(Role.HANDLER)
    page = handler.open(reverse("rooms:room", args=[case.pk]))
    page.get_by_label("说点什么").fill("已到现场，@柳桥村委会 请协助围挡")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".gl-call")).to_have_text("@柳桥村委会")
    # What another says comes with the next news, and what was begun meanwhile stays.
    room.get_by_label("说点什么").fill("马上到")
    room.evaluate("document.dispatchEvent(new CustomEvent('gl:news', {detail: []}))")
    expect(room.locator("#room-live")).to_contain_text("已到现场")
    expect(room.get_by_label("说点什么")).to_have_value("马上到")
    room.get_by_role("button", name="发送").click()
    expect(room.locator("#room-live")).to_contain_text("马上到")

    page = secretary.open("/desk/")
    page.get_by_role("link", name="消息，1 条未读").click()
    page.get_by_role("link", name="综合执法局在案件").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("联合处置室")
    expect(page.get_by_role("link", name="消息，没有未读")).to_be_visible()
    assert operator.errors == secretary.errors == handler.errors == []


def test_a_meeting_ends_in_two_work_orders(world: World, visit: Visit) -> None:
    case, other = case_in_hand(world), factories.registered(world, timezone.now() - HOUR)
    meeting = meeting_about(world, case, other)
    leader = visit().sign_in(Role.LEADER)
    page = leader.open(reverse("rooms:meeting", args=[meeting.pk]))
    page.get_by_role("link", name="登记到会与纪要").click()
    page.get_by_label("会议纪要").fill("一致同意由执法局主办，村委会配合。")
    page.get_by_label("综合执法局 是否到会").select_option("yes")
    page.get_by_role("button", name="保存纪要").click()
    for text, kind, about, unit in (
        ("指挥中心协办", "add_assistant", case, world.town.centre),
        ("由执法局主办", "dispatch", other, world.town.office),
    ):
        page.get_by_role("link", name="记一项决定").click()
        page.get_by_label("决定", exact=True).fill(text)
        page.get_by_label("落实方式").select_option(kind)
        expect(page.locator("[name=from_unit_id]")).to_be_hidden()
        page.locator("[name=case_id]").select_option(str(about.pk))
        page.locator("[name=unit_id]").select_option(str(unit.pk))
        page.get_by_role("button", name="记下", exact=True).click()
    page.get_by_role("button", name="确认落实，生成工单").click()
    page.locator("#confirm [data-yes]").click()
    expect(page.locator("#messages")).to_contain_text("2 项决定已全部落实")
    assert case.orders.filter(unit=world.town.centre, state="issued").exists()
    assert other.orders.get().unit_id == world.lead_unit
    page = leader.open(reverse("desk:case", args=[other.pk]))
    expect(page.locator("#log").locator("xpath=../..")).to_contain_text("会商决定")
    assert leader.errors == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_rooms_meetings_and_messages_have_no_barrier(
    world: World, visit: Visit, width: int, height: int
) -> None:
    case = case_in_hand(world)
    meeting = meeting_about(world, case)
    today = timezone.localdate()
    actions.say(case.pk, actor=world.leader, at=timezone.now(), body="@柳桥村委会 到场", kind="decision")
    actions.add_task(
        case.pk, actor=world.leader, at=timezone.now() - timedelta(days=1), title="围挡",
        unit_id=world.town.committee.pk, due_on=today - timedelta(days=1),
    )  # fmt: skip
    names = ("meeting", "minutes", "decide", "change", "cancel")
    pages = [reverse(f"rooms:{name}", args=[meeting.pk]) for name in names]
    pages += [
        reverse("rooms:room", args=[case.pk]),
        reverse("desk:case", args=[case.pk]),
        reverse("rooms:meetings"),
        reverse("rooms:call"),
        reverse("notify:inbox"),
        reverse("notify:channels"),
    ]
    leader = visit(width=width, height=height, dark=width < 1000).sign_in(Role.LEADER)
    found = {path: barriers(leader.open(path)) for path in pages}
    assert {path: rows for path, rows in found.items() if rows} == {}
    assert leader.errors == []
