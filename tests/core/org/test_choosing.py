"""A person with several posts chooses which one to act in, and the pages follow the choice."""

import pytest
from django.urls import reverse

from gridloop.core.org import actions
from gridloop.core.org.permissions import Role
from tests.core.org.factories import TODAY, make_person, make_post, make_town

pytestmark = pytest.mark.django_db

POSTS, ME, ADMIN = reverse("org:choose_post"), reverse("shell:me"), reverse("admin:index")


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def wang(town):
    return make_person("wang", full_name="王明")


@pytest.fixture
def posts(town, wang, client):
    """Wang handles for the office and manages the system; the office comes first."""
    client.force_login(wang)
    handler = make_post(wang, town.office, Role.HANDLER, town.town)
    return handler, make_post(wang, town.centre, Role.ADMIN, town.town)


def choose(client, post, **said):
    return client.post(POSTS, {"post": post, **said})


def test_a_visitor_signs_in_first(client):
    assert client.get(POSTS).url.startswith(reverse("account_login"))


def test_the_posts_are_listed_and_the_default_one_is_marked(client, posts):
    page = client.get(POSTS).content.decode()
    assert page.index("综合执法局经办人（云溪镇）") < page.index("指挥中心系统管理员（云溪镇）")
    marked = [f'value="{post.pk}" aria-current="true"' in page for post in posts]
    assert marked == [True, False]


def test_my_page_shows_who_i_am_and_my_posts(client, posts):
    page = client.get(ME).content.decode()
    assert all(word in page for word in ("王明", "wang", "综合执法局经办人", "指挥中心系统管理员"))
    assert reverse("account_change_password") in page
    assert reverse("mfa_index") in page


def test_what_is_allowed_follows_the_choice(client, posts):
    _handler, admin = posts
    assert client.get(reverse("admin:org_user_changelist")).status_code == 403
    choose(client, admin.pk)
    assert client.get(reverse("admin:org_user_changelist")).status_code == 200


def test_after_choosing_one_is_back_where_one_was_if_the_post_may_go_there(client, posts):
    handler, admin = posts
    assert choose(client, admin.pk, next=ME).url == ME
    assert choose(client, handler.pk, next="https://evil.example/").url == POSTS
    assert choose(client, admin.pk, next=reverse("desk:inbox")).url == POSTS  # an administrator sees no case


@pytest.mark.parametrize("wanted", ["", "0", "x", "99999999"])
def test_a_post_that_one_does_not_hold_cannot_be_chosen(client, posts, wanted):
    assert choose(client, wanted).status_code == 404


def test_anothers_post_or_an_ended_one_cannot_be_chosen(client, town, posts):
    other = make_post(make_person("li"), town.centre, Role.LEADER, town.town)
    assert choose(client, other.pk).status_code == 404
    actions.end_post(posts[1].pk, on=TODAY.replace(month=1))
    assert choose(client, posts[1].pk).status_code == 404


def test_a_chosen_post_that_ends_gives_way_to_the_default_one(client, posts):
    choose(client, posts[1].pk)
    actions.end_post(posts[1].pk, on=TODAY.replace(month=1))
    assert client.get(reverse("admin:org_user_changelist")).status_code in {302, 403}
    assert "综合执法局经办人" in client.get(POSTS).content.decode()


def test_whoever_has_no_post_is_told_whom_to_ask(client, wang):
    client.force_login(wang)
    assert "您还没有岗位，请联系系统管理员。" in client.get(POSTS).content.decode()
    assert "您还没有岗位" in client.get(ME).content.decode()
