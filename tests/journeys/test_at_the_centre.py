"""The screen of the command centre, which hangs on the wall for months and is looked at on a telephone too."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import MINUTE, World
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser


def test_the_numbers_come_anew_with_their_chart_and_leave_the_map_alone(
    world: World, visit: Visit, settings
) -> None:
    settings.CENTRE_KEPT_S = 0
    leader = visit(width=1920, height=1080).sign_in(Role.LEADER)
    page = leader.open("/centre/")
    expect(page.locator("#tile-open")).to_have_text("0")
    page.locator(".gl-map[data-ready]").evaluate("map => map.dataset.old = 'yes'")
    page.get_by_text("每日上报与办结件数").click()
    factories.handling(world, timezone.now() - 3 * MINUTE, lon=120.005, lat=31.005, region_id=None)
    expect(page.locator("#tile-open")).to_have_text("1", timeout=30_000)
    expect(page.locator(".gl-chart[data-ready] canvas")).to_have_count(1)
    expect(page.locator(".gl-map[data-old]")).to_have_count(1)
    expect(page.locator(".gl-chart-table table")).to_be_visible()  # what was opened stays open
    assert leader.errors == []


def test_a_case_on_the_map_leads_to_its_page(world: World, visit: Visit) -> None:
    case = factories.handling(world, lon=120.015, lat=31.005, region_id=None)  # late
    page = visit().sign_in(Role.LEADER).open("/centre/")
    ground = page.locator(".gl-map[data-ready]")
    expect(ground).to_be_visible()
    page.wait_for_load_state("networkidle")
    box = ground.bounding_box()
    assert box is not None
    page.wait_for_timeout(1000)  # the point is drawn on the canvas, where nothing tells when
    ground.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    page.get_by_role("link", name="查看案件").click()
    page.wait_for_url(f"**/desk/cases/{case.pk}/")


@pytest.mark.parametrize("width", [390, 1440, 1920])
def test_nothing_sticks_out_sideways(world: World, visit: Visit, width: int) -> None:
    factories.handling(world)
    page = visit(width=width, height=900).sign_in(Role.LEADER).open("/centre/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
