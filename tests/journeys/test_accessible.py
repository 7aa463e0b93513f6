"""Every page by the rules of WCAG 2.2 AA, as far as a program can tell; at both sizes and in the dark."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from gridloop.capabilities.dispatch.actions import batches, previews
from gridloop.capabilities.dispatch.actions.rules import add_rule
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.modes import MODES
from tests.capabilities.dispatch.conftest import with_duty
from tests.capabilities.incidents.factories import called, resource, skilled
from tests.core.cases.factories import AT, MINUTE, World, closed, handling, registered, reported
from tests.journeys.conftest import AXE, Visit

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PUBLIC = ["/", "/report/", "/track/", "/accounts/login/"]
STAFF = ["/desk/", "/desk/cases/", "/desk/cases/?q=垃圾&state=open", "/desk/cases/new/", "/me/"]
DISPATCH = [
    "/dispatch/",
    "/dispatch/?pile=adjudicating",
    "/dispatch/batches/",
    "/dispatch/rules/",
    "/dispatch/rules/new/",
    "/dispatch/dry-runs/",
    "/dispatch/automatic/",
    "/dispatch/limits/",
]
SIZES = [(1440, 900), (390, 844)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_public_pages_have_no_barrier(world: World, visit: Visit, width: int, height: int) -> None:
    case = closed(world)
    visitor = visit(width=width, height=height)
    found = {path: barriers(visitor.open(path)) for path in [*PUBLIC, f"/t/{case.tracking_code}/"]}
    assert {path: rows for path, rows in found.items() if rows} == {}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_staff_pages_have_no_barrier(world: World, visit: Visit, width: int, height: int) -> None:
    reported(world)
    case = handling(world)
    pages = [*STAFF, f"/desk/cases/{case.pk}/", f"/desk/cases/{case.pk}/transfer/"]
    operator = visit(width=width, height=height).sign_in(Role.OPERATOR)
    found = {path: barriers(operator.open(path)) for path in pages}
    assert {path: rows for path, rows in found.items() if rows} == {}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_pages_of_dispatch_have_no_barrier(world: World, visit: Visit, width: int, height: int) -> None:
    with_duty(world)
    keys = [registered(world).pk for _n in range(2)]
    batch = previews.preview(keys, actor=world.operator, at=AT)
    done = previews.preview(keys[:1], actor=world.operator, at=AT)
    batches.confirm(done.pk, actor=world.operator, at=AT)
    batches.carry_out(done.pk, at=AT)
    rule = add_rule(actor=world.leader, at=AT, name="夜间噪声", lead_id=world.lead_unit, words=["噪声"])
    leader = visit(width=width, height=height).sign_in(Role.LEADER)
    pages = [
        *DISPATCH,
        f"/dispatch/batches/{batch.pk}/",
        f"/dispatch/batches/{batch.pk}/{keys[0]}/",
        f"/dispatch/batches/{done.pk}/",
        f"/dispatch/rules/{rule.pk}/",
    ]
    found = {path: barriers(leader.open(path)) for path in pages}
    assert {path: rows for path, rows in found.items() if rows} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_the_screen_has_no_barrier_in_any_mode(
    world: World, visit: Visit, width: int, height: int, dark: bool
) -> None:
    skilled(world)
    reported(world, timezone.now())
    handling(world)
    handling(world, timezone.now() - 3 * MINUTE, lon=120.005, lat=31.005, region_id=None)
    called(world, resource(world, "供气抢修队"))
    leader = visit(width=width, height=height, dark=dark).sign_in(Role.LEADER)
    found = {}
    for mode in MODES:
        page = leader.open(f"/centre/?mode={mode}")
        page.wait_for_selector("#ground[data-ready]")
        page.wait_for_selector("#wall[data-ready]")
        found[mode] = barriers(page, is_live=True)
    assert {mode: rows for mode, rows in found.items() if rows} == {}
    assert leader.errors == []


def test_the_dark_has_enough_contrast(world: World, visit: Visit) -> None:
    case = handling(world)
    operator = visit().sign_in(Role.OPERATOR)
    operator.page.emulate_media(color_scheme="dark")
    pages = ["/desk/", "/desk/cases/", f"/desk/cases/{case.pk}/", "/report/"]
    found = {path: barriers(operator.open(path)) for path in pages}
    assert {path: rows for path, rows in found.items() if rows} == {}


def barriers(page: Page, *, is_live: bool = False) -> list[str]:
    """
    Return what axe finds, one line for each rule with the elements that break it.

    :param is_live: the page never stops asking for news, so that there is no quiet to wait for.
    """
    page.wait_for_load_state("load" if is_live else "networkidle")
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci")
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {json.dumps({'runOnly': RULES})})")
    assert found["passes"], "axe looked at nothing"
    return [f"{v['id']}: {[n['target'][0] for n in v['nodes'][:4]]}" for v in found["violations"]]
