"""One number, one bar: with its words and the list of the cases behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.templatetags.gridloop_time import span
from gridloop.core.cases.labels import Label


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of the board; `url` is the list of the cases behind it."""

    name: str
    label: Label
    value: str
    url: str = ""
    hint: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a list with its share of the longest, in percent."""

    name: Label
    count: int
    late: int
    url: str
    percent: int
    hint: str = ""


class Counted(Protocol):
    """What a bar can be made of."""

    @property
    def key(self) -> int | str | None: ...
    @property
    def count(self) -> int: ...


C = TypeVar("C", bound=Counted)


def bars(
    shares: Iterable[C],
    label: Callable[[C], Label],
    url: Callable[[C], str],
    *,
    hint: Callable[[C], str] = lambda _share: "",
) -> list[Bar]:
    """Return a bar for each share, the longest one full."""
    rows = list(shares)
    longest = max((row.count for row in rows), default=1) or 1
    return [
        Bar(
            label(row),
            row.count,
            getattr(row, "late", 0),
            url(row),
            round(row.count / longest * 100),
            hint(row),
        )
        for row in rows
    ]


def cases_url(**filters: object) -> str:
    """Return the desk's list of the cases that pass the filters; nothing where a town has no desk."""
    url = url_or_blank("desk:cases")
    given = {name: value for name, value in filters.items() if value is not None}
    return f"{url}?{urlencode(given)}" if url else ""


def by_key(name: str, **more: object) -> Callable[[Counted], str]:
    """Return what leads from a share to its cases, by the filter `name`; nowhere where it has no key."""
    return lambda share: cases_url(**{name: share.key}, **more) if share.key is not None else ""


def late_url(share: Counted) -> str:
    """Return what leads to the deadlines that a unit has let pass, on the oversight desk."""
    url = url_or_blank("oversight:watched")
    return f"{url}?{urlencode({'unit': share.key})}" if url else ""


def duration(found: timedelta | None) -> str:
    return "—" if found is None else span(int(found.total_seconds() // 60))
