from collections.abc import Callable

import pytest
from django.test import Client

from gridloop.core.org.actors import Actor
from gridloop.core.org.models import User
from tests.capabilities.incidents.factories import skilled
from tests.core.cases.factories import World, make_world

SignIn = Callable[[Actor], Client]


@pytest.fixture
def world(db: None) -> World:
    made = make_world(boundaries=True)
    skilled(made)
    return made


@pytest.fixture
def sign_in() -> SignIn:
    """Return a browser in which the actor has signed in."""

    def signed_in(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        return client

    return signed_in
