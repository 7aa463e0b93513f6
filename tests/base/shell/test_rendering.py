"""Pages and fragments, refusals, and the frame around every page."""

import json
import re

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.base.shell import errors, menu
from gridloop.base.shell.buttons import Button
from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.middleware import ContentSecurityPolicyMiddleware, DomainErrorMiddleware
from gridloop.base.shell.rendering import wants_fragment
from gridloop.base.shell.templatetags.gridloop_time import ago, span
from gridloop.core.org.models import User
from tests.core.org.factories import make_person

web = RequestFactory()


def html(source: str, **context) -> str:
    return engines["django"].from_string("{% load shell %}" + source).render(context)


@pytest.fixture
def signed_in(db) -> Client:
    client = Client()
    client.force_login(make_person("li"))
    return client


class May:
    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    def can(self, permission: str) -> bool:
        return permission in self.permissions


# fragments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_htmx_is_given_a_part_unless_it_needs_the_whole_page(headers, expected):
    assert wants_fragment(web.get("/", headers=headers)) is expected


# refusals ----------------------------------------------------------------------------------------------


def refused(error: Exception, **request) -> HttpResponse | None:
    return DomainErrorMiddleware(lambda _request: HttpResponse()).process_exception(
        web.post("/x", {"note": "写了很久的说明", "password": "geheim"}, **request), error
    )


def test_a_refusal_is_a_page_that_gives_back_what_was_typed_but_no_secret():
    answer = refused(NotAllowed("不能这样做"))
    content = answer.content.decode()
    assert answer.status_code == 403
    assert "不能这样做" in content
    assert "写了很久的说明" in content
    assert "geheim" not in content


