"""The people of the town as actors: who does what in its cases."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from gridloop.core.org.actors import Actor, ActorKind, actor_of
from gridloop.core.org.models import Post, Unit
from gridloop.core.org.permissions import Role

HOTLINE = Actor(ActorKind.PROGRAM, Role.PROGRAM, "12345热线平台")


@dataclass(frozen=True)
class Cast:
    """Everybody in office, by what they are asked for; all lists in the order of appointment."""

    operators: list[Actor]
    leaders: list[Actor]
    workers: dict[int, Actor]  # by grid
    secretaries: dict[int, Actor]  # by village
    handlers: dict[int, list[Actor]]  # by unit
    units: dict[int, Unit]
    users: dict[str, int]  # by login

    def handler(self, rng: Random, unit_id: int) -> Actor:
        """Return somebody of the unit who can take its work orders."""
        return rng.choice(self.handlers[unit_id])

    def unit(self, code: str) -> Unit:
        return next(unit for unit in self.units.values() if unit.code == code)

    @property
    def open_units(self) -> frozenset[int]:
        return frozenset(self.units)


_HANDLING = (Role.HANDLER, Role.MEDIATOR, Role.INSPECTOR, Role.LIAISON, Role.SECRETARY)


def load() -> Cast:
    """Return the town's people as they are appointed."""
    by_role: dict[Role, list[Actor]] = defaultdict(list)
    users: dict[str, int] = {}
    for post in Post.objects.with_names().order_by("pk"):
        by_role[Role(post.role)].append(actor_of(post))
        users[post.user.username] = post.user_id
    handlers: dict[int, list[Actor]] = defaultdict(list)
    for role in _HANDLING:
        for actor in by_role[role]:
            handlers[actor.unit_id or 0].append(actor)
    return Cast(
        operators=by_role[Role.OPERATOR],
        leaders=by_role[Role.LEADER],
        workers=_by_region(by_role[Role.GRID_WORKER]),
        secretaries=_by_region(by_role[Role.SECRETARY]),
        handlers=dict(handlers),
        units={unit.pk: unit for unit in Unit.objects.active().order_by("path")},
        users=users,
    )


def _by_region(actors: Iterable[Actor]) -> dict[int, Actor]:
    return {actor.region_id: actor for actor in actors if actor.region_id}
