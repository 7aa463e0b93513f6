"""To whom of a unit a case goes by name: whoever answers for the place, then who has least in hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gridloop.capabilities.dispatch.facts import RegionView, UnitView
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import ROLES, Role
from gridloop.core.org.posts import people_of, posts_of

SIGNS = "case.sign_for"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a unit."""

    id: int
    name: str


def staff_of(unit: UnitView, on: date) -> int:
    """Return how many people of the unit can sign for work on that day."""
    return len(people_of(on=on, permission=SIGNS, unit_ids=[unit.id]))


def pick(
    unit: UnitView, region: RegionView, people: Sequence[int], in_hand_of: Mapping[int, int], on: date
) -> Person | None:
    """Return who of these people of the unit should have a case that lies there; None where nobody may."""
    posts = [post for user_id in people for post in posts_of(user_id, on) if _may(post, unit, region)]
    best = min(posts, key=lambda p: (-len(p.region.path), in_hand_of.get(p.user_id, 0), p.pk), default=None)
    return Person(best.user_id, best.user.get_full_name()) if best else None


def named(user_id: int, unit: UnitView, on: date) -> Person | None:
    """Return the person whom a rule names, as long as they hold a post in the unit."""
    posts = [post for post in posts_of(user_id, on) if post.unit_id == unit.id]
    return Person(user_id, posts[0].user.get_full_name()) if posts and unit.takes_named else None


def _may(post: Post, unit: UnitView, region: RegionView) -> bool:
    is_there = post.unit_id == unit.id and region.path.startswith(post.region.path)
    return is_there and SIGNS in ROLES[Role(post.role)].permissions
