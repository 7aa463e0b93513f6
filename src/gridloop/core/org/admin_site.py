"""The site of Django's admin: one door for all, and choices that can be told apart."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


class TownAdminSite(AdminSite):
    """What differs from Django's own site."""

    site_header = _("一网共治 · 系统管理")
    site_title = _("系统管理")
    index_title = _("管理项目")

    # The admin's own login form knows neither lock-out nor second factor.
    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send whoever has not signed in through the one door that everybody uses."""
        return super().login(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override]
        """List what fits the words typed, with a code where names repeat."""
        return _Choices.as_view(admin_site=self)(request)


class _Choices(AutocompleteJsonView):
    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        code = getattr(obj, "code", "") or getattr(obj, "username", "")
        result = super().serialize_result(obj, to_field_name)
        return {**result, "text": f"{result['text']} · {code}" if code else result["text"]}
