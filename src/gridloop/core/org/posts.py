"""Which posts a person may act in, kept in memory so that a request asks the database nothing."""

from collections import defaultdict
from datetime import date

from gridloop.core.org.actors import Actor, ActorKind, actor_of
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import Role
from gridloop.core.org.revisions import cached

REVISION = "posts"  # bumped when a post, or the name or place of its person, unit or region changes


def posts_of(user_id: int, on: date) -> list[Post]:
    """Return the person's posts in force on that day, the default one first, with their names loaded."""
    posts = cached(REVISION, _load).get(user_id, [])
    return [p for p in posts if p.starts_on <= on and (p.ends_on is None or on <= p.ends_on)]


def units_of(user_id: int | None) -> list[str]:
    """Return the tree paths of the units in which the person holds or held a post; none for a program."""
    posts = cached(REVISION, _load).get(user_id, []) if user_id is not None else []
    return [post.unit.path for post in posts]


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


def _load_by_key() -> dict[int, Post]:
    return {post.pk: post for post in Post.objects.with_names()}


def _load() -> dict[int, list[Post]]:
    by_user: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.with_names().order_by("-is_default", "pk"):
        by_user[post.user_id].append(post)
    return dict(by_user)
