"""Retries at the same moment, as programs behind a bad line send them: one case, one answer, one line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from gridloop.base.common.errors import TooManyRequests
from gridloop.base.common.ids import new_id
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case
from gridloop.faces.exchange import actions
from tests.core.cases import factories
from tests.core.cases.factories import World, make_world
from tests.core.org.factories import NOW
from tests.faces.exchange.factories import Program, program

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def at_once(work: Callable[[int], Any]) -> list[Any]:
    def alone(n: int) -> Any:
        try:
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(alone, range(AT_ONCE)))


def separate(key: Program) -> Program:
    """Return the same program over a connection of its own."""
    return Program(key.key, key.secret)


def test_one_report_sent_six_times_at_once_is_one_case(world: World) -> None:
    district = program()
    body = {"id": str(new_id()), "description": "路灯不亮", "region": world.town.grid.code}
    answers = at_once(lambda n: separate(district).post("/cases", body))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (Case.objects.count(), Entry.objects.count()) == (1, 1)


def test_one_source_number_sent_six_times_at_once_is_one_case(world: World) -> None:
    district = program()
    body = {"source_ref": "12345-7", "channel": "hotline", "description": "路灯不亮"}
    answers = at_once(lambda n: separate(district).post("/cases", body))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_one_idempotency_key_sent_six_times_at_once_is_done_once(world: World) -> None:
    district = program()
    case = factories.reported(world)
    answers = at_once(
        lambda n: separate(district).post(f"/cases/{case.pk}/annotate", {"note": "好"}, Idempotency_Key="k")
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == AT_ONCE - 1
    assert Entry.objects.filter(stream=case.pk, verb="annotate").count() == 1


def test_one_version_is_moved_on_by_one_of_six(world: World) -> None:
    district = program()
    case = factories.reported(world)
    answers = at_once(lambda n: separate(district).post(f"/cases/{case.pk}/register", If_Match='"1"'))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)


def test_a_limit_of_three_lets_three_of_six_in(world: World) -> None:
    _key, secret = actions.issue_key("甲", scopes=["case.view"], at=NOW, calls_per_minute=3)

    def call(_n: int) -> bool:
        try:
            return bool(actions.admit(secret, at=NOW))
        except TooManyRequests:
            return False

    assert sum(at_once(call)) == 3
