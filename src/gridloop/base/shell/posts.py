"""The chooser of the acting post in the top bar, filled by whoever knows about posts (the shell does not)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class PostChoice:
    """One post that the person may act in, and for which place."""

    id: int
    label: str
    place: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class PostChooser:
    """Who tells the choices of a request, and the URL name that takes a POST of `post` and `next`."""

    choices: Callable[[HttpRequest], Sequence[PostChoice]]
    switch_url_name: str


_REGISTERED: list[PostChooser] = []


def register(chooser: PostChooser) -> None:
    """Install the chooser; the last one registered is used."""
    _REGISTERED[:] = [chooser]


def chooser() -> PostChooser | None:
    """Return the chooser that is installed, if any."""
    return _REGISTERED[0] if _REGISTERED else None
