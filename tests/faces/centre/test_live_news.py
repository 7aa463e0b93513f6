"""What is written down of what happens, who is told of it, and that nothing of it is missed."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from gridloop.base.common.ids import new_id
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions
from gridloop.core.cases.actions.intake import begin, next_number
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import Times
from gridloop.core.cases.labels import Demand
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from gridloop.faces.centre.actions import KEPT, forget, tell_again
from gridloop.faces.centre.live import news
from gridloop.faces.centre.live.news import Cursor
from gridloop.faces.centre.live.viewer import viewer_of
from gridloop.faces.centre.models import LiveEvent
from tests.core.cases import factories
from tests.core.cases.factories import AT, World
from tests.faces.centre.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return factories.make_world(boundaries=True)


def now() -> datetime:
    return timezone.now()


def told(events: list[Any] | None) -> list[dict[str, Any]]:
    assert events is not None
    return [orjson.loads(event.shown) for event in events]


def test_a_verb_made_now_is_told_with_its_place_and_without_a_person(world: World):
    start = news.here(now())
    case = factories.dispatched(world, now() - timedelta(minutes=1), lon=120.005, lat=31.005, region_id=None)
    report, register, dispatch = told(news.since(start, now()).events)
    assert [e["verb"] for e in (report, register, dispatch)] == ["report", "register", "dispatch"]
    assert {k: report[k] for k in ("case", "number", "title", "state", "region", "lon", "lat")} == {
        "case": str(case.pk), "number": case.number, "title": case.title, "state": "reported",
        "region": case.region_id, "lon": 120.005, "lat": 31.005,
    }  # fmt: skip
    assert report.keys() == {"id", "verb", "case", "number", "title", "state", "region", "lon", "lat", "at"}


def test_history_is_nobody_s_news_whether_it_comes_one_by_one_or_by_the_thousand(world: World):
    factories.handled(world, AT)
    times = Times.now_in_force()
    old = begin(
        factories.intake(world),
        actor=world.operator,
        at=AT,
        key=new_id(),
        number=next_number(AT),
        times=times,
    )
    store_many([old])
    assert not LiveEvent.objects.exists()


def test_who_looked_at_a_reporter_is_not_told(world: World):
    case = factories.reported(world, now())
    actions.reveal_reporter(case.pk, actor=world.leader, at=now(), note="回访核实")
    assert list(LiveEvent.objects.values_list("verb", flat=True)) == ["report"]


def test_of_a_confidential_case_neither_words_nor_place_are_told(world: World):
    start = news.here(now())
    factories.reported(world, now(), demand=Demand.TIP_OFF, lon=120.005, lat=31.005, region_id=None)
    (event,) = told(news.since(start, now()).events)
    assert (event["title"], event["lon"], event["lat"]) == ("", None, None)


@pytest.mark.parametrize("role", factories.SEATS, ids=str)
def test_somebody_is_told_of_exactly_the_cases_that_they_may_see(world: World, role: Role):
    start, at = news.here(now()), now() - timedelta(minutes=1)
    factories.dispatched(world, at)
    factories.reported(world, at, region_id=world.town.town.pk)
    actor = world.actors[role]
    if actor.can("case.report"):
        actions.report(factories.intake(world, region_id=world.town.town.pk), actor=actor, at=at)
    events = news.since(start, now()).events or []
    seen = {event["case"] for event in orjson.loads(news.shown_to(viewer_of(actor), events))}
    assert seen == {str(key) for key in Case.objects.visible_to(actor).values_list("pk", flat=True)}
    assert len({event["case"] for event in told(events)}) >= 2


def test_what_a_slow_transaction_wrote_before_a_quick_one_is_not_missed(world: World):
    slow, quick = factories.reported(world, AT), factories.reported(world, AT)
    start = news.here(now())
    with psycopg.connect(**_params(), autocommit=False) as other:
        other.execute(_INSERT, [slow.pk])  # takes the lower key, and is not committed
        actions.register(quick.pk, actor=world.operator, at=now())
        first = news.since(start, now())
        assert [e["case"] for e in told(first.events)] == [str(quick.pk)]
        other.commit()
    second = news.since(first.cursor, now())
    assert str(slow.pk) in [e["case"] for e in told(second.events)]


_INSERT = """
    INSERT INTO centre_liveevent (at, case_id, verb, state, region_path, units)
    VALUES (now(), %s, 'register', 'registered', '', '{}')
