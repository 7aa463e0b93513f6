"""The loop at the desk, as its people walk it in a browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import World
from tests.journeys.conftest import PASSWORD, Visit

pytestmark = pytest.mark.browser
DESK, PHONE, ZOOMED = ({"width": w, "height": h} for w, h in ((1440, 900), (390, 844), (720, 450)))
OpenAs = Callable[..., Page]


@pytest.fixture
def open_as(visit: Visit) -> Iterator[OpenAs]:
    """Return what signs a person in before a screen; whatever the browser complains of fails the test."""
    complaints: list[str] = []

    def opened(role: Role, **screen) -> Page:
        page = visit(**screen).page
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto("/accounts/login/")
        page.fill("[name=login]", role.value)
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():
            page.press("[name=password]", "Enter")
        return page

    yield opened
    assert complaints == []


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def key(page: Page, name: str) -> None:
    page.locator("main[data-ready]").wait_for()
    page.keyboard.press(name)


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_problem_goes_all_the_way_round_in_the_browser(world: World, open_as: OpenAs, size):
    operator, handler = open_as(Role.OPERATOR, **size), open_as(Role.HANDLER, **size)

    operator.goto(reverse("desk:report"))
    operator.locator("#id_description").press_sequentially("柳桥路口有垃圾堆")
    operator.locator(".gl-chip", has_text="暴露垃圾").click()
    operator.locator(".gl-map[data-ready] canvas").click()
    expect(operator.locator("#place-words")).to_contain_text(re.compile("网格|村"))
    assert fits(operator)
    press(operator, "main .gl-form-end .btn-primary")
    case = Case.objects.get()

    press(operator, "#do-register")
    press(operator, "#do-dispatch")
    operator.locator(".gl-pick-filter").first.fill("综合")
    operator.locator(".gl-pick").first.get_by_text("综合执法局").click()
    press(operator, "main .gl-form-end .btn-primary")
    expect(operator.locator(".gl-message")).to_contain_text("撤回派遣")

    handler.goto(reverse("desk:inbox"))
    press(handler, f"#row-{case.pk}")
    press(handler, "#do-sign_for")
    press(handler, "#do-submit_result")
    handler.fill("[name=note]", "已清运")
    press(handler, "main .gl-form-end .btn-primary")
    assert fits(handler)

    operator.goto(reverse("desk:case", args=[case.pk]))
    press(operator, "#do-verify_pass")
    operator.locator("#do-close").click()
    expect(operator.locator("#note-close")).to_have_value("已清运")
    press(operator, ".gl-note[open] button[type=submit]")
    assert Case.objects.get().state == State.CLOSED
    assert fits(operator)


def test_the_inbox_is_worked_from_the_keyboard(world: World, open_as: OpenAs):
    cases = [factories.reported(world) for _ in range(3)]
    page = open_as(Role.OPERATOR)
    page.goto(reverse("desk:inbox"))
    key(page, "j")
    key(page, "j")
    key(page, "k")
    expect(page.locator(f"#row-{cases[0].pk}")).to_be_focused()
    key(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        key(page, "o")
    expect(page.locator(".gl-case-head")).to_contain_text(cases[0].number)
    with page.expect_navigation():
        key(page, "u")
    key(page, "/")
    page.keyboard.type(cases[2].number)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".gl-case-head")).to_contain_text(cases[2].number)


def test_after_a_verb_the_way_back_leads_to_the_pile_one_came_from(world: World, open_as: OpenAs):
    case, _other = factories.handled(world), factories.handled(world)
    factories.reported(world)
    page = open_as(Role.OPERATOR)
    page.goto(reverse("desk:inbox") + "?box=to_verify")
    press(page, f"#row-{case.pk}")
    press(page, "#do-verify_pass")
    with page.expect_navigation():
        key(page, "u")
    assert page.url.endswith("?box=to_verify")
    expect(page.locator(".gl-item")).to_have_count(1)


def test_a_filter_narrows_the_list_at_once_and_stays_in_the_address(world: World, open_as: OpenAs):
    factories.reported(world)
    done = factories.closed(world)
    page = open_as(Role.OPERATOR)
    page.goto(reverse("desk:cases"))
    expect(page.locator(".gl-item")).to_have_count(2)
    page.locator("#id_state").select_option("closed")
    expect(page.locator(".gl-item")).to_have_count(1)
    expect(page.locator(".gl-item")).to_contain_text(done.number)
    assert page.url.endswith("?state=closed")
    page.reload()
    expect(page.locator(".gl-item")).to_have_count(1)


def test_everything_but_the_map_works_without_scripts(world: World, open_as: OpenAs):
    case = factories.registered(world)
    page = open_as(Role.OPERATOR, scripts=False)
    press(page, f"#row-{case.pk}")
    press(page, "#do-dispatch")
    page.get_by_label("综合执法局").first.check()
    press(page, "main .gl-form-end .btn-primary")
    assert Case.objects.get().state == State.DISPATCHED
    page.goto(reverse("desk:cases"))
    page.locator("#id_state").select_option("dispatched")
    press(page, ".gl-filters .btn-primary")
    expect(page.locator(".gl-item")).to_have_count(1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE, ZOOMED], ids=["desk", "phone", "zoom200"])
def test_no_page_of_the_desk_runs_over_its_window(world: World, open_as: OpenAs, size, dark):
    case = factories.handled(world, lon=120.005, lat=31.005)
    page = open_as(Role.OPERATOR, dark=dark, **size)
    for address in (
        reverse("desk:inbox"),
        reverse("desk:cases"),
        reverse("desk:report"),
        reverse("desk:case", args=[case.pk]),
        reverse("desk:act", args=[case.pk, "verify_fail"]),
        reverse("shell:styleguide"),
        reverse("shell:me"),
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert fits(page), address


def test_the_map_draws_regions_names_and_the_case_without_anything_from_outside(
    world: World, open_as: OpenAs
):
    case = factories.reported(world, lon=120.005, lat=31.005)
    page = open_as(Role.OPERATOR)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(reverse("desk:case", args=[case.pk]))
    expect(page.locator(".gl-map[data-ready]")).to_have_count(1)
    expect(page.locator(".gl-map-label", has_text="柳桥村")).to_be_visible()
    expect(page.locator(".maplibregl-marker").first).to_be_visible()
    assert {
        url for url in asked if not url.startswith((page.url.split("/desk")[0], "blob:", "data:"))
    } == set()


def test_a_grid_worker_closes_on_the_spot_from_a_phone(world: World, open_as: OpenAs):
    page = open_as(Role.GRID_WORKER, **PHONE)
    page.goto(reverse("desk:report"))
    page.fill("#id_description", "村口有杂草")
    page.fill("#id_solved", "已当场割除")
    press(page, "main .gl-form-end .btn-primary")
    assert Case.objects.get().is_self_closed
