"""How a resident reports without an account and without script."""

import json
import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case, Reporter
from gridloop.faces.portal.progress import expected_end
from tests.conftest import shared_data
from tests.core.cases.factories import World, make_world
from tests.faces.portal.conftest import filled, hidden_fields, photo

Send = Callable[..., Any]
pytestmark = pytest.mark.django_db


def only_case() -> Case:
    return Case.objects.get()


def test_a_report_becomes_a_case_and_its_tracking_code_is_shown_large(
    world: World, send: Send, resident: Client
):
    answer = send()
    case = only_case()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/t/{case.tracking_code}/thanks/")
    page = resident.get(answer.headers["Location"]).content.decode()
    assert f'<p class="portal-code" aria-label="查询码">{case.shown_tracking_code}</p>' in page
    assert (case.channel, case.state, case.description) == (
        Channel.PORTAL,
        "reported",
        "菜场门口有一大堆垃圾，三天没人收",
    )


def test_without_a_choice_the_likeliest_public_category_is_taken(world: World, send: Send):
    send()
    assert only_case().category == world.catalogue.litter


def test_a_category_that_is_not_public_is_neither_suggested_nor_taken(
    world: World, send: Send, resident: Client
):
    hints = resident.post("/report/hints/", {"description": "河边杂草丛生"}).content.decode()
    assert "杂草丛生" not in hints
    assert send(category_id=str(world.catalogue.weeds.pk)).status_code == 422
    send(description="河边杂草丛生")
    assert only_case().category is None


def test_somebody_may_say_that_no_suggestion_fits(world: World, send: Send):
    send(suggested="none")
    assert only_case().category is None


def test_while_typing_the_words_suggest_a_category(world: World, resident: Client):
    hints = resident.post("/report/hints/", {"description": "一堆垃圾"}).content.decode()
    assert f'value="{world.catalogue.litter.pk}" checked' in hints


def test_without_script_a_button_shows_the_suggestions_and_reports_nothing(world: World, send: Send):
    page = send(suggest="1", phone="不是号码")
    assert page.status_code == 200
    assert f'value="{world.catalogue.litter.pk}" checked' in page.content.decode()
    assert "还没有提交成功" not in page.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("厨房燃气一直在泄漏", {"119"}),
        ("楼下着火了有人晕倒", {"119", "120"}),
        ("有人在打架", {"110"}),
        ("路口撞车了", {"122"}),
        ("堆放杂物有火灾隐患", set()),
        ("路灯不亮", set()),
    ],
)
def test_words_of_danger_show_whom_to_call_at_once(
    world: World, resident: Client, text: str, numbers: set[str]
):
    hints = resident.post("/report/hints/", {"description": text}).content.decode()
    assert {n for n in ("110", "119", "120", "122") if f'href="tel:{n}"' in hints} == numbers


# Where


def test_a_point_on_the_map_places_the_case_in_its_grid(world: World, send: Send):
    send(address="", lon="120.005", lat="31.005")
    case = only_case()
    assert (case.region, case.place_match, case.coordinate_source) == (world.town.grid, "inside", "wgs84")


def test_a_chosen_village_serves_where_there_is_no_point(world: World, send: Send):
    send(address="", region_id=str(world.town.village.pk))
    assert (only_case().region, only_case().place_match) == (world.town.village, "chosen")


def test_a_point_wins_over_the_village_that_was_chosen(world: World, send: Send):
    send(lon="120.005", lat="31.005", region_id=str(world.town.other_village.pk))
    assert only_case().region == world.town.grid


def test_a_point_outside_leaves_the_chosen_village(world: World, send: Send):
    send(lon="121.9", lat="31.9", region_id=str(world.town.other_village.pk))
    assert only_case().region == world.town.other_village


def test_who_cannot_say_where_may_say_so(world: World, send: Send):
    send(address="", region_id="unknown")
    assert (only_case().region, only_case().place_match) == (world.town.town, "unknown")


def test_a_report_from_nowhere_is_asked_for_a_place_and_keeps_what_was_typed(world: World, send: Send):
    page = send(address="", phone="13800001234")
    assert page.status_code == 422
    text = page.content.decode()
    assert "请告诉我们在哪里" in text
    assert "菜场门口有一大堆垃圾" in text
    assert "13800001234" in text


# Who


