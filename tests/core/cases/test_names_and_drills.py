"""Work that is given to a person by name, and cases that are only exercised."""

import pytest

from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases import actions
from gridloop.core.cases.actions import Part
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.org import actions as org
from gridloop.core.org.actors import Actor
from gridloop.core.org.permissions import Role
from gridloop.faces.desk.boxes import BOXES
from tests.core.cases import factories
from tests.core.cases.factories import AT, MINUTE, World, add_person, last_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(world: World) -> Actor:
    """A second handler of the unit that leads; the unit takes work by name."""
    org.amend_unit(world.lead_unit, takes_named=True)
    return add_person(world, Role.HANDLER, "office", "town", name="colleague")


def named(world: World, person: int | None) -> Case:
    case = factories.registered(world)
    return actions.dispatch(
        case.pk, actor=world.operator, at=AT + MINUTE, lead_unit_id=world.lead_unit, assignee_id=person
    )


def test_a_dispatch_by_name_stands_on_the_order_and_in_the_log(world: World, colleague: Actor) -> None:
    case = named(world, colleague.user_id)
    assert case.orders.get().assignee_id == colleague.user_id
    assert last_line(case).data["assignee"] == colleague.user_id


def test_it_waits_for_the_named_person_first_and_the_others_may_still_act(
    world: World, colleague: Actor
) -> None:
    case = named(world, colleague.user_id)
    mine = BOXES["to_me"].narrow
    assert list(mine(Case.objects.visible_to(colleague), colleague)) == [case]
    assert not mine(Case.objects.visible_to(world.handler), world.handler).exists()
    assert actions.sign_for(case.pk, actor=world.handler, at=AT + 2 * MINUTE).state == "handling"


@pytest.mark.parametrize("person", [10**9, "x", [1]])
def test_a_name_that_is_nobody_of_the_unit_is_refused(world: World, colleague: Actor, person: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        named(world, person)  # type: ignore[arg-type]
    assert "assignee_id" in refusal.value.fields
    assert not WorkOrder.objects.exists()


def test_nobody_of_another_unit_is_named(world: World, colleague: Actor) -> None:
    with pytest.raises(InvalidInput, match="不在这个单位"):
        named(world, world.actors[Role.SECRETARY].user_id)


def test_a_unit_that_hands_its_work_out_itself_takes_no_names(world: World) -> None:
    with pytest.raises(InvalidInput, match="自行分派"):
        named(world, world.handler.user_id)


def test_a_transfer_leaves_the_old_name_behind_and_takes_one_of_the_new_unit(
    world: World, colleague: Actor
) -> None:
    case = named(world, colleague.user_id)
    org.amend_unit(world.town.committee.pk, takes_named=True)
    secretary = world.actors[Role.SECRETARY].user_id
    move = {"from_unit_id": world.lead_unit, "to_unit_id": world.town.committee.pk}
    actions.transfer(
        case.pk, actor=world.operator, at=AT + 2 * MINUTE, note="改派", assignee_id=secretary, **move
    )
    assert case.orders.get(state="issued").assignee_id == secretary


def test_a_drill_goes_the_whole_way_round_and_no_figure_counts_it(world: World) -> None:
    case = factories.closed(world, is_drill=True)
    assert (case.state, case.is_drill) == ("closed", True)
    assert not Case.objects.scored().exists()
    assert not Case.objects.real().exists()


def test_parts_and_copies_of_a_drill_are_drills(world: World) -> None:
    case = factories.registered(world, is_drill=True)
    copied = actions.copy(case.pk, actor=world.operator, at=AT)
    actions.split(case.pk, actor=world.operator, at=AT + 2 * MINUTE, parts=[Part("甲"), Part("乙")])
    assert copied.is_drill
    assert [child.is_drill for child in case.children.all()] == [True, True]


def test_a_drill_does_not_merge_with_what_happened(world: World) -> None:
    master, drill = factories.registered(world), factories.reported(world, is_drill=True)
    with pytest.raises(InvalidInput, match="演练"):
        actions.merge(drill.pk, actor=world.operator, at=AT + 2 * MINUTE, into=master.pk)


def test_the_fingerprint_of_what_happened_knows_nothing_of_drills(world: World) -> None:
    plain = factories.intake(world)
    assert plain.digest() == factories.intake(world, is_drill=False).digest()
    assert plain.digest() != factories.intake(world, is_drill=True).digest()
