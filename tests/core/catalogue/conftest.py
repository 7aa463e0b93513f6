"""An administrator Gu with a post, a dispatcher Li without the right, and a small rulebook."""

import pytest
from django.test import Client

from gridloop.core.org.permissions import Role
from tests.core.catalogue.factories import make_catalogue
from tests.core.org.factories import make_person, make_post, make_town


@pytest.fixture
def town(db):
    return make_town()


@pytest.fixture
def made(db):
    return make_catalogue()


@pytest.fixture
def gu(town):
    person = make_person("gu", full_name="顾管理")
    make_post(person, town.centre, Role.ADMIN, town.town)
    return person


def browser(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def desk(gu):
    """Return the browser in which Gu is signed in."""
    return browser(gu)


@pytest.fixture
def outsider(town):
    """Return the browser of the dispatcher Li, who manages nothing."""
    person = make_person("li", full_name="李坐席")
    make_post(person, town.centre, Role.OPERATOR, town.town)
    return browser(person)
