"""Telling people: once, in the caller's transaction, and by their channels when they are awake."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from gridloop.capabilities.notify.actions import Message, tell, tell_all
from gridloop.capabilities.notify.models import Delivery, Notice
from gridloop.capabilities.notify.quiet import goes_out_at
from tests.capabilities.notify.conftest import proved
from tests.core.org.factories import NOW, make_person

pytestmark = pytest.mark.django_db


def say(*people, at=NOW, **details):
    values = {"topic": "rooms.post", "title": "联合处置室有新消息", "at": at, **details}
    return tell(to=[person.pk for person in people], **values)


def jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name__endswith="notify.tasks.deliver"))


def test_everybody_named_finds_one_unread_notice(wang, li):
    say(wang, li, wang, body="请看会商安排", url="/rooms/")
    assert [(n.user_id, n.read_at, n.url) for n in Notice.objects.order_by("user")] == [
        (wang.pk, None, "/rooms/"),
        (li.pk, None, "/rooms/"),
    ]


def test_keys_sort_by_the_time_of_telling(wang):
    say(wang, title="后", at=NOW)
    say(wang, title="先", at=NOW - timedelta(hours=1))
    assert [n.title for n in Notice.objects.order_by("pk")] == ["先", "后"]


def test_under_the_same_key_nobody_is_told_twice(wang, li):
    assert len(say(wang, once="case-1/overdue")) == 1
    assert [n.user_id for n in say(wang, li, once="case-1/overdue")] == [li.pk]
    assert say(wang, li, once="case-1/overdue") == []
    assert len(say(wang, once="case-2/overdue")) == 1


def test_what_is_rolled_back_was_never_told(wang, mail_server):
    proved(wang, "email", "wang@example.com")
    before = len(jobs())
    with transaction.atomic():
        say(wang)
        transaction.set_rollback(True)
    assert (Notice.objects.count(), len(jobs())) == (0, before)


def test_a_channel_gets_its_own_delivery_and_job_only_once_it_is_proved(wang, li, mail_server, hook):
    from gridloop.capabilities.notify.actions import add_channel, switch_channel

    channel = proved(wang, "email", "wang@example.com")
    off = proved(wang, "messenger", hook.address)
    switch_channel(wang.pk, off.pk, is_active=False)
    add_channel(li.pk, kind="email", address="li@example.com", at=NOW)
    known = {job.pk for job in jobs()}
    say(wang, li)
    delivery = Delivery.objects.get(notice__isnull=False)
    assert (delivery.channel, delivery.state) == (channel, "waiting")
    fresh = [job for job in jobs() if job.pk not in known]
    assert [(job.args, job.scheduled_at) for job in fresh] == [({"delivery_id": str(delivery.pk)}, NOW)]


@pytest.mark.parametrize("count", [1, 20])
def test_telling_more_people_costs_no_more_statements(count, mail_server, django_assert_max_num_queries):
    people = [make_person(f"p{n}") for n in range(count)]
    for person in people:
        proved(person, "email", f"{person.username}@example.com")
    say(*people)  # the calendar is in memory now
    with django_assert_max_num_queries(8):  # six, and the savepoint around them
        say(*people, once="x")


# 2 March 2026 is a Monday; 14:00 UTC is 22:00 in Shanghai.
@pytest.mark.parametrize(
    ("told", "goes_out"),
    [
        ((2, 13, 59), (2, 13, 59)),
        ((2, 14, 0), (2, 23, 0)),
        ((2, 18, 30), (2, 23, 0)),
        ((2, 22, 59), (2, 23, 0)),
        ((2, 23, 0), (2, 23, 0)),
        ((2, 1, 0), (2, 1, 0)),
    ],
)
def test_in_the_quiet_hours_it_waits_for_the_morning(told, goes_out, db):
    at, out = (datetime(2026, 3, *when, tzinfo=UTC) for when in (told, goes_out))
    assert goes_out_at(at, is_urgent=False) == out
    assert goes_out_at(at, is_urgent=True) == at


def test_quiet_hours_are_the_town_s_to_set(settings, db):
    from datetime import time

    night = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    settings.QUIET_HOURS = None
    assert goes_out_at(night, is_urgent=False) == night
    settings.QUIET_HOURS = (time(12), time(14))
    assert goes_out_at(datetime(2026, 3, 2, 4, 30, tzinfo=UTC), is_urgent=False) == datetime(
        2026, 3, 2, 6, 0, tzinfo=UTC
    )


def test_a_notice_shows_at_once_in_the_night_while_its_delivery_waits(wang, mail_server):
    proved(wang, "email", "wang@example.com")
    night = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    say(wang, at=night)
    say(wang, at=night, is_urgent=True)
    due = list(Delivery.objects.filter(notice__isnull=False).order_by("pk").values_list("due_at", flat=True))
    assert due == [night.replace(hour=23), night]
    assert Notice.objects.to(wang.pk).unread().count() == 2


def test_many_things_are_told_with_the_statements_of_one(
    wang, li, mail_server, django_assert_max_num_queries
):
    proved(wang, "email", "wang@example.com")
    people = [wang.pk, li.pk]
    many = [Message(people, f"第{n}件超期", once=f"case-{n}", is_urgent=n % 2 == 0) for n in range(40)]
    with django_assert_max_num_queries(16):
        assert len(tell_all(many, topic="oversight.alert", at=NOW)) == 80
    assert tell_all(many, topic="oversight.alert", at=NOW) == []
    assert Delivery.objects.filter(notice__isnull=False).count() == 40
