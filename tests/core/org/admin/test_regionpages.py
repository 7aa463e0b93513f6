"""Files of regions and the check of boundaries in the admin."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gridloop.core.org import actions
from gridloop.core.org.models import Region
from gridloop.core.org.permissions import Role
from tests.core.org.factories import NOW, make_person, make_post, square

IMPORT = reverse("admin:org_import_regions")
EXPORT = reverse("admin:org_export_regions")
REPORT = reverse("admin:org_boundary_report")


def sheet(text):
    return SimpleUploadedFile("a.csv", text.encode())


def said(text, **more):
    return {"file": sheet(text), "mapping": "", "source": "wgs84", "under": "", **more}


ROWS = "名称,层级\n西塘村,村\n,村\n"


def test_the_list_of_regions_leads_to_the_pages(desk, town):
    page = desk.get(reverse("admin:org_region_changelist")).content.decode()
    assert all(url in page for url in (IMPORT, EXPORT, REPORT))


def test_a_file_is_tried_first_and_written_when_that_is_ticked(desk, town):
    tried = desk.post(IMPORT, said(ROWS, under=town.town.pk))
    page = tried.content.decode()
    assert (tried.status_code, "试运行结果（未写入）" in page, "没有填写村名称" in page) == (200, True, True)
    assert not Region.objects.filter(name="西塘村").exists()
    done = desk.post(IMPORT, said(ROWS, under=town.town.pk, is_real="on"))
    assert "新增 1，更新 0，不变 0" in done.content.decode()
    assert Region.objects.get_parent(Region.objects.get(name="西塘村")) == town.town


def test_the_history_of_an_imported_region_names_who_imported_it(desk, town, gu):
    desk.post(IMPORT, said(ROWS, under=town.town.pk, is_real="on"))
    region = Region.objects.get(name="西塘村")
    assert gu.full_name in desk.get(reverse("admin:org_region_history", args=[region.pk])).content.decode()


@pytest.mark.parametrize(
    ("text", "more", "word"),
    [
        ("{", {}, "无法读取 GeoJSON"),
        ("mc\n西塘村\n", {"mapping": "name=xx\nlevel==village"}, "没有这些列：xx"),
        (ROWS, {"mapping": "name"}, "字段=列名"),
        (ROWS, {"source": "utm"}, "utm"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_on_the_form(desk, town, text, more, word):
    answer = desk.post(IMPORT, said(text, **more))
    assert answer.status_code == 422
    assert word in answer.content.decode()


@pytest.mark.parametrize("kind", ["geojson", "csv"])
def test_an_export_is_a_file_that_is_taken_back(desk, town, kind):
    answer = desk.get(EXPORT, {"format": kind})
    assert f".{kind}" in answer.headers["Content-Disposition"]
    file = SimpleUploadedFile(f"a.{kind}", answer.content)
    done = desk.post(IMPORT, {**said(""), "file": file, "is_real": "on"})
    assert "新增 0，更新 0，不变 5，新边界 0，错误 0 行" in done.content.decode()


def test_an_unknown_format_is_refused(desk, town):
    assert desk.get(EXPORT, {"format": "shp"}).status_code == 422


def test_the_check_of_boundaries_shows_what_was_found_and_where(desk, town):
    actions.set_boundary(town.other_grid.pk, square(1, 0, size=0.005), at=NOW.replace(hour=2))
    page = desk.get(REPORT).content.decode()
    assert "“柳桥第2网格”" in page
    assert reverse("admin:org_region_change", args=[town.other_grid.pk]) in page


def test_a_town_without_boundaries_is_told_what_to_do(desk, town):
    for region in Region.objects.all():
        actions.retire_region(region.pk)
    assert "还没有边界" in desk.get(REPORT).content.decode()


def test_the_pages_are_for_who_manages_the_organisation(client, town):
    person = make_person("li")
    make_post(person, town.centre, Role.LEADER, town.town)
    client.force_login(person)
    assert {client.get(url).status_code for url in (IMPORT, EXPORT, REPORT)} <= {302, 403}


def test_names_in_a_file_are_escaped(desk, town):
    row = {"type": "Feature", "properties": {"name": "<b>x</b>", "level": "village"}, "geometry": None}
    data = json.dumps({"type": "FeatureCollection", "features": [row]}).encode()
    desk.post(IMPORT, {**said(""), "file": SimpleUploadedFile("a.json", data), "is_real": "on"})
    assert "<b>x</b>" not in desk.get(reverse("admin:org_region_changelist")).content.decode()
