import pytest

from tests.core.cases.factories import World, make_world
from tests.faces.exchange.factories import Program, program


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def district(world: World) -> Program:
    """The district's platform: a program that may do all that a program can."""
    return program(name="区级平台")
