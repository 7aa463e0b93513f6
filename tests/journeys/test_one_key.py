"""Clearing the queue of dispatch in a browser: by keyboard, on the map, on a telephone."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app

from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.org.permissions import Role
from tests.capabilities.dispatch.conftest import with_duty
from tests.core.cases import factories
from tests.core.cases.factories import MINUTE, World
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser
QUEUE = "/dispatch/"


@pytest.fixture
def waiting(world: World) -> Callable[..., list[Case]]:
    """Return what makes cases that wait for dispatch."""
    with_duty(world)

    def made(count: int, **changes: object) -> list[Case]:
        at = timezone.now() - 5 * MINUTE
        return [factories.registered(world, at, **changes) for _n in range(count)]

    return made


def work_off_the_jobs() -> None:
    """
    Run what the pages have deferred, as the worker of the house does, in a thread without Playwright's
    loop.
    """

    def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
        connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()


def key(page: Page, *names: str) -> None:
    page.locator("main[data-ready]").wait_for()
    for name in names:
        page.keyboard.press(name)


def ready(page: Page) -> None:
    """Wait until the part that takes the keys has started."""
    page.locator("[data-count]", has_text="未勾选").wait_for()


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_operator_clears_two_hundred_cases_with_three_keys_and_takes_them_back_with_a_fourth(
    world: World, waiting, visit: Visit
):
    waiting(190)
    asked = waiting(10, category_id=world.catalogue.weeds.pk)
    operator = visit().sign_in(Role.OPERATOR)
    page = operator.open(QUEUE)
    ready(page)
    with page.expect_navigation():
        key(page, "Shift+A")
    expect(page.locator(".dp-sum")).to_contain_text("将派遣 190 件")
    expect(page.locator("[aria-labelledby=left] .dp-line")).to_have_count(10)
    with page.expect_navigation():
        key(page, "Enter")
    work_off_the_jobs()
    expect(page.locator(".dp-sum")).to_contain_text("已派遣 190 件")
    assert WorkOrder.objects.filter(state="issued").count() == 190
    assert set(Case.objects.filter(state="registered")) == set(asked)

    with page.expect_navigation():
        key(page, "u")
    work_off_the_jobs()
    expect(page.locator(".dp-sum")).to_contain_text("撤回 190 件")
    assert Case.objects.filter(state="registered").count() == 200
    assert operator.errors == []


def test_single_cases_are_walked_ticked_and_sent_elsewhere_by_keys(world: World, waiting, visit: Visit):
    waiting(4)
    operator = visit().sign_in(Role.OPERATOR)
    page = operator.open(QUEUE)
    ready(page)
    key(page, "j", "x", "j", "1", "j", " ")
    expect(page.locator("[data-count]")).to_have_text("已选 3 件")
    expect(page.locator(".dp-option input:checked")).to_have_count(1)
    key(page, "a")
    expect(page.locator("[data-count]")).to_have_text("已选 4 件")
    key(page, "a")
    expect(page.locator("[data-count]")).to_have_text("未勾选")
    key(page, "k", "k", "1", "j", "x")
    with page.expect_navigation():
        key(page, "Enter")  # the number took its case along
    expect(page.locator(".dp-line")).to_have_count(2)
    key(page, "j", "x")
    expect(page.locator(".dp-sum")).to_contain_text("将派遣 1 件")
    expect(page.locator("[data-key-row]:focus")).to_have_count(1)
    key(page, "1")
    expect(page.locator(".dp-sum")).to_contain_text("将派遣 2 件")
    key(page, "?")
    expect(page.locator("#keys")).to_contain_text("确认派遣")
    key(page, "Escape")
    with page.expect_navigation():
        key(page, "u")
    assert page.url.endswith(QUEUE)
    assert operator.errors == []


def test_a_line_drawn_on_the_map_leaves_what_lies_in_it(world: World, waiting, visit: Visit):
    inside = waiting(2, lon=120.005, lat=31.005, region_id=None)
    waiting(3, lon=120.025, lat=31.005, region_id=None)
    operator = visit().sign_in(Role.OPERATOR)
    page = operator.open(QUEUE)
    ready(page)
    key(page, "m")
    ground = page.locator(".dp-map .gl-map[data-ready]")
    ground.scroll_into_view_if_needed()
    page.get_by_role("button", name="圈选", exact=True).click()
    box = ground.bounding_box()
    assert box is not None
    corners = [(0.02, 0.02), (0.4, 0.02), (0.4, 0.98), (0.02, 0.98)]
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*at[0])
    page.mouse.down()
    for corner in (*at[1:], at[0]):
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    expect(page.locator(".dp-area")).to_contain_text("圈选的范围")
    expect(page.locator(".dp-row")).to_have_count(len(inside))
    assert "area=" in page.url
    page.reload()
    expect(page.locator(".dp-row")).to_have_count(len(inside))
    assert operator.errors == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 720, 1440])
def test_no_page_of_dispatch_runs_over_its_window(
    world: World, waiting, visit: Visit, width: int, dark: bool
):
    waiting(2)
    leader = visit(width=width, height=844, dark=dark).sign_in(Role.LEADER)
    page = leader.open(QUEUE)
    ready(page)
    assert fits(page)
    page.locator(".dp-tick").first.check()
    with page.expect_navigation():
        page.locator("#take").click()
    assert fits(page)
    with page.expect_navigation():
        page.locator("#confirm-batch button").click()
    expect(page.locator(".dp-undo")).to_contain_text("还可撤销 9:")
    assert fits(page)
    for path in ("/dispatch/batches/", "/dispatch/limits/"):
        leader.open(path)
        assert fits(page), path
    assert leader.errors == []