def test_a_refusal_joins_the_messages_of_an_htmx_page():
    answer = refused(InvalidInput("请填写", fields={"note": "必填"}), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (422, "#messages", "beforeend")
    assert "必填" in answer.content.decode()


def test_a_refusal_is_problem_json_for_a_program():
    answer = refused(
        InvalidInput("请填写", fields={"note": "必填"}, limit=3), headers={"Accept": "application/json"}
    )
    body = json.loads(answer.content)
    assert answer["Content-Type"] == errors.PROBLEM
    assert (body["status"], body["code"], body["errors"], body["limit"]) == (
        422, "invalid-input", {"note": "必填"}, 3
    )  # fmt: skip


def test_a_retry_time_is_told_in_the_header():
    assert refused(InvalidInput("太频繁", retry_after=60))["Retry-After"] == "60"


@pytest.mark.parametrize(("error", "status"), [(PermissionDenied("没有岗位"), 403), (Http404(), 404)])
def test_djangos_own_refusals_are_answered_as_kindly(error, status):
    assert refused(error).status_code == status


def test_what_is_no_refusal_is_left_to_the_log():
    assert refused(ValueError("bug")) is None


def test_an_error_page_needs_neither_database_nor_frame(monkeypatch):
    monkeypatch.setattr(errors, "render_to_string", broken_unless_plain(errors.render_to_string))
    assert refused(NotAllowed("不能这样做")).status_code == 403


def broken_unless_plain(render):
    def rendered(template, *args, **kwargs):
        if template == "shell/error.html":
            raise RuntimeError("the frame is broken")
        return render(template, *args, **kwargs)

    return rendered


def test_the_page_before_is_offered_only_if_it_is_ours():
    for referer, expected in (
        ("http://testserver/desk/", "/desk/"),
        ("https://elsewhere.example/", ""),
        ("http://testserver//elsewhere.example/", ""),
    ):
        content = refused(NotAllowed("不"), headers={"Referer": referer}).content.decode()
        assert ("返回上一页" in content) is bool(expected)


def test_an_address_that_the_database_cannot_be_asked_is_a_bad_request(db):
    person = make_person("lin")
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    assert client.get("/admin/org/region/", {"level": "\0"}).status_code == 400


def test_a_host_that_is_not_ours_is_a_bad_request(db):
    assert Client().get("/", headers={"Host": "elsewhere.example"}).status_code == 400


# the frame ---------------------------------------------------------------------------------------------


def test_no_page_may_run_a_script_that_is_not_ours(settings):
    settings.CSP_EXTRA = {"img-src": "https://tiles.example", "connect-src": "https://tiles.example"}
    policy = ContentSecurityPolicyMiddleware(lambda _request: HttpResponse())(web.get("/"))[
        "Content-Security-Policy"
    ]
    assert "default-src 'self';" in policy
    assert "img-src 'self' data: blob: https://tiles.example" in policy
    assert "connect-src 'self' https://tiles.example" in policy
    assert "unsafe" not in policy


def test_the_style_guide_shows_every_component_and_breaks_no_rule_of_the_policy(signed_in):
    content = signed_in.get(reverse("shell:styleguide"), {"errors": 1}).content.decode()
    assert "这个字段是必填项" in content
    assert not re.search(r"<script(?![^>]*(src=|application/json))", content)
    assert not re.search(r"\s(style|on\w+)=", content)


def test_the_menu_holds_what_is_permitted_and_marks_where_one_is(monkeypatch):
    entries = {
        "shell:me": menu.MenuEntry("我的", "shell:me", order=2),
        "desk:inbox": menu.MenuEntry("待办", "desk:inbox", "case.view", order=1),
        "nowhere:at_all": menu.MenuEntry("没有", "nowhere:at_all"),
    }
    monkeypatch.setattr(menu, "_ENTRIES", entries)
    path = reverse("desk:inbox")
    assert [(link.label, link.is_current) for link in menu.links(May("case.view"), path)] == [
        ("待办", True), ("我的", False)
    ]  # fmt: skip
    assert [link.label for link in menu.links(May(), path)] == ["我的"]
    assert [link.label for link in menu.links(None, path)] == ["我的"]


def test_an_app_that_is_not_switched_on_has_no_address():
    assert (url_or_blank("nowhere:at_all"), url_or_blank("")) == ("", "")


@pytest.mark.parametrize(
    ("wanted", "then"), [("/desk/", "/desk/"), ("https://evil.example/", "/"), ("", "/")]
)
def test_the_theme_is_remembered_and_leads_nowhere_else(db, wanted, then):
    answer = Client().post(reverse("shell:theme"), {"theme": "dark", "next": wanted})
    assert (answer.url, answer.cookies["theme"].value) == (then, "dark")


def test_a_theme_that_does_not_exist_is_not_remembered(db):
    assert "theme" not in Client().post(reverse("shell:theme"), {"theme": "<pink>"}).cookies


def test_messages_wait_for_the_next_page_and_are_said_once(signed_in):
    request = signed_in.get(reverse("shell:me")).wsgi_request
    assert list(get_messages(request)) == []


# components --------------------------------------------------------------------------------------------


def test_buttons_say_why_they_cannot_be_pressed_and_ask_for_a_note_where_one_is_needed():
    buttons = [
        Button("close", "结案", "/close", enabled=False, why_not="还没有核查"),
        Button("reject", "不予受理", "/reject", needs_note=True, fields={"version": 3}),
        Button("edit", "更正", "/edit", method="get"),
        Button("hidden", "藏起来", "/hidden", shown=False),
    ]
    content = html('{% include "shell/components/buttons.html" %}', buttons=buttons)
    assert "还没有核查" in content
    assert re.search(r"<textarea[^>]* required>", content)
    assert 'name="version" value="3"' in content
    assert '<a class="btn " id="do-edit" href="/edit">' in content
    assert "藏起来" not in content


def test_a_note_that_may_stay_empty_holds_what_is_already_known():
    button = Button("close", "结案", "/close", needs_note=True, is_note_optional=True, note="<已清运>")
    content = html('{% include "shell/components/buttons.html" %}', buttons=[button])
    assert "&lt;已清运&gt;</textarea>" in content
    assert not re.search(r"<textarea[^>]* required>", content)


def test_components_escape_what_people_wrote():
    evil = "<script>alert(1)</script>"
    items = [{"label": evil, "who": evil, "note": evil, "details": [(evil, evil)]}]
    content = html(
        '{% badge evil "danger" %}{% icon "home" evil %}{% include "shell/components/timeline.html" %}'
        '{% include "shell/components/facts.html" %}{% include "shell/components/empty.html" with title=evil %}',
        evil=evil, items=items, facts=[(evil, evil)],
    )  # fmt: skip
    assert "<script" not in content


def test_an_icon_that_does_not_exist_and_a_tone_that_does_not_exist_still_draw_something():
    assert "#point" in html('{% icon "no-such-icon" %}')
    assert "bg-secondary-lt" in html('{% badge "x" "pink" %}')


@pytest.mark.parametrize(
    ("minutes", "words"), [(8, "8分钟"), (-130, "2小时10分"), (24 * 60 * 3 + 300, "3天5小时"), (0, "0分钟")]
)
def test_a_span_is_said_in_its_two_largest_units(minutes, words):
    assert span(minutes) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "刚刚"), (5, "5分钟前"), (200, "3小时前"), (60 * 24 * 12, "12天前")]
)
def test_an_age_is_said_in_one_unit(minutes, words):
    assert ago(minutes) == words
