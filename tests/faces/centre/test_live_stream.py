"""An open stream: from the verb to the screen, through a real database, and what happens when something breaks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from typing import Any

import orjson
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from gridloop.core.cases import actions
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import Role
from gridloop.core.org.revisions import forget_all
from gridloop.faces.centre import live_views
from gridloop.faces.centre.live import hub as hubs
from gridloop.faces.centre.live.hub import hub
from gridloop.faces.centre.live.reader import MOST_WAITING, Reader
from gridloop.faces.centre.live.sessions import still_signed_in
from gridloop.faces.centre.live.viewer import Viewer
from tests.config.programs import eventually
from tests.core.cases import factories
from tests.core.cases.factories import World
from tests.faces.centre.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
Message = tuple[str, Any]


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    yield factories.make_world(boundaries=True)
    eventually(lambda: not hub.is_running)  # or the next test's database would be in use


@contextmanager
def stream(client: Client, **headers: str) -> Iterator[Callable[[], Message]]:
    """Open the stream as a screen does; yields what waits for the next message that is no beat."""
    answer: Any = client.get("/centre/live", headers=headers)
    assert answer.status_code == 200
    assert answer["X-Accel-Buffering"] == "no"
    parts = iter(answer.streaming_content)
    lines = chain.from_iterable(part.decode().split("\n\n") for part in parts)
    messages = (read(text) for text in lines if "event: " in text and "event: beat" not in text)
    try:
        yield lambda: next(messages)
    finally:
        answer.close()


def read(text: str) -> Message:
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    return fields["event"], orjson.loads(fields["data"])


def cursor_of(client: Client) -> str:
    return client.get("/centre/news").json()["cursor"]


def test_a_case_that_is_reported_comes_to_the_screen(world: World, leader: Client):
    with stream(leader) as message:
        assert message() == ("hello", {})
        case = factories.reported(world, timezone.now())
        name, events = message()
        assert (name, [e["number"] for e in events]) == ("news", [case.number])


def test_a_screen_that_was_away_is_told_what_it_missed(world: World, leader: Client):
    cursor = cursor_of(leader)
    missed = factories.reported(world, timezone.now())
    with stream(leader, last_event_id=cursor) as message:
        assert [e["number"] for e in message()[1]] == [missed.number]
        factories.reported(world, timezone.now())
        assert message()[0] == "news"


def test_a_screen_that_was_away_too_long_loads_everything_anew(world: World, leader: Client):
    with stream(leader, last_event_id="1-1") as message:
        assert [message()[0], message()[0]] == ["resync", "hello"]


def test_two_screens_are_told_each_what_its_own_reader_may_see(world: World, leader: Client):
    lead = signed_in(world, Role.UNIT_LEAD)
    with stream(leader) as of_leader, stream(lead) as of_unit:
        of_leader(), of_unit()
        case = factories.registered(world, timezone.now() - timedelta(minutes=1))
        actions.dispatch(case.pk, actor=world.operator, at=timezone.now(), lead_unit_id=world.lead_unit)
        verbs: list[str] = []
        while "dispatch" not in verbs:
            verbs += [e["verb"] for e in of_leader()[1]]
        assert verbs == ["report", "register", "dispatch"]
        assert [e["verb"] for e in of_unit()[1]] == ["dispatch"]


def test_it_goes_on_after_the_connection_that_listens_was_cut(world: World, leader: Client):
    with stream(leader) as message:
        message()
        eventually(lambda: cut_listeners() == 1)
        case = factories.reported(world, timezone.now())
        assert [e["number"] for e in message()[1]] == [case.number]


def cut_listeners() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query = 'LISTEN gridloop_live'"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("end", ["signed out", "idle", "deactivated", "post ended"])
def test_it_ends_with_the_sign_in(world: World, leader: Client, monkeypatch, settings, end: str):
    monkeypatch.setattr(hubs, "BEAT_S", 0.0)
    with stream(leader) as message:
        message()
        END[end](world, leader, settings)
        assert message() == ("bye", {})


def post_ends(world: World) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Post.objects.filter(pk=world.leader.post_id).update(ends_on=yesterday)
    forget_all()


END: dict[str, Callable[[World, Client, Any], object]] = {
    "signed out": lambda _world, client, _settings: client.logout(),
    "idle": lambda _world, _client, settings: setattr(settings, "SESSION_IDLE_S", -1),
    "deactivated": lambda world, _client, _settings: User.objects.filter(pk=world.leader.user_id).update(
        is_active=False
    ),
    "post ended": lambda world, _client, _settings: post_ends(world),
}


def test_whoever_does_not_keep_up_is_told_to_load_everything_anew(world: World):
    reader = Reader(world.leader, Viewer(sees_all=True), "")
    for n in range(MOST_WAITING + 3):
        reader.give(b"%d;" % n)
    taken = reader.take()
    assert taken.startswith(b"event: resync\n")
    assert taken.endswith(b"%d;" % (MOST_WAITING + 2))
    assert taken.count(b";") == 3
    assert reader.take() == b""


def test_a_process_that_is_full_sends_the_browser_to_ask_for_news(world: World, leader: Client, monkeypatch):
    monkeypatch.setattr(live_views, "MOST_STREAMS", 0)
    answer = leader.get("/centre/live")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


def test_a_hundred_sign_ins_are_looked_at_with_two_statements(
    world: World, leader: Client, django_assert_num_queries
):
    key = Session.objects.get().session_key
    readers = [Reader(world.leader, Viewer(sees_all=True), key) for _ in range(100)]
    still_signed_in(readers, timezone.now())
    with django_assert_num_queries(2):
        assert len(still_signed_in(readers, timezone.now())) == 100
