"""Taking a report down."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from gridloop.base.common.ids import new_id
from gridloop.core.cases.models import Case, PlaceMatch
from gridloop.core.cases.workflow import State
from tests.core.cases.factories import World, make_world
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db
REPORT, SUGGEST, PLACE = (reverse(f"desk:{name}") for name in ("report", "suggest", "place"))


def given(**changes):
    values = {
        "case_id": new_id(),
        "description": "柳桥路口有一堆建筑垃圾",
        "channel": "hotline",
        "demand": "help",
        "address": "柳桥路12号",
        "name": "张小明",
        "phone": "13812345678",
    }
    return values | changes


def test_a_report_becomes_a_case_and_its_codes_are_told(world: World, sign_in: SignIn):
    response = sign_in(world.operator).post(REPORT, given(), follow=True)
    case = Case.objects.get()
    content = response.content.decode()
    assert (case.state, case.reported_by_id) == (State.REPORTED, world.operator.user_id)
    assert case.number in content
    assert case.shown_tracking_code in content


def test_pressing_twice_makes_one_case(world: World, sign_in: SignIn):
    client, typed = sign_in(world.operator), given()
    first, second = client.post(REPORT, typed), client.post(REPORT, typed)
    assert first.url == second.url
    assert Case.objects.count() == 1


def test_the_category_left_open_is_the_one_that_the_words_speak_for(world: World, sign_in: SignIn):
    sign_in(world.operator).post(REPORT, given())
    assert Case.objects.get().category_id == world.catalogue.litter.pk


def test_after_an_error_nothing_typed_is_lost(world: World, sign_in: SignIn):
    typed = given(description="", lon="999", lat="31.005")
    response = sign_in(world.operator).post(REPORT, typed)
    form, content = response.context["form"], response.content.decode()
    assert response.status_code == 422
    assert set(form.errors) == {"description", "lon"}
    for value in ("柳桥路12号", "张小明", "13812345678", "999", str(typed["case_id"])):
        assert value in content


def test_half_a_point_is_refused_beside_its_field(world: World, sign_in: SignIn):
    response = sign_in(world.operator).post(REPORT, given(lon="120.005"))
    assert (response.status_code, "lon" in response.context["form"].errors) == (422, True)
    assert not Case.objects.exists()


def test_photographs_come_with_the_report(world: World, sign_in: SignIn):
    photos = []
    for colour in ("red", "blue"):
        file = io.BytesIO()
        Image.new("RGB", (9, 9), colour).save(file, "JPEG")
        file.seek(0)
        file.name = f"{colour}.jpg"
        photos.append(file)
    sign_in(world.operator).post(REPORT, given(files=photos))
    assert Case.objects.get().attachments.count() == 2


def test_a_grid_worker_closes_on_the_spot_what_is_solved(world: World, sign_in: SignIn):
    sign_in(world.worker).post(REPORT, given(channel="grid", solved="已当场清走"))
    case = Case.objects.get()
    assert (case.state, case.is_self_closed, case.outcome) == (State.CLOSED, True, "已当场清走")


def test_who_may_not_close_on_the_spot_is_not_asked_for_it(world: World, sign_in: SignIn):
    assert "solved" not in sign_in(world.operator).get(REPORT).context["form"].fields


def test_categories_are_proposed_with_the_words_that_speak_for_them(world: World, sign_in: SignIn):
    content = sign_in(world.operator).get(SUGGEST, {"description": "门口有垃圾堆"}).content.decode()
    assert "暴露垃圾" in content
    assert "因“垃圾堆" in content
    assert f'data-value="{world.catalogue.litter.pk}"' in content
    assert "<html" not in content


def test_nothing_is_proposed_for_words_that_nobody_knows(world: World, sign_in: SignIn):
    assert "data-value" not in sign_in(world.operator).get(SUGGEST, {"description": "你好"}).content.decode()


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        ("120.005", "31.005", "柳桥第1网格"),
        ("121", "32", "不在本镇范围内"),
        ("", "x", ""),
        ("nan", "inf", ""),
    ],
)
def test_a_point_is_told_in_words(db, sign_in: SignIn, lon, lat, words):
    world = make_world(boundaries=True)
    content = sign_in(world.operator).get(PLACE, {"lon": lon, "lat": lat}).content.decode()
    assert words in content


def test_a_point_on_the_map_finds_its_grid(db, sign_in: SignIn):
    world = make_world(boundaries=True)
    sign_in(world.operator).post(REPORT, given(lon="120.005", lat="31.005"))
    case = Case.objects.get()
    assert (case.region_id, case.place_match) == (world.town.grid.pk, PlaceMatch.INSIDE)


def test_who_may_not_report_is_refused(world: World, sign_in: SignIn):
    auditor = next(a for role, a in world.actors.items() if role.value == "auditor")
    assert sign_in(auditor).get(REPORT).status_code == 403
