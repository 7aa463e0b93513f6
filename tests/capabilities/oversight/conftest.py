from collections.abc import Callable

import pytest
from django.test import Client

from gridloop.core.org.actors import Actor
from gridloop.core.org.models import User
from tests.core.cases.factories import World, make_world

SignIn = Callable[[Actor], Client]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def sign_in() -> SignIn:
    """Return a browser in which the actor has signed in."""

    def signed_in(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        return client

    return signed_in
