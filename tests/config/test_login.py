"""Coming in: password rules, lock-out, a second factor, and the town's own identity server."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from gridloop.core.org import actions
from gridloop.core.org.permissions import Role
from tests.core.org.factories import make_post, make_town

pytestmark = pytest.mark.django_db

LOGIN = reverse("account_login")
ME = reverse("shell:me")
GOOD, NEW = "morning-river-7", "evening-bridge-9"


@pytest.fixture(autouse=True)
def _no_failures_yet(db):
    cache.clear()


@pytest.fixture
def wang():
    town = make_town()
    person = actions.add_user("wang", full_name="王明", phone="13800001234", password=GOOD)
    make_post(person, town.office, Role.HANDLER, town.town)
    return person


def sign_in(client, name="wang", password=GOOD, address="10.0.0.1"):
    return client.post(LOGIN, {"login": name, "password": password}, REMOTE_ADDR=address)


def is_in(client):
    return client.get(ME).status_code == 200


class TestPassword:
    def test_a_person_comes_in_with_name_and_password_and_goes_out_again(self, client, wang):
        assert sign_in(client).status_code == 302
        assert is_in(client)
        client.post(reverse("account_logout"))
        assert not is_in(client)

    @pytest.mark.parametrize(
        ("role", "page"),
        [(Role.HANDLER, "desk:inbox"), (Role.ADMIN, "admin:index"), (None, "org:choose_post")],
    )
    def test_whoever_comes_in_lands_on_a_page_that_is_theirs(self, client, role, page):
        town = make_town()
        person = actions.add_user("li", full_name="李岚", password=GOOD)
        if role:
            make_post(person, town.centre, role, town.town)
        answer = sign_in(client, name="li")
        assert answer.url == reverse(page)
        assert client.get(answer.url).status_code == 200

    def test_a_wrong_one_says_no_more_than_that_it_is_wrong(self, client, wang):
        wrong, unknown = sign_in(client, password="x"), sign_in(client, name="nobody", password="x")
        for answer in (wrong, unknown):
            assert "用户名或密码不正确" in answer.content.decode()
        assert not is_in(client)

    @pytest.mark.parametrize("weak", ["kurz7", "20260302123456", "password123", "wang", "x13800001234"])
    def test_a_weak_new_one_is_refused_and_the_old_one_holds(self, client, wang, weak):
        sign_in(client)
        change = {"oldpassword": GOOD, "password1": weak, "password2": weak}
        assert client.post(reverse("account_change_password"), change).status_code == 200
        wang.refresh_from_db()
        assert wang.check_password(GOOD)

    def test_a_good_new_one_is_taken_where_the_old_one_is_known(self, client, wang):
        sign_in(client)
        change = {"oldpassword": "guess", "password1": NEW, "password2": NEW}
        client.post(reverse("account_change_password"), change)
        wang.refresh_from_db()
        assert not wang.check_password(NEW)
        client.post(reverse("account_change_password"), change | {"oldpassword": GOOD})
        wang.refresh_from_db()
        assert wang.check_password(NEW)

    def test_nobody_signs_up(self, client):
        answer = client.post(reverse("account_signup"), {"username": "x", "password1": NEW, "password2": NEW})
        assert answer.status_code == 200
        assert not client.login(username="x", password=NEW)

    def test_the_page_offers_no_reset_by_mail(self, client):
        page = client.get(LOGIN).content.decode()
        assert reverse("account_reset_password") not in page
        assert "请联系本单位系统管理员" in page


class TestLockOut:
    def test_five_failures_lock_a_name_even_for_the_right_password_from_anywhere(self, client, wang):
        for n in range(5):
            sign_in(client, password="guess", address=f"10.0.0.{n}")
        answer = sign_in(client, address="10.9.9.9")
        assert "登录失败次数过多" in answer.content.decode()
        assert not is_in(client)

    def test_it_is_over_after_a_quarter_of_an_hour(self, client, wang, monkeypatch):
        for n in range(5):
            sign_in(client, password="guess", address=f"10.0.0.{n}")
        now = ratelimit.time.time()
        monkeypatch.setattr(ratelimit.time, "time", lambda: now + 14 * 60)
        sign_in(client, address="10.9.9.9")
        assert not is_in(client)
        monkeypatch.setattr(ratelimit.time, "time", lambda: now + 16 * 60)
        sign_in(client, address="10.9.9.9")
        assert is_in(client)

    def test_four_failures_do_not(self, client, wang):
        for _n in range(4):
            sign_in(client, password="guess")
        sign_in(client)
        assert is_in(client)

    def test_another_name_is_not_locked_with_it(self, client, wang):
        for n in range(6):
            sign_in(client, name="zhou", password="guess", address=f"10.0.0.{n}")
        sign_in(client, address="10.9.9.9")
        assert is_in(client)

    def test_one_address_that_tries_many_names_is_refused(self, client, wang):
        for n in range(10):
            sign_in(client, name=f"name{n}", password="guess")
        sign_in(client)
        assert not is_in(client)
        sign_in(client, address="10.9.9.9")
        assert is_in(client)


def code_of(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


class TestSecondFactor:
    ACTIVATE = reverse("mfa_activate_totp")
    AUTHENTICATE = reverse("mfa_authenticate")

    @pytest.fixture
    def secret(self, client, wang):
        sign_in(client)
        client.post(reverse("account_reauthenticate"), {"password": GOOD})
        secret = client.get(self.ACTIVATE).context["form"].secret
        assert client.post(self.ACTIVATE, {"code": code_of(secret)}).status_code == 302
        client.post(reverse("account_logout"))
        cache.clear()  # a code is good once; the next one would be half a minute away
        return secret

    def test_setting_it_up_asks_for_the_password_again(self, client, wang):
        sign_in(client)
        assert client.get(self.ACTIVATE).url.startswith(reverse("account_reauthenticate"))

    def test_a_wrong_code_does_not_set_it_up(self, client, wang):
        sign_in(client)
        client.post(reverse("account_reauthenticate"), {"password": GOOD})
        client.get(self.ACTIVATE)
        assert client.post(self.ACTIVATE, {"code": "000000"}).status_code == 200
        assert "未激活" in client.get(reverse("mfa_index")).content.decode()

    def test_the_password_alone_is_then_not_enough(self, client, secret):
        assert sign_in(client).url == self.AUTHENTICATE
        assert not is_in(client)
        client.post(self.AUTHENTICATE, {"code": "000000"})
        assert not is_in(client)

    def test_the_code_of_the_moment_lets_the_person_in_and_is_good_once(self, client, secret):
        code = code_of(secret)
        sign_in(client)
        client.post(self.AUTHENTICATE, {"code": code})
        assert is_in(client)
        other = Client()
        sign_in(other)
        other.post(self.AUTHENTICATE, {"code": code})
        assert not is_in(other)

    def test_a_recovery_code_lets_the_person_in_once(self, client, wang, secret):
        [code, *_rest] = wang.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()
        for expected in (True, False):
            fresh = Client()
            sign_in(fresh)
            fresh.post(self.AUTHENTICATE, {"code": code})
            assert is_in(fresh) == expected


class Server(BaseHTTPRequestHandler):
    """The town's identity server, as far as a sign-in needs it."""

    person = {"sub": "u-1", "preferred_username": "wang"}
    asked: dict[str, str] = {}

    def do_GET(self):
        if self.path.endswith("openid-configuration"):
            base = f"http://127.0.0.1:{self.server.server_port}"
            names = ("authorization", "token", "userinfo")
            self._answer({"issuer": base} | {f"{name}_endpoint": f"{base}/{name}" for name in names})
        elif self.headers["Authorization"] == "Bearer good":
            self._answer(self.person)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Server.asked = {key: values[0] for key, values in parse_qs(body).items()}
        self._answer({"access_token": "good", "token_type": "Bearer", "expires_in": 60})

    def _answer(self, value):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_args):
        """Keep quiet."""


