"""What is known of a case before it is given to anybody, and the contexts that the model remembers it in."""

from collections.abc import Iterator
from dataclasses import dataclass

UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Six facts, each a code or a name; `UNKNOWN` where it is not known.

    `kind` is coarser than `main`, `main` than `sub`; `place` lies in `area`.
    """

    kind: str = UNKNOWN
    main: str = UNKNOWN
    sub: str = UNKNOWN
    area: str = UNKNOWN
    place: str = UNKNOWN
    source: str = UNKNOWN
    demand: str = UNKNOWN


# By unit: who closed such cases, from the most general to the most particular.
CONTEXTS: tuple[tuple[str, ...], ...] = (
    (),
    ("main",),
    ("sub",),
    ("kind", "area"),
    ("main", "area"),
    ("sub", "area"),
    ("kind", "place"),
    ("main", "place"),
    ("sub", "place"),
    ("place",),
    ("place", "source"),
    ("area", "source"),
    ("sub", "source"),
    ("main", "area", "source"),
    ("sub", "area", "source"),
)
# By role: what part such a unit plays at the place, so that one village's history speaks for its neighbours.
ROLE_CONTEXTS: tuple[tuple[str, ...], ...] = (
    (),
    ("kind",),
    ("main",),
    ("sub",),
    ("main", "source"),
    ("sub", "source"),
    ("kind", "area"),
    ("main", "area"),
    ("sub", "demand"),
)
# Where each role, and each unit as such, has an inclination of its own.
INCLINATIONS: tuple[tuple[str, ...], ...] = ((), ("sub",), ("main",), ("area", "source"))


def keys(facts: Facts, contexts: tuple[tuple[str, ...], ...], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield (name of the context, key of its cell) for each context."""
    for fields in contexts:
        name = "+".join(fields)
        values = "\x1f".join(getattr(facts, field) for field in fields)
        yield name, f"{prefix}:{name}:{values}"
