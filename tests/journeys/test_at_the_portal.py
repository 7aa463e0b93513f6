"""A resident at the portal with a browser that runs scripts: hints while typing, the map, photos, no barrier."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from gridloop.core.cases.models import Case
from tests.core.cases.factories import World, closed, reported
from tests.journeys.conftest import Visit
from tests.journeys.test_accessible import barriers
from tests.journeys.test_round_the_loop import PATIENCE_MS

pytestmark = pytest.mark.browser
HERE = {"longitude": 120.015, "latitude": 31.005}


def send(page: Page) -> None:
    page.wait_for_timeout(PATIENCE_MS)
    page.get_by_role("button", name="提交", exact=True).click()


def test_hints_come_while_one_types(world: World, visit: Visit) -> None:
    page = visit(width=390, height=844).open("/report/")
    page.locator("#id_description").press_sequentially("门口一堆垃圾")
    expect(page.get_by_role("radio", name="暴露垃圾")).to_be_checked()
    page.locator("#id_description").press_sequentially("，好像着火了")
    expect(page.get_by_role("link", name="拨打 119")).to_be_visible()


def test_a_press_on_the_map_places_the_report_and_names_the_ground(world: World, visit: Visit) -> None:
    resident = visit(width=390, height=844)
    page = resident.open("/report/")
    page.fill("#id_description", "井盖坏了")
    ground = page.locator(".gl-map[data-ready]")
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    assert box is not None
    ground.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator(".gl-map-say")).to_contain_text("村")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到您的上报")
    case = Case.objects.get()
    assert (case.place_match, case.coordinate_source) == ("inside", "wgs84")
    assert resident.errors == []


def test_the_devices_own_position_serves_too(world: World, visit: Visit) -> None:
    resident = visit(width=390, height=844)
    resident.context.grant_permissions(["geolocation"])
    resident.context.set_geolocation(HERE)
    page = resident.open("/report/")
    page.fill("#id_description", "井盖坏了")
    page.get_by_role("button", name="用我的位置").click()
    expect(page.locator("#id_lon")).to_have_value("120.015000")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到您的上报")
    assert Case.objects.get().region == world.town.other_grid


def test_photos_are_seen_before_and_kept_after_an_error(world: World, visit: Visit, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "brown").save(tmp_path / "井盖.jpg")
    page = visit(width=390, height=844).open("/report/")
    page.set_input_files("#id_photos", tmp_path / "井盖.jpg")
    expect(page.locator(".portal-kept img")).to_have_attribute("alt", "井盖.jpg")
    send(page)
    expect(page.get_by_role("alert").first).to_contain_text("还没有提交成功")
    expect(page.get_by_label("保留这张")).to_be_checked()
    page.fill("#id_description", "井盖坏了")
    page.fill("#id_address", "柳桥路")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到您的上报")
    assert Case.objects.get().attachments.get().name == "井盖.jpg"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forms_with_errors_and_pages_behind_a_code_have_no_barrier(
    world: World, visit: Visit, scheme: str
) -> None:
    case, ended = reported(world), closed(world)
    resident = visit(width=390, height=844)
    resident.page.emulate_media(color_scheme=scheme)
    paths = ["thanks/", "supplement/", "attach/", "withdraw/"]
    found = {path: barriers(resident.open(f"/t/{case.tracking_code}/{path}")) for path in paths}
    found |= {"ended": barriers(resident.open(f"/t/{ended.tracking_code}/"))}
    found |= {"home": barriers(resident.open("/")), "unknown": barriers(resident.open("/t/7KQ2MPXA93TD/"))}
    page = resident.open("/report/")
    page.fill("#id_description", "门口一堆垃圾着火了")
    send(page)
    expect(page.get_by_role("alert").first).to_contain_text("还没有提交成功")
    found |= {"errors": barriers(page)}
    assert {path: rows for path, rows in found.items() if rows} == {}
