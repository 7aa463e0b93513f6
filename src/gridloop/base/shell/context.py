"""What every page needs, under the one name `shell`, worked out only where a template asks for it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language_info

from gridloop.base.shell import bell, menu, posts

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


class Shell:
    """The frame around a page, as one request sees it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def actor(self) -> Any:
        """Whoever acts; None before the acting post is known."""
        return getattr(self._request, "actor", None)

    @property
    def is_signed_in(self) -> bool:
        user = getattr(self._request, "user", None)
        return bool(user is not None and user.is_authenticated)

    @cached_property
    def menu(self) -> list[menu.MenuLink]:
        # A permission is for whoever signed in; a visitor, who may report too, has no way to staff pages.
        return menu.links(self.actor if self.is_signed_in else None, self._request.path)

    @cached_property
    def posts(self) -> Sequence[posts.PostChoice]:
        found = posts.chooser()
        return found.choices(self._request) if found and self.is_signed_in else ()

    @property
    def post_label(self) -> str:
        """The post acted in, in the language of the page; the actor's own label is the log's."""
        return next((post.label for post in self.posts if post.is_current), self.actor.label)

    @cached_property
    def switch_url(self) -> str:
        found = posts.chooser()
        return url_or_blank(found.switch_url_name) if found else ""

    @cached_property
    def bell_url(self) -> str:
        found = bell.bell()
        return url_or_blank(found.url_name) if found and self.is_signed_in else ""

    @cached_property
    def unread(self) -> str:
        """How many messages wait to be read, as the bell says it; nothing where none does."""
        found = bell.bell()
        count = found.unread(self._request) if found and self.is_signed_in else 0
        return f"{bell.MOST}+" if count > bell.MOST else str(count or "")

    @cached_property
    def search_url(self) -> str:
        """Where the search box of the top bar leads: `settings.SHELL_SEARCH` is a permission and a name."""
        permission, url_name = getattr(settings, "SHELL_SEARCH", ("", ""))
        may_search = not permission or (self.actor is not None and self.actor.can(permission))
        return url_or_blank(url_name) if url_name and may_search else ""

    @property
    def home_url(self) -> str:
        return url_or_blank(getattr(settings, "SHELL_HOME", "")) or "/"

    @property
    def town(self) -> str:
        return getattr(settings, "TOWN_NAME", "")

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]

    @property
    def theme(self) -> str:
        chosen = self._request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def here(self) -> str:
        """Where to come back to after a choice in the top bar."""
        return self._request.get_full_path() if self._request.method == "GET" else "/"


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: everything about the frame hangs on `shell`."""
    return {"shell": Shell(request)}


def url_or_blank(name: str) -> str:
    """Return the address of a URL name, or nothing where a town has not switched that app on."""
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""
