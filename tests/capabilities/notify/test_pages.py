"""The bell, the list of messages, and the page on which a person says how to be reached."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridloop.capabilities.notify.actions import attempt, tell
from gridloop.capabilities.notify.models import Channel, Delivery, Notice
from tests.capabilities.notify.conftest import proved
from tests.config.test_access import signed_in

pytestmark = pytest.mark.django_db
INBOX, CHANNELS = "notify:inbox", "notify:channels"


def say(user, **details) -> Notice:
    values = {"topic": "rooms.post", "title": "请参加会商", "at": timezone.now(), **details}
    return tell(to=[user.pk], **values)[0]


def text(client: Client, name: str = INBOX, **query) -> str:
    return client.get(reverse(name), query).content.decode()


def act(client: Client, channel: Channel, what: str, **given):
    return client.post(reverse("notify:channel", args=[channel.pk, what]), given)


class TestBell:
    def test_it_counts_what_is_unread_on_every_page_and_says_99_plus(self, wang, li):
        say(li)
        assert "消息，没有未读" in text(signed_in(wang), "shell:me")
        tell_many(wang, 3)
        assert "消息，3 条未读" in text(signed_in(wang), "shell:me")
        tell_many(wang, 120)
        assert "消息，99+ 条未读" in text(signed_in(wang), "shell:me")

    def test_it_costs_one_statement_whatever_is_there(self, wang):
        def statements() -> int:
            client.get(reverse("shell:me"))
            with CaptureQueriesContext(connection) as seen:
                client.get(reverse("shell:me"))
            return sum("notify_notice" in query["sql"] for query in seen)

        client = signed_in(wang)
        assert statements() == 1
        tell_many(wang, 150)
        assert statements() == 1

    def test_a_visitor_has_none(self, db):
        assert "gl-bell" not in Client().get("/").content.decode()


class TestInbox:
    def test_a_person_finds_their_own_the_newest_first(self, wang, li):
        now = timezone.now()
        say(wang, title="先说的", at=now - timedelta(hours=2))
        say(wang, title="后说的", at=now, is_urgent=True)
        say(li, title="别人的")
        page = text(signed_in(wang))
        assert page.index("后说的") < page.index("先说的")
        assert "紧急" in page
        assert "别人的" not in page

    def test_what_people_wrote_cannot_become_markup(self, wang):
        say(wang, title="<script>1</script>", body="<b>2</b>")
        page = text(signed_in(wang))
        assert "&lt;script&gt;1" in page
        assert "<b>2</b>" not in page

    def test_opening_one_leads_where_it_belongs_and_it_is_read(self, wang):
        notice = say(wang, url=reverse("shell:me"))
        client = signed_in(wang)
        answer = client.get(reverse("notify:open", args=[notice.pk]))
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("shell:me"))
        assert "请参加会商" not in text(client, unread="1")
        assert "没有未读消息" in text(client, unread="1")

    def test_it_never_leads_to_another_site(self, wang):
        notice = say(wang, url="https://elsewhere.example/")
        answer = signed_in(wang).get(reverse("notify:open", args=[notice.pk]))
        assert answer.headers["Location"] == reverse(INBOX)

    def test_another_person_s_is_not_there(self, wang, li):
        notice = say(wang)
        assert signed_in(li).get(reverse("notify:open", args=[notice.pk])).status_code == 404
        signed_in(li).post(reverse("notify:read"), {"notice": notice.pk})
        notice.refresh_from_db()
        assert notice.read_at is None

    def test_one_is_marked_read_or_all_that_were_shown(self, wang):
        first, second = say(wang), say(wang)
        client = signed_in(wang)
        client.post(reverse("notify:read"), {"notice": first.pk})
        assert unread(wang) == {second.pk}
        shown_at = timezone.now()
        later = say(wang, at=shown_at + timedelta(seconds=1))
        client.post(reverse("notify:read"), {"before": shown_at.isoformat()})
        assert unread(wang) == {later.pk}

    def test_a_longer_list_costs_no_more_statements(self, wang):
        client = signed_in(wang)

        def statements() -> int:
            client.get(reverse(INBOX))
            with CaptureQueriesContext(connection) as seen:
                client.get(reverse(INBOX))
            return len(seen)

        tell_many(wang, 2)
        few = statements()
        tell_many(wang, 40)
        assert statements() == few <= 6


class TestChannels:
    def test_from_an_address_to_a_proved_channel_and_a_test(self, wang, mail_server):
        client = signed_in(wang)
        answer = client.post(reverse(CHANNELS), {"kind": "email", "address": "wang@example.com"})
        assert answer.status_code == 302
        channel = Channel.objects.get(user=wang)
        attempt(Delivery.objects.get(channel=channel).pk, now=timezone.now())
        code = mail_server.mails[0][1].partition("：")[2]
        assert "待验证" in text(client, CHANNELS)
        assert act(client, channel, "prove", code="000000" if code != "000000" else "1").status_code == 422
        assert act(client, channel, "prove", code=code).status_code == 302
        Delivery.objects.filter(channel=channel).update(made_at=timezone.now() - timedelta(minutes=2))
        act(client, channel, "test")
        attempt(Delivery.objects.get(notice__isnull=False).pk, now=timezone.now())
        assert mail_server.mails[-1][1] == "试发：您能收到这里的消息"
        assert "已发送" in text(client, CHANNELS)

    def test_the_page_shows_an_address_masked_and_the_database_holds_it_encrypted(self, wang, mail_server):
        channel = proved(wang, "email", "wangming@example.com")
        page = text(signed_in(wang), CHANNELS)
        assert "wa***@example.com" in page
        assert "wangming" not in page
        with connection.cursor() as cursor:
            cursor.execute("SELECT address FROM notify_channel WHERE id = %s", [channel.pk])
            assert b"wangming" not in bytes(cursor.fetchone()[0])

    def test_a_failure_shows_with_its_reason(self, wang, hook):
        proved(wang, "messenger", hook.address)
        hook.status = 500
        urgent = say(wang, is_urgent=True)  # so that it is tried at whatever hour the tests run
        attempt(urgent.deliveries.get().pk, now=timezone.now())
        page = text(signed_in(wang), CHANNELS)
        assert "已试 1 次" in page
        assert "500" in page

    @pytest.mark.parametrize(
        ("kind", "address", "why"),
        [
            ("email", "nobody", "电子邮件地址不对"),
            ("messenger", "file:///etc/passwd", "没有开通"),
            ("messenger", "http://10.0.0.1/", "没有开通"),
            ("messenger", "somewhere", "缺少类型"),
        ],
    )
    def test_what_is_no_address_or_leads_elsewhere_is_refused_and_nothing_typed_is_lost(
        self, wang, mail_server, settings, kind, address, why
    ):
        settings.MESSENGERS = ["dingtalk"]
        answer = signed_in(wang).post(reverse(CHANNELS), {"kind": kind, "address": address})
        assert answer.status_code == 422
        assert why in answer.content.decode()
        assert f'value="{address}"' in answer.content.decode()
        assert not Channel.objects.exists()

    def test_a_code_cannot_be_guessed(self, wang, mail_server):
        client = signed_in(wang)
        client.post(reverse(CHANNELS), {"kind": "email", "address": "boss@example.com"})
        channel = Channel.objects.get(user=wang)
        wrong = "999999" if channel.code != "999999" else "000000"
        for _time in range(5):
            assert act(client, channel, "prove", code=wrong).status_code == 422
        assert act(client, channel, "prove", code=channel.code).status_code == 422

    def test_asking_twice_in_a_minute_is_too_often(self, wang, mail_server):
        channel = proved(wang, "email", "wang@example.com")
        Delivery.objects.update(made_at=timezone.now())
        answer = act(signed_in(wang), channel, "test")
        assert answer.status_code == 429

    def test_another_person_s_channel_is_not_there(self, wang, li, mail_server):
        channel = proved(wang, "email", "wang@example.com")
        assert act(signed_in(li), channel, "off").status_code == 404
        act(signed_in(li), channel, "drop")
        assert Channel.objects.filter(pk=channel.pk, is_active=True).exists()


def tell_many(user, count: int) -> None:
    for _n in range(count):
        say(user)


def unread(user) -> set:
    return set(Notice.objects.to(user.pk).unread().values_list("pk", flat=True))
