"""A real browser before the real application: pages served by a live server, drawn by Debian's Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from gridloop.core.org.models import User
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.live.hub import hub
from tests.config.programs import eventually
from tests.core.cases.factories import World, make_world

# Playwright runs an event loop in the test's own thread; Django would take every query in it for a mistake.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
# Maps are drawn by software here, on a machine that runs other tests meanwhile.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
PASSWORD = "Yunxi-2026-lan"
AXE = Path(settings.PROJECT) / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="package")  # its event loop must not run under the tests of other folders
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def world(transactional_db: None) -> World:
    """A town with ground under it, whose people can sign in by the name of their role."""
    made = make_world(boundaries=True)
    for role in made.actors:
        person = User.objects.get(username=role.value)
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return made


class Visitor:
    """Somebody before a screen of their own, with cookies of their own."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.base}{path}")
        return self.page

    def sign_in(self, role: Role) -> "Visitor":
        page = self.open("/accounts/login/")
        page.fill("[name=login]", role.value)
        page.fill("[name=password]", PASSWORD)
        page.locator("main button.btn-primary").click()
        page.wait_for_url("**/desk/**")
        return self


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator["Visit"]:
    made = Visit(browser, live_server.url)
    yield made
    made.close()
    # On a thread a stream learns only with the next beat that its reader has gone.
    for reader in hub.readers():
        reader.close()
    eventually(lambda: not hub.is_running)


class Visit:
    """Lets people in: `visit()` is a new one, at the size of their screen."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.contexts: list[BrowserContext] = []

    def __call__(
        self, *, width: int = 1440, height: int = 900, scripts: bool = True, dark: bool = False
    ) -> Visitor:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            base_url=self.base,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        return Visitor(context, self.base)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
