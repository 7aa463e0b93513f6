"""Which posts a person may act in, kept in memory so that a request asks the database nothing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from gridloop.core.org.actors import Actor, ActorKind, actor_of
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import ROLES, Role
from gridloop.core.org.revisions import cached

REVISION = "posts"  # bumped when a post, or the name or place of its person, unit or region changes


def posts_of(user_id: int, on: date) -> list[Post]:
    """Return the person's posts in force on that day, the default one first, with their names loaded."""
    posts = cached(REVISION, _load).get(user_id, [])
    return [post for post in posts if _is_held(post, on)]


def units_of(user_id: int | None) -> list[str]:
    """Return the tree paths of the units in which the person holds or held a post; none for a program."""
    posts = cached(REVISION, _load).get(user_id, []) if user_id is not None else []
    return [post.unit.path for post in posts]


def people_of(
    *, on: date, permission: str = "", unit_ids: Iterable[int] | None = None, region_path: str = ""
) -> list[int]:
    """
    Return the user ids of those in office on that day: who in such a post holds the permission, in one of the
    units, and answers for that place. What is not given does not narrow. Asks the database nothing.

    :param region_path: of the region where the matter lies; posts for it and for what lies around it count.
    """
    units = None if unit_ids is None else frozenset(unit_ids)
    return [
        user_id
        for user_id, posts in cached(REVISION, _load).items()
        if any(
            _is_held(post, on)
            and post.user.is_active
            and (units is None or post.unit_id in units)
            and (not permission or permission in ROLES[Role(post.role)].permissions)
            and (not region_path or region_path.startswith(post.region.path))
            for post in posts
        )
    ]


def acting_post(posts: list[Post], chosen: int | None) -> Post | None:
    """Return the chosen post if it is still held, else the default one, else the first."""
    return next((p for p in posts if p.pk == chosen), posts[0] if posts else None)


def visitor(user: User) -> Actor:
    """Return a signed-in person who holds no post: no more than a reporter, but one with a name."""
    return Actor(ActorKind.REPORTER, Role.RESIDENT, user.get_full_name(), user_id=user.pk)


def acting(user: User, *, on: date, chosen: int | None = None) -> Actor:
    """Return the actor of a signed-in person in the chosen post."""
    post = acting_post(posts_of(user.pk, on), chosen)
    return actor_of(post) if post else visitor(user)


def post_of(post_id: int) -> Post:
    """Return a post, in force or not, with its names loaded. :raises KeyError: there is none."""
    return cached(REVISION, _load_by_key)[post_id]


def _is_held(post: Post, on: date) -> bool:
    return post.starts_on <= on and (post.ends_on is None or on <= post.ends_on)


def _load_by_key() -> dict[int, Post]:
    return {post.pk: post for post in Post.objects.with_names()}


def _load() -> dict[int, list[Post]]:
    by_user: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.with_names().order_by("-is_default", "pk"):
        by_user[post.user_id].append(post)
    return dict(by_user)
