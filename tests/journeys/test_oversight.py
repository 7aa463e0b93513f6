"""The leader sees what is late, supervises it, the unit replies, the leader releases; in a browser."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridloop.capabilities.oversight.actions import begin_chain, draw_due, save_rule, supervise, sweep
from gridloop.capabilities.oversight.models import Reminder, Sample, SampleDraw, Supervision
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import DAY, HOUR, World
from tests.journeys.conftest import Visit
from tests.journeys.test_accessible import barriers

pytestmark = pytest.mark.browser
SIZES = [(1440, 900), (390, 844)]


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).click()


@pytest.fixture
def late(world: World) -> Case:
    now = timezone.now()
    case = factories.handling(world, now - 20 * DAY)
    factories.registered(world, now - 20 * DAY)
    sweep(at=now)
    return case


def test_the_leader_supervises_the_unit_replies_and_the_leader_releases(
    world: World, visit: Visit, late: Case
):
    leader, handler = visit().sign_in(Role.LEADER), visit(width=390, height=844).sign_in(Role.HANDLER)
    page = leader.open(reverse("oversight:watched"))
    expect(page.locator("#tile-late")).to_have_text("2")
    press(page, "#by-unit ~ * a:has-text('综合执法局'), .card:has(#by-unit) a:has-text('综合执法局')")
    expect(page.locator(".gl-item")).to_have_count(1)
    page.locator("input[name=case]").check()
    press(page, "#do-remind")
    expect(page.locator(".gl-message")).to_contain_text("已催办 1 件")
    assert Reminder.objects.get().case_id == late.pk
    press(page, ".ov-do a")
    page.fill("[name=demand]", "三日内清运完毕并报告")
    press(page, "main .btn-primary")
    expect(page.locator("h1")).to_have_text("督办单")

    slip = Supervision.objects.get()
    unit = handler.open(reverse("oversight:slips"))
    press(unit, f"#slip-{slip.pk}")
    unit.fill("[name=text]", "已清运，附照片")
    press(unit, "#do-reply")
    expect(unit.locator(".gl-case-line")).to_contain_text("已回复")

    page.reload()
    page.locator("#release_text").fill("坐席核实，已清运")
    press(page, "#do-release")
    assert Supervision.objects.get().state == "released"
    page.goto(reverse("desk:case", args=[late.pk]))
    expect(page.locator(".card:has(#oversight)")).to_contain_text("已解除")
    expect(page.locator(".gl-timeline")).to_contain_text("解除督办单")
    assert leader.errors == handler.errors == []


def test_requests_are_decided_from_the_keyboard(world: World, visit: Visit):
    now = timezone.now()
    for n in range(2):
        case = factories.handling(world, now - (n + 1) * HOUR)
        actions.request_extension(case.pk, actor=world.handler, at=now, amount=1, note="缺材料")
    page = visit().sign_in(Role.LEADER).open(reverse("oversight:times"))
    expect(page.locator(".ov-request")).to_have_count(2)
    page.locator("main[data-ready]").wait_for()
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("a")
    expect(page.locator(".ov-request")).to_have_count(1)
    page.locator("main[data-ready]").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.type("材料已齐")
    press(page, "button[value=refuse]")
    expect(page.locator(".gl-empty")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_page_of_the_oversight_has_a_barrier(
    world: World, visit: Visit, late: Case, width: int, height: int
):
    now = timezone.now()
    slip = supervise(
        late.pk, actor=world.leader, at=now, unit_id=world.lead_unit, cause="overdue", demand="清运",
        reply_by=timezone.localdate() + 3 * DAY,
    )  # fmt: skip
    waits = factories.handling(world, now - HOUR)
    actions.request_suspension(waits.pk, actor=world.handler, at=now, until=now + 5 * DAY, note="等许可")
    begin_chain(at=now)
    save_rule(
        None,
        actor=world.leader,
        at=now - 5 * DAY,
        name="复核",
        kind="field",
        period="daily",
        share=50,
        stratum="unit",
    )
    factories.closed(world, now - 2 * DAY)
    draw_due(at=now)
    pages = [
        reverse(f"oversight:{name}")
        for name in ("watched", "unheard", "problems", "slips", "times", "samples", "rules", "burden")
    ]
    pages += [
        reverse("oversight:slip", args=[slip.pk]),
        reverse("oversight:new_slip", args=[late.pk]),
        reverse("oversight:sample", args=[Sample.objects.get().pk]),
        reverse("oversight:draw", args=[SampleDraw.objects.exclude(samples=None).get().pk]),
        reverse("desk:case", args=[late.pk]),
    ]
    leader = visit(width=width, height=height, dark=width < 500).sign_in(Role.LEADER)
    found, wide = {}, []
    for path in pages:
        found[path] = barriers(leader.open(path))
        if not leader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            wide.append(path)
    assert {path: rows for path, rows in found.items() if rows} == {}
    assert wide == []