def test_name_and_telephone_are_kept_encrypted_and_apart_from_the_case(world: World, send: Send):
    send(name="王小明", phone="138 0000 1234", is_confidential="on")
    case, reporter = only_case(), Reporter.objects.get()
    assert (reporter.name, reporter.phone, case.is_confidential) == ("王小明", "138 0000 1234", True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM cases_reporter")
        stored = b"".join(bytes(column) for column in cursor.fetchone())
    assert "王小明".encode() not in stored
    assert b"138" not in stored


def test_nobody_has_to_leave_a_name(world: World, send: Send):
    send()
    assert not Reporter.objects.exists()


def test_a_telephone_number_that_is_none_is_told_beside_its_field(world: World, send: Send):
    page = send(phone="打我手机")
    assert page.status_code == 422
    assert "电话号码只填数字" in page.content.decode()
    assert "打我手机" in page.content.decode()


# Photos


def test_photos_come_with_the_report_and_are_made_anew(world: World, send: Send):
    send(photos=[photo("red"), photo("blue", "路面.png")])
    names = list(only_case().attachments.order_by("at", "name").values_list("name", "is_public"))
    assert sorted(names) == [("垃圾.png", True), ("路面.png", True)]


def test_an_error_elsewhere_does_not_lose_the_photos(world: World, send: Send, resident: Client):
    page = send(description="", photos=[photo()])
    token = page.context["form"].kept[0].token
    assert page.status_code == 422
    shown = resident.get(f"/report/photos/{token}/")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    again = filled(resident) | hidden_fields(page) | {"kept": token}
    assert resident.post("/report/", again).status_code == 302
    assert only_case().attachments.get().name == "垃圾.png"


def test_a_kept_photo_that_is_unticked_is_left_out(world: World, send: Send, resident: Client):
    page = send(description="", photos=[photo()])
    assert resident.post("/report/", filled(resident) | hidden_fields(page)).status_code == 302
    assert not only_case().attachments.exists()


def test_a_bad_photo_is_named_and_the_good_one_is_kept(world: World, send: Send):
    bad = photo(name="坏.png")
    bad.truncate(60)
    page = send(photos=[bad, photo("green", "好.png")])
    assert page.status_code == 422
    assert "坏.png：" in page.content.decode()
    assert [kept.name for kept in page.context["form"].kept] == ["好.png"]


def test_what_only_calls_itself_a_photo_is_refused(world: World, send: Send):
    file = photo(name="x.png")
    file.seek(0)
    file.truncate()
    file.write(b"<script>alert(1)</script>")
    file.seek(0)
    page = send(photos=[file])
    assert page.status_code == 422
    assert not Case.objects.exists()


def test_a_photo_of_one_form_cannot_be_slipped_into_another(world: World, send: Send, resident: Client):
    token = send(description="", photos=[photo()]).context["form"].kept[0].token
    page = send(kept=token)
    assert page.status_code == 422
    assert "照片已失效" in page.content.decode()


def test_a_token_that_was_made_up_shows_nothing(world: World, resident: Client):
    forged = signing.dumps(["x", "0" * 64, "text/html", "html", "x"], salt="other")
    assert resident.get(f"/report/photos/{forged}/").status_code == 404


# Twice, and by machines


def test_the_same_form_sent_twice_is_one_case_with_its_photos_once(world: World, resident: Client):
    form = filled(resident)
    first = resident.post("/report/", form | {"photos": [photo()]})
    second = resident.post("/report/", form | {"photos": [photo()]})
    assert first.headers["Location"] == second.headers["Location"]
    assert only_case().attachments.count() == 1
    assert only_case().version == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_case(transactional_db: None):
    make_world()
    browser = Client(REMOTE_ADDR="203.0.113.8")
    form, start, answers = filled(browser), Barrier(2), []

    def press() -> None:
        start.wait()
        answers.append(Client(REMOTE_ADDR="203.0.113.8").post("/report/", form | {"photos": [photo()]}))
        connection.close()

    presses = [Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert (only_case().attachments.count(), only_case().version) == (1, 2)


def test_another_report_on_a_form_that_was_used_gets_a_form_of_its_own(world: World, resident: Client):
    form = filled(resident)
    resident.post("/report/", form)
    page = resident.post("/report/", form | {"description": "路灯坏了两盏"})
    assert page.status_code == 422
    assert "路灯坏了两盏" in page.content.decode()
    assert hidden_fields(page)["key"] != form["key"]
    assert (
        resident.post("/report/", form | {"description": "路灯坏了两盏"} | hidden_fields(page)).status_code
        == 302
    )
    assert Case.objects.count() == 2


def test_a_form_that_comes_back_within_a_breath_is_asked_for_again(world: World, send: Send, settings: Any):
    settings.PORTAL_LEAST_S = 60
    page = send()
    assert page.status_code == 422
    assert "提交得太快了" in page.content.decode()
    assert "菜场门口有一大堆垃圾" in page.content.decode()


def test_a_field_that_nobody_sees_must_stay_empty(world: World, send: Send):
    assert send(website="http://spam.example").status_code == 422
    assert not Case.objects.exists()


@pytest.mark.parametrize("stamp", ["", "x", "0192a3b4:1abcde:forged"])
def test_a_stamp_that_is_not_ours_is_replaced_by_a_fresh_one(world: World, resident: Client, stamp: str):
    form = filled(resident) | {"stamp": stamp}
    page = resident.post("/report/", form)
    assert page.status_code == 422
    assert resident.post("/report/", form | hidden_fields(page)).status_code == 302


def test_asking_for_suggestions_over_and_over_does_not_fill_the_disk_with_photos(
    world: World, send: Send, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gridloop.faces.portal.views.PHOTOS", "1/h/ip")
    assert 'name="kept"' in send(suggest="1", photos=photo("red")).content.decode()
    refused = send(suggest="1", photos=photo("blue"), description="路灯不亮")
    assert refused.status_code == 429
    assert 'name="kept"' not in refused.content.decode()
    assert "路灯不亮" in refused.content.decode()
    assert send(suggest="1").status_code == 200


def test_more_than_any_form_takes_is_refused_before_it_is_written_down(
    world: World, send: Send, settings: Any
):
    settings.UPLOAD_MAX_BYTES = 100
    answer = send(photos=photo())
    assert answer.status_code == 413
    assert "太大" in answer.content.decode()
    assert not Case.objects.exists()


def test_one_address_may_send_only_so_many_reports_and_loses_no_word(
    world: World, send: Send, monkeypatch: Any
):
    monkeypatch.setattr("gridloop.faces.portal.views.REPORTS", "1/h/ip")
    assert send().status_code == 302
    page = send(description="第二件事")
    assert (page.status_code, page.headers["Retry-After"]) == (429, "600")
    assert "第二件事" in page.content.decode()
    other = Client(REMOTE_ADDR="203.0.113.99")
    assert other.post("/report/", filled(other)).status_code == 302


@pytest.mark.parametrize("field", ["description", "address", "name"])
def test_naughty_strings_are_taken_as_text_and_never_as_markup(
    world: World, resident: Client, field: str, monkeypatch: Any
):
    monkeypatch.setattr("gridloop.faces.portal.views.REPORTS", "100000/h/ip")
    strings = json.loads(shared_data("naughty/blns.json").read_text("utf-8"))
    for text in [s for s in strings if "<" in s or "'" in s or "{" in s or "\x00" in s][:120]:
        answer = resident.post("/report/", filled(resident, **{field: text}))
        assert answer.status_code in (302, 422), text
        page = answer
        if answer.status_code == 302:
            page = resident.get(answer.headers["Location"].removesuffix("thanks/"))
        body = page.content.decode()
        if "<" in text and len(text) > 3:
            assert text not in body, text


def test_a_visitor_without_regions_set_up_is_not_met_by_an_error_page(db: None, resident: Client):
    assert resident.get("/").status_code == 200
    page = resident.post("/report/", filled(resident))
    assert page.status_code == 422
    assert "本系统还没有启用" in page.content.decode()


def test_a_visitor_is_led_to_the_residents_pages_alone(world: World, resident: Client):
    links = resident.get("/").content.decode().partition("</header>")[0]
    assert ('href="/report/"' in links, 'href="/track/"' in links) == (True, True)
    assert "/desk/" not in links


def test_home_and_form_open_with_few_statements(
    world: World, resident: Client, django_assert_max_num_queries: Any
):
    resident.get("/report/")
    with django_assert_max_num_queries(0):
        resident.get("/")
    with django_assert_max_num_queries(0):
        resident.get("/report/")
    with django_assert_max_num_queries(0):
        resident.post("/report/hints/", {"description": "一堆垃圾"})


def test_taking_a_report_in_costs_a_known_number_of_statements(
    world: World, resident: Client, django_assert_max_num_queries: Any
):
    form = filled(resident, lon="120.005", lat="31.005")
    with django_assert_max_num_queries(30):  # what is counted of it and what screens are told among them
        assert resident.post("/report/", form).status_code == 302


def test_the_expected_day_is_told_with_the_code(world: World, send: Send, resident: Client):
    page = resident.get(send().headers["Location"]).content.decode()
    ends = timezone.localtime(expected_end(open_file(Case.objects.select_related("region").get())))
    assert re.search(rf"预计办好</dt><dd>{ends.year}年{ends.month}月{ends.day}日", page)
