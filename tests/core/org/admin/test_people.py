"""An administrator looks after people and their posts."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from gridloop.core.audit.models import Entry
from gridloop.core.org import actions
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import PERMISSIONS, Role
from tests.core.org.factories import make_person, make_post

USERS = reverse("admin:org_user_changelist")
ADD_USER = reverse("admin:org_user_add")
ADD_POST = reverse("admin:org_post_add")


def user_page(user):
    return reverse("admin:org_user_change", args=[user.pk])


def post_page(post):
    return reverse("admin:org_post_change", args=[post.pk])


@pytest.fixture
def wang(town):
    person = make_person("wang", full_name="王明")
    make_post(person, town.office, Role.HANDLER, town.town)
    return person


def test_a_post_is_enough_to_manage_and_a_superuser_is_not_needed(desk, gu):
    assert not gu.is_superuser
    assert desk.get(reverse("admin:index")).status_code == 200
    assert desk.get(USERS).status_code == 200


@pytest.mark.parametrize("role", [Role.HANDLER, Role.OPERATOR, Role.LEADER, Role.AUDITOR])
def test_nobody_else_gets_into_the_admin(client, town, role):
    person = make_person("li")
    make_post(person, town.centre, role, town.town)
    client.force_login(person)
    assert client.get(USERS).status_code in {302, 403}
    assert client.post(ADD_USER, {"username": "x", "full_name": "x"}).status_code in {302, 403}
    assert not User.objects.filter(username="x").exists()


def test_who_acts_in_another_post_does_not_manage_meanwhile(client, town, gu):
    other = make_post(gu, town.office, Role.HANDLER, town.town)
    client.force_login(gu)
    client.post(reverse("org:choose_post"), {"post": other.pk})
    assert client.get(USERS).status_code == 403
    assert client.post(ADD_USER, {"username": "x", "full_name": "x"}).status_code == 403


def test_a_visitor_is_sent_to_the_one_login_page(client, town):
    answer = client.get(reverse("admin:login"))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_a_person_is_added_with_a_password_and_can_sign_in(desk, client, town):
    said = {
        "username": "zhou",
        "full_name": "周平",
        "phone": "",
        "email": "",
        "new_password": "morning-river-7",
    }
    answer = desk.post(ADD_USER, said)
    assert answer.status_code == 302
    zhou = User.objects.get(username="zhou")
    assert (zhou.full_name, zhou.is_staff, zhou.is_superuser) == ("周平", False, False)
    assert client.login(username="zhou", password="morning-river-7")


@pytest.mark.parametrize("weak", ["short1", "1234567890123", "password123", "zhouping-zhou"])
def test_a_weak_password_is_refused_on_the_form_with_what_was_typed(desk, town, weak):
    said = {"username": "zhouping-zhou", "full_name": "周平", "phone": "86310000", "new_password": weak}
    answer = desk.post(ADD_USER, said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "不符合密码规则" in page
    assert "86310000" in page
    assert weak not in page or weak == said["username"]
    assert not User.objects.filter(full_name="周平").exists()


def test_a_user_name_that_is_taken_is_refused_in_words(desk, wang):
    answer = desk.post(ADD_USER, {"username": "wang", "full_name": "王二"})
    assert answer.status_code == 422
    assert "用户名 wang 已被使用，请换一个。" in answer.content.decode()


def test_a_person_who_is_deactivated_is_out_at_once(desk, client, wang):
    client.force_login(actions.set_password(wang.pk, "morning-river-7"))
    assert client.get(reverse("shell:me")).status_code == 200
    desk.post(user_page(wang), {"full_name": "王明", "phone": "", "email": "", "new_password": ""})
    assert client.get(reverse("shell:me")).status_code == 302
    assert not client.login(username="wang", password="morning-river-7")


def test_a_new_password_ends_the_sessions_under_the_old_one(desk, client, wang):
    client.force_login(wang)
    said = {
        "full_name": "王明",
        "phone": "",
        "email": "",
        "is_active": "on",
        "new_password": "morning-river-7",
    }
    assert desk.post(user_page(wang), said).status_code == 302
    assert client.get(reverse("shell:me")).status_code == 302


def test_the_second_step_of_who_lost_the_telephone_is_cleared_and_the_log_says_so(desk, wang):
    Authenticator.objects.create(user=wang, type=Authenticator.Type.TOTP, data={})
    said = {"full_name": "王明", "phone": "", "email": "", "is_active": "on"}
    desk.post(user_page(wang), said)
    assert Authenticator.objects.filter(user=wang).exists()
    desk.post(user_page(wang), {**said, "clears_second_factor": "on"})
    assert not Authenticator.objects.filter(user=wang).exists()
    assert Entry.objects.stream(actions.stream_of(wang)).last().data["fields"] == ["clears_second_factor"]


def test_the_first_administrator_needs_neither_post_nor_town(client, db):
    client.force_login(User.objects.create_superuser("root"))
    said = {"parent": "", "level": "town", "code": "320499101000", "name": "云溪镇"}
    assert client.post(reverse("admin:org_region_add"), said).status_code == 302
    assert client.get(USERS).status_code == 200


def test_a_superuser_is_changed_by_a_superuser_only(desk, town):
    root = User.objects.create_superuser("root")
    assert (
        desk.post(user_page(root), {"full_name": "x", "new_password": "morning-river-7"}).status_code == 403
    )
    root.refresh_from_db()
    assert not root.has_usable_password()


def test_an_appointment_and_its_end_are_written_by_the_actions(desk, town, wang):
    said = {
        "user": wang.pk,
        "unit": town.centre.pk,
        "role": "operator",
        "region": town.town.pk,
        "starts_on": "2026-01-01",
        "is_default": "on",
    }
    assert desk.post(ADD_POST, said).status_code == 302
    post = Post.objects.get(user=wang, role=Role.OPERATOR)
    assert post.is_default
    assert desk.post(ADD_POST, said).status_code == 422  # the same post again
    refusal = desk.post(post_page(post), {"ends_on": "2025-01-01"})
    assert (refusal.status_code, "离任日期不能早于任职日期" in refusal.content.decode()) == (422, True)
    assert desk.post(post_page(post), {"ends_on": "2026-06-30"}).status_code == 302
    post.refresh_from_db()
    assert str(post.ends_on) == "2026-06-30"


def test_every_act_on_people_and_posts_is_a_line_of_the_audit_log(desk, gu, wang):
    desk.post(user_page(wang), {"full_name": "王明", "phone": "86310000", "email": "", "is_active": "on"})
    [line] = Entry.objects.stream(actions.stream_of(wang))
    assert (line.verb, line.user_id, line.data["fields"]) == ("user.amend", gu.pk, ["phone"])
    assert "86310000" not in str(line.data)


def test_the_history_shows_who_changed_what_from_what_to_what(desk, wang):
    said = {"full_name": "王明", "phone": "86310000", "email": "", "is_active": "on"}
    desk.post(user_page(wang), said)
    desk.post(user_page(wang), {**said, "phone": "86319999"})
    page = desk.get(reverse("admin:org_user_history", args=[wang.pk])).content.decode()
    assert "<del>86310000</del> → 86319999" in page
    assert "顾管理" in page


def test_the_list_finds_by_name_and_filters_by_role(desk, wang):
    assert "王明" in desk.get(USERS, {"q": "王"}).content.decode()
    assert "王明" not in desk.get(USERS, {"posts__role": "admin"}).content.decode()
    assert "综合执法局经办人" in desk.get(USERS).content.decode()


def test_a_longer_list_of_people_costs_no_more_statements(desk, town, wang, django_assert_max_num_queries):
    desk.get(USERS)
    for n in range(20):
        make_post(make_person(f"p{n}"), town.office, Role.HANDLER, town.town)
    with django_assert_max_num_queries(8):
        desk.get(USERS)


def test_the_table_of_roles_shows_every_permission_of_every_role(desk):
    page = desk.get(reverse("admin:org_permissions")).content.decode()
    assert all(str(label) in page for label in PERMISSIONS.values())
    assert "系统管理员" in page


def test_the_admin_carries_the_policy_of_every_page(desk):
    policy = desk.get(USERS).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