"""


def _params() -> dict[str, Any]:
    params = connection.get_connection_params()
    return {k: v for k, v in params.items() if k not in ("cursor_factory", "context")}


def test_a_rolled_back_verb_was_never_told(world: World):
    start = news.here(now())
    with transaction.atomic():
        factories.reported(world, now())
        transaction.set_rollback(True)
    assert told(news.since(start, now()).events) == []


@pytest.mark.parametrize(
    "cursor",
    [
        lambda here: Cursor(here.transaction, here.seconds - int(KEPT.total_seconds()) - 1),
        lambda here: Cursor(here.transaction + 10**9, here.seconds),
    ],
    ids=["a day old", "of another database"],
)
def test_whoever_was_away_too_long_loads_everything_anew(world: World, cursor: Any):
    assert news.since(cursor(news.here(now())), now()).events is None


def test_so_does_whoever_missed_too_much(world: World, monkeypatch):
    monkeypatch.setattr(news, "MOST", 2)
    start = news.here(now())
    factories.dispatched(world, now() - timedelta(minutes=1))
    assert news.since(start, now()).events is None


@pytest.mark.parametrize("text", ["", "7", "7-", "-7", "a-b", "\uff11-\uff12", "1-2-3", "9" * 30 + "-1"])
def test_what_is_no_cursor_is_taken_for_none(text: str):
    assert Cursor.read(text) is None
    assert Cursor.read(str(Cursor(7, 8))) == Cursor(7, 8)


def test_asking_again_and_again_tells_each_time_what_is_new(world: World, leader: Client):
    start = leader.get("/centre/news").json()
    assert (start["resync"], start["events"]) == (False, [])
    case = factories.reported(world, now())
    answer = leader.get("/centre/news", {"after": start["cursor"]}).json()
    assert [e["number"] for e in answer["events"]] == [case.number]
    later = factories.reported(world, now())
    again = leader.get("/centre/news", {"after": answer["cursor"]}).json()["events"]
    # Twice where another transaction was still under way meanwhile: readers go by the keys.
    assert [e["number"] for e in again if e["id"] != answer["events"][0]["id"]] == [later.number]
    assert leader.get("/centre/news", {"after": "1-1"}).json()["resync"] is True


def test_a_day_later_it_is_forgotten(world: World):
    factories.reported(world, now())
    assert forget(now=now() + KEPT - timedelta(minutes=5)) == 0
    assert forget(now=now() + KEPT + timedelta(minutes=5)) == 1


def test_a_screen_that_is_opened_shows_what_happened_last(world: World, leader: Client):
    first, second = factories.reported(world, now()), factories.reported(world, now())
    told = leader.get("/centre/recent").json()
    assert [event["number"] for event in told] == [first.number, second.number]


def test_a_secretary_s_screen_is_opened_with_the_own_village_alone(world: World):
    factories.reported(world, now(), region_id=world.town.other_village.pk)
    mine = factories.reported(world, now())
    told = signed_in(world, Role.SECRETARY).get("/centre/recent").json()
    assert [event["number"] for event in told] == [mine.number]


def test_a_town_that_is_taken_over_begins_with_the_last_of_its_log(world: World, leader: Client):
    case = factories.dispatched(world, now() - timedelta(hours=3))
    assert leader.get("/centre/recent").json() == []
    assert tell_again(Entry.objects.filter(stream=case.pk).order_by("at")) == 3
    told = leader.get("/centre/recent").json()
    assert [(event["number"], event["verb"]) for event in told] == [
        (case.number, verb) for verb in ("report", "register", "dispatch")
    ]