@pytest.fixture
def identity_server(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "town",
        "name": "统一身份认证",
        "client_id": "gridloop",
        "secret": "s",
        "settings": {"server_url": f"http://127.0.0.1:{server.server_port}", "oauth_pkce_enabled": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


class TestSingleSignOn:
    URL = "/accounts/oidc/town/login/"

    def come(self, client):
        """Go to the identity server and come back with its code."""
        away = client.post(self.URL)
        asked = {key: values[0] for key, values in parse_qs(urlsplit(away.url).query).items()}
        back = {"code": "c", "state": asked["state"]}
        return asked, client.get("/accounts/oidc/town/login/callback/", back)

    def test_without_a_server_the_page_offers_none(self, client):
        assert "统一身份" not in client.get(LOGIN).content.decode()

    def test_with_one_the_page_leads_there_with_a_proof_key(self, client, identity_server):
        assert self.URL in client.get(LOGIN).content.decode()
        asked, _back = self.come(client)
        assert (asked["client_id"], asked["code_challenge_method"]) == ("gridloop", "S256")
        assert Server.asked["code_verifier"]

    def test_a_person_whom_both_know_by_the_same_name_comes_in(self, client, wang, identity_server):
        self.come(client)
        assert is_in(client)
        assert SocialAccount.objects.get(uid="u-1").user == wang
        again = Client()
        self.come(again)
        assert is_in(again)

    def test_whoever_has_no_account_here_does_not_get_one(self, client, db, identity_server):
        _asked, back = self.come(client)
        assert not is_in(client)
        assert not SocialAccount.objects.exists()
        assert back.status_code in {200, 302}

    def test_a_person_who_was_deactivated_stays_out(self, client, wang, identity_server):
        actions.amend_user(wang.pk, is_active=False)
        self.come(client)
        assert not is_in(client)
