"""The posts that a signed-in person may choose from, as the top bar and the page of posts list them."""

from django.http import HttpRequest
from django.utils import timezone

from gridloop.base.shell.posts import PostChoice
from gridloop.core.org.actors import name_of
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.posts import posts_of


def choices(request: HttpRequest) -> list[PostChoice]:
    """Return the posts held today, the default one first, the one acted in marked."""
    if request.user.pk is None:
        return []
    current = actor_in(request).post_id
    held = posts_of(request.user.pk or 0, timezone.localdate())
    return [PostChoice(post.pk, name_of(post), post.region.name, post.pk == current) for post in held]
