"""Refusals become answers, and every page carries a strict content security policy."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse

from gridloop.base.common.errors import DomainError
from gridloop.base.shell import away, errors

GetResponse = Callable[[HttpRequest], HttpResponse]

# No inline script or style anywhere. MapLibre starts its worker from this site or from a blob; Tabler's own
# style sheet holds pictures as data URLs.
POLICY: Mapping[str, str] = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class DomainErrorMiddleware:
    """
    Answer a view's DomainError, 404 or 403 with a page, a fragment or problem+json.

    Middleware of ours that refuses before the view raises PermissionDenied, which `handler403` answers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return errors.answer(request, exception)
        if isinstance(exception, PermissionDenied):
            return errors.forbidden(request, exception)
        # An address in which somebody put a NUL; forms of ours refuse it beside the field.
        if isinstance(exception, ValueError | DataError) and "NUL" in str(exception):
            return errors.bad_request(request, exception)
        if away.is_away(exception):
            return errors.unavailable(request)
        if isinstance(exception, Http404) and not settings.DEBUG:
            return errors.not_found(request, exception)
        return None


class ContentSecurityPolicyMiddleware:
    """Send POLICY, widened by `settings.CSP_EXTRA` (directive → sources); a view's own header wins."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        extra: Mapping[str, str] = getattr(settings, "CSP_EXTRA", {})
        names = [*POLICY, *(name for name in extra if name not in POLICY)]
        self.policy = "; ".join(
            f"{name} {POLICY.get(name, POLICY['default-src'])} {extra.get(name, '')}".rstrip()
            for name in names
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response
