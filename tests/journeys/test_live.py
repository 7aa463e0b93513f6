"""What happens in town is on the screen by itself, over one line for the whole browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridloop.core.org.permissions import Role
from gridloop.faces.centre.live.hub import hub
from tests.core.cases import factories
from tests.core.cases.factories import World
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser
LINE = '[data-module="centre/stream"]'
# What an older browser does not have.
WITHOUT_SHARED_WORKER = "delete window.SharedWorker"
ALONE = f"{WITHOUT_SHARED_WORKER}; delete window.BroadcastChannel"


def shows(page: Page, title: str) -> None:
    expect(page.locator('[data-module~="centre/ticker"]').get_by_text(title)).to_be_visible(timeout=20_000)


def test_a_case_that_is_reported_comes_to_the_screen(world: World, visit: Visit) -> None:
    leader = visit().sign_in(Role.LEADER)
    page = leader.open("/centre/")
    expect(page.locator(f'{LINE}[data-state="live"]')).to_be_attached()
    factories.reported(world, timezone.now(), title="柳桥路口积水")
    shows(page, "柳桥路口积水")
    assert leader.errors == []


@pytest.mark.parametrize("script", ["", WITHOUT_SHARED_WORKER], ids=["shared worker", "one window for all"])
def test_two_windows_of_a_browser_share_one_line(world: World, visit: Visit, script: str) -> None:
    leader = visit().sign_in(Role.LEADER)
    leader.context.add_init_script(script)
    first, second = leader.open("/centre/"), leader.context.new_page()
    expect(first.locator(f'{LINE}[data-state="live"]')).to_be_attached()
    second.goto("/centre/")
    expect(second.locator('[data-module~="centre/ticker"][data-ready]')).to_be_attached()
    factories.reported(world, timezone.now(), title="柳桥路口积水")
    shows(first, "柳桥路口积水")
    shows(second, "柳桥路口积水")
    assert len(hub.readers()) == 1


def test_where_streams_are_blocked_the_screen_asks_for_news(world: World, visit: Visit) -> None:
    leader = visit().sign_in(Role.LEADER)
    leader.context.add_init_script(ALONE)
    leader.context.route("**/centre/live*", lambda route: route.fulfill(status=502))
    page = leader.open("/centre/")
    expect(page.locator(f'{LINE}[data-state="polling"]')).to_be_attached()
    factories.reported(world, timezone.now(), title="柳桥路口积水")
    shows(page, "柳桥路口积水")
