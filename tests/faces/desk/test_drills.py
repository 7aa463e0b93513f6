"""Cases of a drill among the real ones: marked, in a pile of their own, and in no list that is worked off."""

import pytest
from django.urls import reverse

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.dispatch.actions.previews import preview
from gridloop.capabilities.dispatch.present import queue
from gridloop.core.cases.workflow import State
from gridloop.faces.desk.boxes import BOXES, boxes_of, counts
from tests.core.cases import factories
from tests.core.cases.factories import AT, IN_STATE, World
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db
INBOX, CASES = reverse("desk:inbox"), reverse("desk:cases")


def numbers(response) -> set[str]:
    return {row.case.number for row in response.context["rows"]}


def test_no_pile_counts_a_drill_but_its_own(world: World) -> None:
    # A drill is not merged into a real case, which is what the factory does.
    drills = [make(world, is_drill=True) for state, make in IN_STATE.items() if state != State.MERGED]
    assert counts([*BOXES.values()], world.leader) == {"drills": sum(case.is_open for case in drills)}


def test_the_pile_of_drills_is_there_while_one_runs_and_lists_them_marked(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.operator)
    assert "drills" not in {tab.name for tab in client.get(INBOX).context["tabs"]}
    real, drill = factories.registered(world), factories.registered(world, is_drill=True)
    assert numbers(client.get(INBOX, {"box": "to_dispatch"})) == {real.number}
    page = client.get(INBOX, {"box": "drills"})
    assert numbers(page) == {drill.number}
    assert '<span class="gl-mark-tag is-primary">演练</span>' in page.content.decode()


def test_who_holds_its_work_order_finds_a_drill_there(world: World, sign_in: SignIn) -> None:
    drill = factories.dispatched(world, is_drill=True)
    assert counts(boxes_of(world.handler), world.handler) == {"drills": 1}
    assert numbers(sign_in(world.handler).get(INBOX)) == {drill.number}


def test_the_list_shows_drills_to_who_asks_for_them(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.operator)
    real, drill = factories.registered(world), factories.registered(world, is_drill=True)
    shown = {asked: numbers(client.get(CASES, {"drill": asked})) for asked in ("", "with", "only")}
    assert shown == {"": {real.number}, "with": {real.number, drill.number}, "only": {drill.number}}
    assert numbers(client.get(CASES, {"q": "建筑垃圾"})) == {real.number}


def test_a_file_of_the_list_holds_drills_only_where_the_list_does(world: World, sign_in: SignIn) -> None:
    real, drill = factories.registered(world), factories.registered(world, is_drill=True)
    export = reverse("desk:export", args=["csv"])
    client = sign_in(world.operator)
    plain, whole = (
        b"".join(client.get(export, asked).streaming_content).decode() for asked in ({}, {"drill": "with"})
    )
    assert real.number in plain
    assert drill.number not in plain
    assert drill.number in whole


def test_the_queue_and_one_key_leave_drills_alone(world: World) -> None:
    real, drill = factories.registered(world), factories.registered(world, is_drill=True)
    assert set(queue.waiting(world.operator)) == {real}
    assert queue.piles(world.operator) == (1, 0)
    batch = preview([real.pk, drill.pk], actor=world.operator, at=AT)
    assert [item.case_id for item in batch.items.all()] == [real.pk]
    with pytest.raises(InvalidInput):
        preview([drill.pk], actor=world.operator, at=AT)
