from collections.abc import Iterator

import pytest

from gridloop.capabilities.notify import actions
from gridloop.capabilities.notify.models import Channel
from gridloop.core.org.models import User
from tests.capabilities.notify.receivers import Hook, MailServer, listening
from tests.core.org.factories import NOW, make_person


@pytest.fixture
def wang(db: None) -> User:
    return make_person("wang")


@pytest.fixture
def li(db: None) -> User:
    return make_person("li")


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    with listening(MailServer()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "town@example.com"
        yield server


@pytest.fixture
def hook(settings) -> Iterator[Hook]:
    settings.MESSENGERS = ["json"]
    with listening(Hook()) as server:
        yield server


def proved(user: User, kind: str, address: str) -> Channel:
    """Add a channel as its owner does, and give the code that its owner reads there."""
    channel = actions.add_channel(user.pk, kind=kind, address=address, at=NOW)
    return actions.prove_channel(user.pk, channel.pk, code=channel.code, at=NOW)
