"""How long a sign-in lasts: not beyond a working day, and not over a while in which nobody did anything."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

BEGAN, SEEN = "began_at", "seen_at"
# A session is written anew only this often within the idle time, so that reading pages costs no write.
_NOTES_IN_IDLE_TIME = 10


def begin(sender: Any, request: HttpRequest, **_kwargs: Any) -> None:  # noqa: ARG001
    """Note when a sign-in began; called by Django's `user_logged_in`."""
    now = timezone.now().timestamp()
    request.session[BEGAN], request.session[SEEN] = now, now


class SessionLimitMiddleware:
    """Sign out whoever was idle for `SESSION_IDLE_S`, or signed in `SESSION_COOKIE_AGE` ago; both seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._hold_to_limits(request, timezone.now().timestamp())
        return self.get_response(request)

    def _hold_to_limits(self, request: HttpRequest, now: float) -> None:
        if is_over(request.session, now):
            logout(request)
            messages.info(request, _("登录已超时，请重新登录。"))
        elif now - request.session[SEEN] > settings.SESSION_IDLE_S / _NOTES_IN_IDLE_TIME:
            request.session[SEEN] = now


def is_over(session: Mapping[str, Any], now: float) -> bool:
    """Return whether a signed-in session has reached one of the two limits; one without times has."""
    idle = now - session.get(SEEN, 0.0)
    return bool(idle > settings.SESSION_IDLE_S or now - session.get(BEGAN, 0.0) > settings.SESSION_COOKIE_AGE)
