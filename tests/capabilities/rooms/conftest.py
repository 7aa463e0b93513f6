import pytest

from gridloop.capabilities.rooms import actions
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def secretary(world: World) -> Actor:
    return world.actors[Role.SECRETARY]


@pytest.fixture
def committee(world: World) -> int:
    return world.town.committee.pk


@pytest.fixture
def case(world: World, committee: int) -> Case:
    """A case that the office leads and the committee assists in, with its room open."""
    made = factories.handling(world, assistants=(committee,))
    actions.open_room(made.pk, actor=world.operator, at=AT + HOUR)
    return made
