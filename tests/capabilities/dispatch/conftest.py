"""A town with a queue: cases that the duty list gives to a unit, and cases of which nobody knows whose they are."""

from collections.abc import Callable

import pytest
from django.test import Client

from gridloop.core.org.actors import Actor
from gridloop.core.org.models import User
from tests.core.cases.factories import World, make_world
from tests.core.catalogue.factories import make_duty

SignIn = Callable[[Actor], Client]


def with_duty(world: World) -> World:
    """Let the office answer for litter; for weeds nobody does."""
    make_duty(world.catalogue.litter, world.town.office)
    return world


@pytest.fixture
def world(db: None) -> World:
    return with_duty(make_world())


@pytest.fixture
def sign_in() -> SignIn:
    """Return a browser in which the actor has signed in."""

    def signed_in(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        return client

    return signed_in
