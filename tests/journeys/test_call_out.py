"""A gas leak: called out from the case, answered on a telephone, one replaced, closed, and the report taken along."""

from datetime import timedelta
from pathlib import Path

import docx
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.models import Call, Callee, Incident
from gridloop.core.org.permissions import Role
from tests.capabilities.incidents.factories import SPOT, plan, resource, skilled
from tests.core.cases import factories
from tests.core.cases.factories import MINUTE, World
from tests.journeys.conftest import Visit
from tests.journeys.test_accessible import barriers

pytestmark = pytest.mark.browser


def check_axe(page: Page) -> None:
    if page.locator(".gl-map").count():
        expect(page.locator(".gl-map[data-ready]")).to_be_visible(timeout=30_000)
    assert barriers(page, is_live=True) == []


@pytest.fixture
def town(world: World) -> World:
    """A case of a gas leak, and who can be called to it."""
    skilled(world)
    both = ("gas_repair", "evacuation")
    resource(world, "抢修一班", steps=1, skills=both, owner_ids=(world.worker.user_id,))
    resource(world, "抢修二班", steps=2, skills=both)
    resource(world, "抢修三班", steps=3, skills=both, owner_ids=(world.actors[Role.SECRETARY].user_id,))
    plan(world)
    return world


def test_a_leader_calls_out_for_a_gas_leak(town: World, visit: Visit, tmp_path: Path) -> None:
    case = factories.registered(town, timezone.now() - 5 * MINUTE, lon=SPOT[0], lat=SPOT[1], region_id=None)
    leader = visit().sign_in(Role.LEADER)
    page = leader.open(f"/desk/cases/{case.pk}/")
    page.get_by_role("link", name="应急调度", exact=True).last.click()
    page.get_by_label("事件名称").fill("柳桥村燃气泄漏")
    page.get_by_label("事件类型").select_option("gas")
    page.get_by_label("预案").select_option(label="燃气泄漏应急预案")
    check_axe(page)
    page.get_by_role("button", name="启动").click()
    page.wait_for_url("**/incidents/*/")

    # Picked by number keys in the first group, called by Enter.
    expect(page.locator("[data-module='incidents/candidates'][data-ready]")).to_be_visible()
    page.locator("body").press("1")
    page.locator("body").press("2")
    expect(page.locator("[data-count]")).to_have_text("2")
    check_axe(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-call]")).to_have_count(2)
    opened = Incident.objects.get()

    answered = Callee.objects.get(user=town.handler.user_id)
    phone = visit(width=390, height=844)
    small = phone.open(f"/incidents/a/{answered.code}/")
    assert small.evaluate("document.documentElement.scrollWidth") <= 390
    check_axe(small)
    small.get_by_role("button", name="收到，已接").click()
    expect(small.get_by_role("status").filter(has_text="现在的状态：已接")).to_be_visible()
    expect(page.locator(f"[data-call='{answered.call.resource_id}']")).to_contain_text("已接", timeout=15_000)
    small.get_by_role("button", name="已到场").click()
    expect(small.get_by_role("status").filter(has_text="现在的状态：到场")).to_be_visible()

    # The other one does not answer in time; the sweep proposes the third, and one press calls it.
    Call.objects.filter(state="called").update(due_at=timezone.now() - timedelta(seconds=1))
    assert actions.sweep(at=timezone.now()) == 1
    page.get_by_role("button", name="改呼 抢修三班").click(timeout=15_000)
    expect(page.get_by_text("已改呼：抢修三班")).to_be_visible()
    assert opened.calls.get(state="replaced").replaced_by.resource.name == "抢修三班"

    page.get_by_role("button", name="完成：关闭阀门").click()
    expect(page.get_by_role("button", name="完成：关闭阀门")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("link", name="结束并复盘").click()
    page.get_by_label("处置结果").fill("阀门已更换，居民返回。")
    page.get_by_label("做得好的").fill("到场快")
    page.get_by_label("做得不够的").fill("一班没有应答")
    page.get_by_role("textbox", name="整改事项").first.fill("一班配备值班手机")
    check_axe(page)
    page.get_by_role("button", name="结束应急调度").click()
    expect(page.get_by_text("被呼叫的人员均已收到解除通知")).to_be_visible()
    check_axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载处置报告（Word）").click()
    file = tmp_path / "report.docx"
    download.value.save_as(file)
    cells = [cell.text for t in docx.Document(str(file)).tables for row in t.rows for cell in row.cells]
    assert "抢修三班" in cells
    assert "一班配备值班手机" in cells
    small.reload()
    expect(small.get_by_text("事件已结束，谢谢。")).to_be_visible()
    assert leader.errors == []
    assert phone.errors == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_pages_of_resources_and_plans_are_accessible_and_fit(
    town: World, visit: Visit, width: int
) -> None:
    page = visit(width=width, dark=width == 390).sign_in(Role.LEADER).page
    for path in (
        "",
        "resources/",
        "resources/new/",
        "resources/import/",
        "plans/",
        "plans/new/",
        "settings/",
        "new/",
    ):
        page.goto(f"{page.url.split('/desk')[0].split('/incidents')[0]}/incidents/{path}")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
