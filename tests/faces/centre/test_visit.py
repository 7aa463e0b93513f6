"""Before strangers: not one byte of anybody's matter leaves the server."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from gridloop.capabilities.figures.actions.folding import fold
from gridloop.capabilities.incidents import actions
from gridloop.core.cases.actions import ReporterData, close_on_spot
from gridloop.core.cases.models import Case, Reporter
from gridloop.core.org.models import Unit, User
from gridloop.core.org.permissions import Role
from gridloop.faces.centre import board
from gridloop.faces.centre.analysis import trend
from gridloop.faces.centre.visit import FEW, fit_for_visitors, visit
from tests.capabilities.incidents.factories import called, incident, resource
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World
from tests.faces.centre.conftest import report_at, signed_in

pytestmark = pytest.mark.django_db
MARK = "绝密字样"
ADDRESS, NAME, PHONE = "幸福里七弄九号", "欧阳不群", "13912345678"
TOWN = "119.9,30.9,120.1,31.1"


@pytest.fixture
def matters(world: World) -> World:
    """More cases than `FEW` at one place, each full of what nobody but the town may know."""
    now = timezone.now()
    for n in range(FEW + 1):
        case = factories.handling(
            world,
            now - (n + 5) * MINUTE,
            title=f"{MARK}{n}",
            description=f"{MARK} {NAME} {PHONE}",
            address=ADDRESS,
            reporter=ReporterData(name=NAME, phone=PHONE),
            lon=120.005123,
            lat=31.005123,
            region_id=None,
        )
        assert case.title.startswith(MARK)
    return world


def plain(body: bytes) -> bytes:
    """Return what is told with the characters themselves, where JSON writes them as numbers."""
    return re.sub(rb"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)).encode(), body)


def answers(client: Client) -> dict[str, bytes]:
    """Everything that the visitors' screen asks of the server, as bytes."""
    page = client.get("/centre/?mode=visit")
    told = page.context["map"]["told"]
    asked = {
        "part": client.get("/centre/?mode=visit", headers={"HX-Request": "true"}),
        **{
            f"cells {zoom} {grain}": client.get(
                told["cells"], {"bbox": TOWN, "zoom": zoom, "grain": grain, "late": "1"}
            )
            for zoom in ("11", "14", "22")
            for grain in ("", "fine")
        },
        "ground": client.get(told["regions"]),
        "grids": client.get(told["grids"]),
    }
    for name, answer in asked.items():
        assert answer.status_code == 200, name
    assert set(told) == {"regions", "grids", "base", "words", "cells", "masked", "on"}
    return {"page": plain(page.content), **{name: plain(answer.content) for name, answer in asked.items()}}


def test_no_answer_holds_a_title_name_address_number_code_unit_or_person(matters: World, leader: Client):
    secrets = {MARK, ADDRESS, NAME, PHONE, "120.0051", "31.0051"}
    for case in Case.objects.all():
        secrets |= {case.number, case.tracking_code, case.shown_tracking_code, str(case.pk), case.pk.hex}
    secrets |= {u.full_name for u in User.objects.all()} | {u.name for u in Unit.objects.all()}
    assert Reporter.objects.count() == FEW + 1
    found = {
        (name, secret)
        for name, body in answers(leader).items()
        for secret in secrets
        if secret.encode() in body
    }
    assert found == set()


def test_no_answer_tells_of_an_emergency_or_of_whom_it_called(matters: World, leader: Client):
    person = resource(matters, NAME, kind="person", contact=PHONE)
    opened, _calls = called(
        matters, person, to=incident(matters, title=f"{MARK}险情", brief=MARK, address=ADDRESS)
    )
    actions.note(opened.pk, f"{NAME}已联系", actor=matters.leader, at=timezone.now())
    secrets = (MARK, NAME, PHONE, ADDRESS, opened.number, str(opened.pk), person.code)
    told = {
        **answers(leader),
        "of the incident": leader.get(f"/centre/?mode=visit&incident={opened.pk}").content,
    }
    assert {(name, s) for name, body in told.items() for s in secrets if s.encode() in body} == set()


@pytest.mark.parametrize("role", [Role.UNIT_LEAD, Role.SECRETARY])
def test_who_commands_nothing_is_told_of_no_person_and_no_telephone_by_any_feed(matters: World, role: Role):
    resource(matters, NAME, kind="person", contact=PHONE)
    client = signed_in(matters, role)
    asked = {
        path: client.get(path, {"bbox": TOWN, "zoom": "14", "when": f"{timezone.localdate():%Y-%m-%d}"})
        for path in ("cases.geojson", "cells.geojson", "masked.geojson", "played.bin", "recent", "news")
        for path in [f"/centre/{path}"]
    } | {"resources": client.get(reverse("incidents:resources")), "units": client.get(reverse("org:units"))}
    assert {answer.status_code for answer in asked.values()} == {200}
    bodies = {path: plain(answer.content) for path, answer in asked.items()}
    assert {p for p, body in bodies.items() if NAME.encode() in body or PHONE.encode() in body} == set()
    assert "人员".encode() in bodies["resources"]


