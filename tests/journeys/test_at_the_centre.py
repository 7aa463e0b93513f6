"""The screen of the command centre, which hangs on the wall for months and is looked at on a telephone too."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import MINUTE, World
from tests.faces.centre.conftest import report_at
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser


def test_the_numbers_come_anew_and_leave_the_map_alone(world: World, visit: Visit, settings) -> None:
    settings.CENTRE_KEPT_S = 0
    leader = visit(width=1920, height=1080).sign_in(Role.LEADER)
    page = leader.open("/centre/")
    expect(page.locator("#tile-open")).to_have_text("0")
    page.locator("#ground[data-ready]").evaluate("map => map.dataset.old = 'yes'")
    factories.handling(world, timezone.now() - 3 * MINUTE, lon=120.005, lat=31.005, region_id=None)
    page.evaluate("document.getElementById('board').dispatchEvent(new CustomEvent('gl:refresh'))")
    expect(page.locator("#tile-open")).to_have_text("1")
    expect(page.locator("#ground[data-old]")).to_have_count(1)
    expect(page.locator(".centre-at-soon time[data-until]")).to_have_text(re.compile(r"^(超)?\d+:\d\d:\d\d$"))
    assert leader.errors == []


def test_a_chart_is_drawn_once_and_takes_fresh_numbers(world: World, visit: Visit, settings) -> None:
    settings.CENTRE_KEPT_S = 0
    leader = visit(width=1920, height=1080).sign_in(Role.LEADER)
    page = leader.open("/centre/?mode=analysis")
    drawn = page.locator(".centre-chart[data-ready] canvas")
    drawn.evaluate("canvas => canvas.dataset.old = 'yes'")
    page.get_by_text("每日上报与办结件数（表格）").click()
    report_at(world, timezone.now())
    page.evaluate("document.getElementById('board').dispatchEvent(new CustomEvent('gl:refresh'))")
    expect(page.locator("#tile-reported")).to_have_text("1")
    expect(page.locator(".centre-chart canvas[data-old]")).to_have_count(1)
    expect(page.locator(".centre-table table")).to_be_visible()  # what was opened stays open
    expect(page.locator(".centre-table tr:nth-child(2) td:nth-child(2)")).to_have_text("1")
    assert leader.errors == []


def test_a_case_on_the_map_leads_to_its_page(world: World, visit: Visit) -> None:
    case = factories.handling(world, lon=120.015, lat=31.005, region_id=None)  # late
    page = visit().sign_in(Role.LEADER).open("/centre/")
    click_the_middle(page)
    page.get_by_role("link", name="查看案件").click()
    page.wait_for_url(f"**/desk/cases/{case.pk}/")


def test_a_day_is_played_by_the_keyboard(world: World, visit: Visit) -> None:
    now = timezone.localtime()
    case = report_at(world, now - MINUTE, lon=120.015, lat=31.005, region_id=None)
    leader = visit(width=1920, height=1080).sign_in(Role.LEADER)
    page = leader.open("/centre/")
    expect(page.locator("#ground[data-ready]")).to_be_visible()
    page.get_by_role("radio", name="回放一天").check()
    page.get_by_label("回放的日期").fill(f"{now - MINUTE:%Y-%m-%d}")
    slider = page.get_by_role("slider", name="回放到的时刻")
    told = page.locator("#play output")
    expect(told).to_contain_text("累计上报 1")
    slider.focus()
    page.keyboard.press("Home")
    expect(told).to_have_text(re.compile("^00:00"))
    page.keyboard.press("End")
    expect(told).to_contain_text("累计上报 1 · 在办 1")
    click_the_middle(page)
    expect(page.get_by_role("link", name="查看案件")).to_have_attribute("href", f"/desk/cases/{case.pk}/")
    assert leader.errors == []


def test_number_keys_change_the_mode_and_visitors_are_not_left_by_mistake(world: World, visit: Visit) -> None:
    leader = visit().sign_in(Role.LEADER)
    page = leader.open("/centre/")
    expect(page.locator("#wall[data-ready]")).to_be_visible()
    page.keyboard.press("2")
    page.wait_for_url("**/centre/?mode=analysis")
    expect(page.locator("#wall[data-ready]")).to_be_visible()
    page.keyboard.press("4")
    page.wait_for_url("**/centre/?mode=visit")
    expect(page.locator("#wall[data-ready]")).to_be_visible()
    page.keyboard.press("1")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("link", name="结束参观").click()
    assert page.url.endswith("mode=visit")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="结束参观").click()
    page.wait_for_url("**/centre/?mode=duty")
    assert leader.errors == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("mode", ["duty", "analysis", "incident", "visit"])
def test_nothing_sticks_out_sideways(world: World, visit: Visit, mode: str, width: int, height: int) -> None:
    factories.handling(world)
    page = visit(width=width, height=height).sign_in(Role.LEADER).open(f"/centre/?mode={mode}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width >= 1440 and mode != "visit":
        assert page.evaluate("document.documentElement.scrollHeight") <= height  # all on one screen


def click_the_middle(page: Page) -> None:
    ground = page.locator("#ground[data-ready]")
    expect(ground).to_be_visible()
    expect(page.locator("#ground[data-cases='1']")).to_be_visible()
    box = ground.bounding_box()
    assert box is not None
    page.wait_for_timeout(1000)  # the point is drawn on the canvas, where nothing tells when
    ground.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
