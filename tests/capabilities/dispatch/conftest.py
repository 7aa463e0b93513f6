"""A town with a queue: cases that the duty list gives to a unit, and cases of which nobody knows whose they are."""

import pytest

from tests.core.cases.factories import World, make_world
from tests.core.catalogue.factories import make_duty


def with_duty(world: World) -> World:
    """Let the office answer for litter; for weeds nobody does."""
    make_duty(world.catalogue.litter, world.town.office)
    return world


@pytest.fixture
def world(db: None) -> World:
    return with_duty(make_world())