def test_no_answer_leads_to_a_case_or_a_list(matters: World, leader: Client):
    for name, body in answers(leader).items():
        assert b"/desk/" not in body, name
        assert b"centre/live" not in body, name
        assert b"cases.geojson" not in body, name
        assert b"played.bin" not in body, name


def test_what_may_be_told_is_told(matters: World, leader: Client):
    page = leader.get("/centre/?mode=visit")
    tiles = {tile.name: tile.value for tile in page.context["board"]["tiles"]}
    assert (tiles["open"], tiles["reported"]) == (str(FEW + 1), str(FEW + 1))
    assert "柳桥村" in page.content.decode()


@pytest.mark.parametrize(
    "hidden",
    [{"is_confidential": True}, {"category_id": None}],
    ids=["confidential", "without a category"],
)
def test_confidential_and_unknown_matters_are_in_no_figure(
    matters: World, leader: Client, hidden: dict[str, Any]
):
    def said() -> tuple[str, bytes]:
        board._kept.clear()
        page = leader.get("/centre/?mode=visit")
        cells = leader.get("/centre/masked.geojson", {"bbox": TOWN, "zoom": "12"})
        return str([tile.value for tile in page.context["board"]["tiles"]]), cells.content

    before = said()
    for n in range(FEW):
        factories.handling(
            matters, timezone.now() - (n + 5) * MINUTE, lon=120.005, lat=31.005, region_id=None, **hidden
        )
    assert said() == before


@pytest.mark.parametrize("role", [Role.LEADER, Role.SECRETARY, Role.UNIT_LEAD])
def test_each_day_says_how_many_came_and_ended_of_what_strangers_may_hear_of(world: World, role: Role):
    for n in range(4):
        at = AT + n * DAY
        factories.closed(world, at)
        factories.closed(world, at, is_confidential=n < 2)
        factories.reported(world, at, category_id=None)
        spot = report_at(world, at, is_confidential=n == 3)
        close_on_spot(spot.pk, actor=world.worker, at=at + MINUTE, note="已清扫")
    fold()
    factories.reported(world, AT + 4 * DAY)  # in no counter yet
    factories.reported(world, AT + 4 * DAY, is_confidential=True)
    actor, today = world.actors.get(role, world.leader), localdate(AT + 4 * DAY)
    found = visit(actor, AT + 4 * DAY + HOUR).days
    shown = fit_for_visitors(Case.objects.visible_to(actor))
    assert found == trend(shown, today - timedelta(days=29), today)
    assert sum(day.closed for day in found) > 3


def test_a_sensitive_category_is_in_no_figure(matters: World, leader: Client, settings: Any):
    settings.CENTRE_HIDDEN_CATEGORIES = [matters.catalogue.main.code]
    page = leader.get("/centre/?mode=visit")
    tiles = {tile.name: tile.value for tile in page.context["board"]["tiles"]}
    assert (tiles["open"], tiles["reported"]) == ("0", "0")
    assert (
        json.loads(leader.get("/centre/masked.geojson", {"bbox": TOWN, "zoom": "12"}).content)["total"] == 0
    )


def test_few_cases_of_a_village_or_a_square_are_not_told(world: World, leader: Client):
    for n in range(FEW - 1):
        factories.handling(world, timezone.now() - (n + 5) * MINUTE, lon=120.005, lat=31.005, region_id=None)
    page = leader.get("/centre/?mode=visit")
    assert (page.context["board"]["communities"], page.context["board"]["categories"]) == ([], [])
    squares = json.loads(leader.get("/centre/masked.geojson", {"bbox": TOWN, "zoom": "12"}).content)
    assert squares["features"] == []


def test_two_windows_that_differ_by_a_strip_tell_the_same(matters: World, leader: Client):
    def squares(bbox: str) -> Any:
        answer = leader.get("/centre/masked.geojson", {"bbox": bbox, "zoom": "22"})
        return json.loads(answer.content)["features"]

    whole = squares("120.0041,31.0041,120.0079,31.0079")
    assert [f["properties"]["count"] for f in whole] == [FEW + 1]
    assert squares("120.0052,31.0041,120.0079,31.0079") == whole


def test_the_visitors_screen_is_for_the_centre_to_show(matters: World):
    assert signed_in(matters, Role.HANDLER).get("/centre/?mode=visit").status_code == 403
    assert Client().get("/centre/masked.geojson", {"bbox": TOWN, "zoom": "12"}).status_code == 302
