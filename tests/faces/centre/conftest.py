"""A town with boundaries, and people who look at the screen."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from gridloop.base.common.ids import id_at
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from gridloop.faces.centre import board
from tests.core.cases.factories import World, intake, make_world
from tests.core.org.factories import signed_in as browser_of


@pytest.fixture
def world(db: None) -> World:
    return make_world(boundaries=True)


@pytest.fixture(autouse=True)
def _fresh_board() -> None:
    """Let no test see the numbers that another one left in memory."""
    board._kept.clear()


@pytest.fixture
def leader(world: World) -> Client:
    return signed_in(world, Role.LEADER)


def signed_in(world: World, role: Role) -> Client:
    return browser_of(world.actors[role])


def report_at(world: World, at: datetime, **changes: Any) -> Case:
    """Report a case whose key is of that moment, as it is outside of tests."""
    key = id_at(at, seed=f"{at}{changes}")
    return actions.report(intake(world, **changes), actor=world.worker, at=at, case_id=key)
