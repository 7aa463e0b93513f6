"""
What the house asks of the people who work in it: each form and each rule that a town writes itself says so
here, whoever it belongs to; and whoever watches over the burden is asked before a rule is kept.

    asks.register(lambda: [Asked(key="desk/submit_result", label="提交结果", fields=2, verb="submit_result")])
    asks.check(Asked(key="register/7", label="月报", texts={"note": words}), at)   # before saving it
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One form or rule, by a key of its own.

    `texts` is all that it says, by field; `names` are the fields of a form, hidden ones left out, and
    `required` how many of them must be filled in; `photos` counts fields for files. `verb` is the move of the
    loop that the form makes, by which its use is counted; `is_for_base`: grid workers fill it in.
    """

    key: str
    label: str | Promise
    texts: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    required: int = 0
    photos: int = 0
    required_photos: int = 0
    verb: str = ""
    is_for_base: bool = False

    @property
    def fields(self) -> int:
        return len(self.names)


Source: TypeAlias = Callable[[], Iterable[Asked]]
Guard: TypeAlias = Callable[[Asked, datetime], None]

_sources: list[Source] = []
_guards: list[Guard] = []


def register(source: Source) -> None:
    """Add forms or rules; `source` is called whenever somebody looks, so it gives them as they are then."""
    if source not in _sources:
        _sources.append(source)


def guard(check_one: Guard) -> None:
    """Let `check_one(asked, at)` refuse, by raising, what is about to be kept."""
    if check_one not in _guards:
        _guards.append(check_one)


def asked() -> list[Asked]:
    """Return all that is asked for now, in the order of the keys."""
    return sorted((one for source in _sources for one in source()), key=lambda one: one.key)


def check(one: Asked, at: datetime) -> None:
    """
    Ask the guards before a rule is kept.

    :param at: from when on it is in force.
    :raises DomainError: as a guard does: it asks for what may not be asked for.
    """
    for check_one in _guards:
        check_one(one, at)
