"""A leader reads the month: from a score to its cases, a register as a sheet, a brief that Word opens."""

import json
from datetime import timedelta
from pathlib import Path

import docx
import pytest
from django.utils import timezone
from openpyxl import load_workbook

from gridloop.capabilities.figures.actions.briefs import make_brief
from gridloop.capabilities.figures.models import Brief
from gridloop.core.org.permissions import Role
from tests.core.cases.factories import World, closed, dispatched
from tests.journeys.conftest import Visit
from tests.journeys.test_accessible import barriers

pytestmark = pytest.mark.browser
PAGES = [
    "/figures/", "/figures/?by=region", "/figures/formula/", "/figures/exclusions/", "/figures/registers/",
    "/figures/registers/hotline/", "/figures/registers/units/", "/figures/registers/new/", "/figures/briefs/",
]  # fmt: skip


def test_a_leader_goes_from_the_score_to_its_cases_a_register_and_a_brief(
    world: World, visit: Visit, tmp_path: Path
) -> None:
    recent = timezone.now() - timedelta(hours=2)
    cases = [closed(world, recent), closed(world, recent)]
    day = timezone.localdate(recent)  # which is yesterday in the first hours of a day
    leader = visit().sign_in(Role.LEADER)
    page = leader.open(f"/figures/?month={day:%Y-%m}")

    row = page.locator("tbody tr").first
    assert "样本少，不评分" in row.inner_text()
    row.locator("td").nth(1).locator("a").click()
    page.wait_for_url("**/figures/cases/**")
    assert page.locator("#count").inner_text() == "2 件"
    assert {case.number for case in cases} == set(page.locator(".figures-of").all_inner_texts())

    leader.open("/figures/registers/")
    page.locator("#register-units").click()
    with page.expect_download() as download:
        page.locator("#download").click()
    sheet = load_workbook(_saved(download.value, tmp_path)).active
    assert sheet["A1"].value == "承办单位办理统计"

    leader.open("/figures/briefs/")
    page.fill("main form.gl-filters [name=day]", day.isoformat())
    page.locator("main form.gl-filters button.btn-primary").click()
    page.get_by_text("几秒钟后即可下载").wait_for()
    brief = _made()
    leader.open("/figures/briefs/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    word = docx.Document(str(_saved(download.value, tmp_path)))
    assert "办结 2 件" in "".join(p.text for p in word.paragraphs)
    assert json.dumps(brief.facts, ensure_ascii=False)
    assert leader.errors == []


@pytest.mark.parametrize(
    ("width", "height", "dark"), [(1440, 900, False), (390, 844, False), (1440, 900, True)]
)
def test_the_pages_of_the_figures_have_no_barrier(
    world: World, visit: Visit, width: int, height: int, dark: bool
) -> None:
    closed(world, timezone.now() - timedelta(hours=2))
    dispatched(world, timezone.now() - timedelta(hours=2))
    leader = visit(width=width, height=height, dark=dark).sign_in(Role.LEADER)
    found = {path: barriers(leader.open(path)) for path in PAGES}
    assert {path: rows for path, rows in found.items() if rows} == {}
    widths = {path: leader.open(path).evaluate("document.documentElement.scrollWidth") for path in PAGES}
    assert {path: w for path, w in widths.items() if w > width} == {}


def _saved(download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def _made() -> Brief:
    """Do what the worker would do."""
    brief = Brief.objects.get()
    make_brief(brief.pk, at=timezone.now())
    return Brief.objects.get()
