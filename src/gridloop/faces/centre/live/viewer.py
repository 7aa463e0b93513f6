"""Whose screen it is, and what it may be told."""

from dataclasses import dataclass

from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import units_below
from gridloop.core.org.permissions import Scope


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with what a screen shows of its case, and what decides who may be told."""

    id: int
    transaction: int
    shown: bytes  # JSON
    region_path: str
    units: frozenset[int]
    reported_by: int | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """
    What `Case.objects.visible_to` asks of an actor, ready to be held against one event after the other.

    Equal viewers see the same, so that what is sent is made once for all of them.
    """

    sees_all: bool
    region_path: str = ""
    units: frozenset[int] = frozenset()
    user_id: int | None = None

    def sees(self, event: Happening) -> bool:
        """Say of one event what `CaseQuerySet.visible_to` says of its case; a test holds the two together."""
        if self.sees_all:
            return True
        if self.user_id is not None and event.reported_by == self.user_id:
            return True
        in_region = bool(self.region_path) and event.region_path.startswith(self.region_path)
        return in_region or not self.units.isdisjoint(event.units)


def viewer_of(actor: Actor) -> Viewer:
    """Return what the actor may be told of, which may be nothing."""
    if not actor.can("case.view"):
        return Viewer(sees_all=False)
    match actor.scope:
        case Scope.ALL:
            return Viewer(sees_all=True)
        case Scope.REGION if actor.region_is_root:
            return Viewer(sees_all=True)
        case Scope.REGION:
            return Viewer(sees_all=False, region_path=actor.region_path, user_id=actor.user_id)
        case Scope.UNIT:
            units = frozenset(units_below(actor.unit_path))
            return Viewer(sees_all=False, units=units, user_id=actor.user_id)
        case Scope.OWN:
            return Viewer(sees_all=False, user_id=actor.user_id)
    return Viewer(sees_all=False)


def frame(event: str, data: bytes, cursor: object = "") -> bytes:
    """Return one message as server-sent events have it; without a cursor the reader keeps the one it has."""
    mark = f"id: {cursor}\n" if cursor else ""
    return f"{mark}event: {event}\ndata: ".encode() + data + b"\n\n"
