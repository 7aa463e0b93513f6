"""Messages that really leave the house: to a mail server and to a web hook that listen here."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from gridloop.capabilities.notify import actions
from gridloop.capabilities.notify.actions import attempt, attempt_due, tell
from gridloop.capabilities.notify.actions.delivering import PAUSES_M, STALE
from gridloop.capabilities.notify.models import Delivery, Notice
from tests.capabilities.notify.conftest import proved
from tests.core.cases import factories
from tests.core.org.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def say(user, **details) -> Delivery:
    """Tell one person and return the delivery by their only channel."""
    values = {"topic": "oversight.overdue", "title": "工单即将超期", "at": NOW, **details}
    (notice,) = tell(to=[user.pk], **values)
    return notice.deliveries.get()


def test_a_mail_arrives_with_title_and_link_and_no_word_of_the_text(wang, mail_server, settings):
    settings.SITE_URL = "https://town.example"
    proved(wang, "email", "wang@example.com")
    delivery = say(wang, body="案件 2026-0001 还剩 2 小时", url="/desk/cases/1/", is_urgent=True)
    assert attempt(delivery.pk, now=NOW) == "sent"
    (to, subject, text) = mail_server.mails[-1]
    assert (to, subject) == ("wang@example.com", "【紧急】工单即将超期")
    assert text.split() == ["https://town.example/desk/cases/1/"]


def test_a_title_that_somebody_typed_stays_inside_and_the_number_goes_out(wang, mail_server, settings):
    settings.SITE_URL = "https://town.example"
    case = factories.reported(factories.make_world())
    proved(wang, "email", "wang@example.com")
    delivery = say(
        wang,
        title="新任务：给王小明 13800001234 回电",
        outward="您有一项新任务",
        case_id=case.pk,
        url="/rooms/1/",
    )
    assert attempt(delivery.pk, now=NOW) == "sent"
    _to, subject, text = mail_server.mails[-1]
    assert (subject, text.split()) == (
        "您有一项新任务",
        ["案件", case.number, "https://town.example/rooms/1/"],
    )
    assert Notice.objects.get().title == "新任务：给王小明 13800001234 回电"


def test_a_web_hook_gets_it_and_a_text_message_goes_by_the_town_s_gateway(wang, li, hook, settings):
    proved(wang, "messenger", hook.address)
    assert attempt(say(wang).pk, now=NOW) == "sent"
    settings.SMS_URL = hook.address + "?:phone={phone}"
    proved(li, "sms", "138 0013 8000")
    assert attempt(say(li).pk, now=NOW) == "sent"
    assert [post.get("phone") for post in hook.posts] == [None, "13800138000"]
    assert {post["message"] for post in hook.posts} == {"工单即将超期"}


def test_what_does_not_go_through_is_tried_again_after_longer_and_longer_pauses(wang, hook):
    proved(wang, "messenger", hook.address)
    delivery, now = say(wang), NOW
    hook.status = 503
    for pause in PAUSES_M:
        assert attempt(delivery.pk, now=now) == "waiting"
        assert attempt(delivery.pk, now=now) is None, "its time has not come"
        now += pause * MINUTE
    hook.status = 200
    assert attempt_due(now=now) >= 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.error) == ("sent", len(PAUSES_M) + 1, "")
    assert [post["message"] for post in hook.posts].count("工单即将超期") == 1


def test_after_the_last_try_it_has_failed_and_says_why_without_the_address(wang, mail_server):
    proved(wang, "email", "wang@example.com")
    delivery, now = say(wang), NOW
    mail_server.is_full = True
    for pause in (*PAUSES_M, 0):
        attempt(delivery.pk, now=now)
        now += pause * MINUTE
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", len(PAUSES_M) + 1)
    assert delivery.error
    assert "wang@example.com" not in delivery.error
    assert attempt(delivery.pk, now=now) is None


def test_a_server_that_is_not_there_is_a_failure_with_a_reason(wang, hook, settings):
    proved(wang, "messenger", hook.address)
    delivery = say(wang)
    settings.MESSENGERS = ["dingtalk"]  # the town thought better of it
    assert attempt(delivery.pk, now=NOW) == "waiting"
    delivery.refresh_from_db()
    assert "dingtalk" in delivery.error


def test_what_was_sent_is_not_sent_again_and_what_is_old_is_no_news(wang, hook):
    proved(wang, "messenger", hook.address)
    delivery = say(wang)
    assert [attempt(delivery.pk, now=NOW), attempt(delivery.pk, now=NOW)] == ["sent", None]
    late = say(wang, at=NOW - STALE - MINUTE, once="old")
    assert attempt(late.pk, now=NOW) == "dropped"
    assert len(hook.posts) == 1


def test_nothing_is_sent_by_a_channel_that_was_switched_off_meanwhile(wang, hook):
    channel = proved(wang, "messenger", hook.address)
    delivery = say(wang)
    actions.switch_channel(wang.pk, channel.pk, is_active=False)
    assert attempt(delivery.pk, now=NOW) == "dropped"
    assert hook.posts == []


def test_what_is_too_old_to_keep_is_dropped_with_its_deliveries(wang, hook, settings):
    proved(wang, "messenger", hook.address)
    attempt(say(wang).pk, now=NOW)
    say(wang, at=NOW + timedelta(days=300))
    assert actions.forget_old(now=NOW + timedelta(days=settings.NOTICES_KEPT_DAYS, hours=1)) >= 1
    assert [n.at for n in Notice.objects.all()] == [NOW + timedelta(days=300)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(wang, hook):
    proved(wang, "messenger", hook.address)
    delivery = say(wang)
    start, answers = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        answers.append(attempt(delivery.pk, now=NOW))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["None", "None", "None", "sent"]
    assert len(hook.posts) == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_the_job_and_sends_it(wang, hook, monkeypatch):
    from gridloop.capabilities.notify import tasks

    proved(wang, "messenger", hook.address)
    say(wang)
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW)
    with app.replace_connector(app.connector.get_worker_connector()) as jobs:
        jobs.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)
    assert [post["message"] for post in hook.posts][-1:] == ["工单即将超期"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
