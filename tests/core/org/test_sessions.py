"""A sign-in ends after a working day, and after a while in which nobody did anything."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridloop.core.org.sessions import BEGAN, SEEN
from tests.core.org.factories import make_person

pytestmark = pytest.mark.django_db
PAGE = reverse("shell:me")


@pytest.fixture
def wang() -> Client:
    client = Client()
    client.force_login(make_person("wang"), settings.AUTHENTICATION_BACKENDS[0])
    return client


def move_back(client: Client, **times: timedelta) -> None:
    session = client.session
    for key, ago in times.items():
        session[key] = (timezone.now() - ago).timestamp()
    session.save()


def test_a_fresh_sign_in_holds(wang):
    assert wang.get(PAGE).status_code == 200


def test_who_was_idle_too_long_signs_in_again_and_is_told_why(wang):
    move_back(wang, **{SEEN: timedelta(seconds=settings.SESSION_IDLE_S + 1)})
    answer = wang.get(PAGE)
    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert "登录已超时" in wang.get(answer.headers["Location"]).content.decode()
    assert "_auth_user_id" not in wang.session


def test_who_keeps_working_stays_signed_in_until_the_day_is_over(wang):
    move_back(wang, **{SEEN: timedelta(seconds=settings.SESSION_IDLE_S - 60)})
    assert wang.get(PAGE).status_code == 200
    assert timezone.now().timestamp() - wang.session[SEEN] < 60
    move_back(wang, **{BEGAN: timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)})
    assert wang.get(PAGE).status_code == 302


def test_reading_one_page_after_the_other_writes_nothing(wang, django_assert_max_num_queries):
    wang.get(PAGE)
    with django_assert_max_num_queries(3) as counted:
        wang.get(PAGE)
    assert [q["sql"] for q in counted.captured_queries if not q["sql"].startswith("SELECT")] == []
