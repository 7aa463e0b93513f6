"""One problem, all the way round: by the people whom it takes, each before a screen of their own."""

import pytest
from playwright.sync_api import Page, expect

from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases.factories import World
from tests.journeys.conftest import Visit, Visitor

pytestmark = pytest.mark.browser

WORDS = "柳桥路口有一堆垃圾，三天没人清理"
PATIENCE_MS = 2_500  # a form that comes back sooner was not filled in by a person


def test_a_residents_report_is_handled_verified_closed_and_rated(world: World, visit: Visit) -> None:
    resident = visit(width=390, height=844)
    code = report(resident)

    operator = visit().sign_in(Role.OPERATOR)
    page = open_from_inbox(operator)
    press(page, "register")
    press(page, "dispatch")
    page.get_by_label("综合执法局").first.check()
    page.get_by_role("button", name="确定派遣").click()
    expect(page.locator(".gl-case-line")).to_contain_text("已派遣")

    handler = visit(width=390, height=844).sign_in(Role.HANDLER)
    page = open_from_inbox(handler)
    press(page, "sign_for")
    press(page, "submit_result")
    page.locator("main [name=note]").last.fill("已清运两车垃圾，地面冲洗干净")
    page.get_by_role("button", name="确定提交结果").click()
    expect(page.locator(".gl-case-line")).to_contain_text("待核查")

    page = open_case(operator)
    press(page, "verify_pass")
    press(page, "close")
    page.locator("#note-close").fill("垃圾已清运")
    page.get_by_role("button", name="确定结案").click()
    expect(page.locator(".gl-case-line")).to_contain_text("已结案")

    page = resident.open(f"/t/{code}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("已办结")
    page.locator("[name=attitude][value='5']").check()
    page.locator("[name=result][value='4']").check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("#rating")).to_contain_text("重新评价")

    case = Case.objects.get()
    assert (case.state, case.needs_review, case.feedback.get().result) == ("closed", False, 4)
    assert resident.errors == operator.errors == handler.errors == []


def test_a_report_needs_no_script(world: World, visit: Visit) -> None:
    resident = visit(width=390, height=844, scripts=False)
    code = report(resident)
    page = resident.open("/track/")
    page.locator("main [name=code]").fill(code.lower())
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到，等待受理")


def test_two_people_at_one_case_get_one_success_and_one_fresh_page(world: World, visit: Visit) -> None:
    report(visit())
    first, second = (visit().sign_in(role) for role in (Role.OPERATOR, Role.LEADER))
    stale = open_from_inbox(second)
    press(open_from_inbox(first), "register")
    press(stale, "register")
    expect(stale.locator("body")).to_contain_text("已立案")
    assert Case.objects.get().version == 2


def report(resident: Visitor) -> str:
    """Report a heap of rubbish and return the tracking code that the page shows."""
    page = resident.open("/report/")
    page.fill("#id_description", WORDS)
    page.fill("#id_address", "柳桥路菜场北门对面")
    page.wait_for_timeout(PATIENCE_MS)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到您的上报")
    return page.locator(".portal-code").inner_text().strip()


def open_from_inbox(person: Visitor) -> Page:
    page = person.open("/desk/")
    page.locator(".gl-item-link").first.click()
    expect(page.locator(".gl-case-line")).to_be_visible()
    return page


def open_case(person: Visitor) -> Page:
    return person.open(f"/desk/cases/{Case.objects.get().pk}/")


def press(page: Page, verb: str) -> None:
    page.locator(f"#do-{verb}").click()
    page.wait_for_load_state("networkidle")
