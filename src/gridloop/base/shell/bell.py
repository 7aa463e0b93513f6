"""The bell in the top bar: how much a person has not read, told by whoever keeps messages (not the shell)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

MOST = 99  # beyond this the bell says 99+


@dataclass(frozen=True, slots=True)
class Bell:
    """
    Who counts what is unread, and the URL name that the bell leads to.

    Every page of a signed-in person asks: `unread` is at most one cheap statement, and need not count beyond
    `MOST` + 1.
    """

    unread: Callable[[HttpRequest], int]
    url_name: str


_REGISTERED: list[Bell] = []


def register(bell: Bell) -> None:
    """Install the bell; the last one registered is used."""
    _REGISTERED[:] = [bell]


def bell() -> Bell | None:
    """Return the bell that is installed, if any."""
    return _REGISTERED[0] if _REGISTERED else None
