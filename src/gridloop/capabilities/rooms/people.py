"""Who is at a room's table, as units and as people; read from the posts in memory."""

from collections.abc import Iterable
from datetime import date

from gridloop.capabilities.rooms.policies import AT_TABLE, seat
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.org.actors import actor_of
from gridloop.core.org.posts import people_of, posts_of

LEADS_CASES = "case.dispatch"
ADJUDICATES = "case.adjudicate"
ANSWERS = "oversight.view"  # held by whoever answers for a unit


def units_at(file: CaseFile) -> list[int]:
    """Return the units at the table, the lead first."""
    at_table = (order for order in file.orders if order.state in AT_TABLE)
    return list(
        dict.fromkeys(o.unit_id for o in sorted(at_table, key=lambda o: (o.role != "lead", o.issued_at)))
    )


def centre_units(file: CaseFile, on: date) -> list[int]:
    """Return the units from which the case can be led, those that adjudicate first."""
    found: dict[int, None] = {}
    for permission in (ADJUDICATES, LEADS_CASES):
        for user_id in people_of(on=on, permission=permission, region_path=file.region_path):
            for post in posts_of(user_id, on):
                if actor_of(post).can(permission) and file.region_path.startswith(post.region.path):
                    found.setdefault(post.unit_id)
    return list(found)


def people_at(file: CaseFile, unit_ids: Iterable[int], on: date) -> list[int]:
    """Return the people of these units who sit in the room of the case."""
    units = frozenset(unit_ids)
    return [
        user_id
        for user_id in people_of(on=on, unit_ids=units, permission="case.view")
        if any(_sits(file, post) for post in posts_of(user_id, on) if post.unit_id in units)
    ]


def judges(file: CaseFile, on: date) -> list[int]:
    """Return the people who may fix the lead of the case."""
    return people_of(on=on, permission=ADJUDICATES, region_path=file.region_path)


def asked_of(unit_id: int, on: date) -> list[int]:
    """Return whom a unit sends to a meeting: who answers for it, else everybody in it who works on cases."""
    return people_of(on=on, unit_ids=[unit_id], permission=ANSWERS) or people_of(
        on=on, unit_ids=[unit_id], permission="case.view"
    )


def _sits(file: CaseFile, post: object) -> bool:
    found = seat(file, actor_of(post))  # type: ignore[arg-type]  # a post, as `posts_of` returns it
    return found is not None and found.sees_all
