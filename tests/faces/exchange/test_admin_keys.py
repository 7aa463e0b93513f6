"""An administrator issues, looks at and revokes the keys of programs."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from gridloop.core.audit.models import Entry
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import Role
from gridloop.faces.exchange.models import ApiKey
from tests.core.cases.factories import World
from tests.faces.exchange.factories import Program, program

pytestmark = pytest.mark.django_db
KEYS = reverse("admin:exchange_apikey_changelist")
ADD = reverse("admin:exchange_apikey_add")
SAID = {"name": "热线平台", "scopes": ["case.report", "case.view"], "calls_per_minute": "60"}


def browser(world: World, role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actors[role].user_id))
    return client


@pytest.fixture
def admin(world: World) -> Client:
    return browser(world, Role.ADMIN)


def test_a_key_is_issued_and_its_secret_shown_this_once(world: World, admin: Client) -> None:
    answer = admin.post(ADD, SAID)
    [secret] = re.findall(r'value="(glk_[^"]+)"', answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    key = ApiKey.objects.get()
    assert Program(key, secret).get("/key").json()["scopes"] == ["case.report", "case.view"]
    for page in (KEYS, reverse("admin:exchange_apikey_change", args=[key.pk])):
        assert secret not in admin.get(page).content.decode()
    entry = Entry.objects.get(verb="apikey.add")
    assert entry.user_id == world.actors[Role.ADMIN].user_id


def test_a_key_can_be_that_of_a_post(world: World, admin: Client) -> None:
    post = Post.objects.get(pk=world.handler.post_id)
    admin.post(ADD, SAID | {"post": post.pk})
    assert ApiKey.objects.get().post == post


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": " "}, "必填"),
        ({"scopes": ["case.reveal_reporter"]}, "本身没有这些权限"),
        ({"scopes": []}, "这个字段是必填项"),
        ({"calls_per_minute": "0"}, "每分钟最多调用次数应在"),
        ({"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}, "失效时间应晚于现在"),
    ],
)
def test_what_makes_no_sense_comes_back_with_what_was_typed(
    world: World, admin: Client, change: dict[str, object], told: str
) -> None:
    answer = admin.post(ADD, SAID | change)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_revoking_asks_once_and_then_holds_for_good(world: World, admin: Client) -> None:
    held = program("case.view", name="热线平台")
    page = reverse("admin:exchange_revoke_key", args=[held.key.pk])
    assert page in admin.get(KEYS).content.decode()
    assert "吊销后不能恢复" in admin.get(page).content.decode()
    assert held.get("/key").status_code == 200
    assert admin.post(page).status_code == 302
    assert held.get("/key").status_code == 401
    assert "已吊销" in admin.get(KEYS).content.decode()
    assert Entry.objects.filter(verb="apikey.revoke").count() == 1


def test_the_history_of_a_key_names_its_changes_and_no_call(world: World, admin: Client) -> None:
    held = program("case.view", name="热线平台")
    held.get("/key")
    admin.post(reverse("admin:exchange_revoke_key", args=[held.key.pk]))
    page = admin.get(reverse("admin:exchange_apikey_history", args=[held.key.pk]))
    assert "吊销时间" in page.content.decode()
    assert held.key.pgh_event_model.objects.count() == 2


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEADER, Role.HANDLER])
def test_nobody_else_sees_or_issues_keys(world: World, role: Role) -> None:
    client = browser(world, role)
    key = program("case.view").key
    for page in (KEYS, ADD, reverse("admin:exchange_revoke_key", args=[key.pk])):
        assert client.get(page).status_code in {302, 403}
        assert client.post(page, SAID).status_code in {302, 403}
    key.refresh_from_db()
    assert (ApiKey.objects.count(), key.revoked_at) == (1, None)


def test_the_list_costs_as_much_with_many_keys(
    world: World, admin: Client, django_assert_max_num_queries: object
) -> None:
    post = Post.objects.get(pk=world.handler.post_id)
    for n in range(8):
        program("case.view", post=post, name=f"平台{n}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert admin.get(KEYS).content.decode().count("平台") >= 8
