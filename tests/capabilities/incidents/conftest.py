import pytest

from tests.capabilities.incidents.factories import skilled
from tests.core.cases.factories import World, make_world


@pytest.fixture
def world(db: None) -> World:
    made = make_world(boundaries=True)
    skilled(made)
    return made
