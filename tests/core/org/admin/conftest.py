"""An administrator Gu with a post, and nobody's superuser."""

import pytest
from django.test import Client

from gridloop.core.org.models import User
from gridloop.core.org.permissions import Role
from tests.core.org.factories import make_person, make_post, make_town


@pytest.fixture
def town(db):
    return make_town(boundaries=True)


@pytest.fixture
def gu(town) -> User:
    """Return the system's administrator."""
    person = make_person("gu", full_name="顾管理")
    make_post(person, town.centre, Role.ADMIN, town.town)
    return person


@pytest.fixture
def desk(gu) -> Client:
    """Return the browser in which Gu is signed in."""
    client = Client()
    client.force_login(gu)
    return client
