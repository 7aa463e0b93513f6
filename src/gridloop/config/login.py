"""Who may come in: the accounts that an administrator made, and nobody by signing up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from gridloop.core.org.models import User


class StaffAdapter(DefaultAccountAdapter):
    """Residents need no account and staff are appointed, so nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The town's identity server says who someone is; whether they have an account here is said here."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join whoever comes for the first time to the person whose user name the server gives as theirs."""
        if sociallogin.is_existing:
            return
        name = sociallogin.user.get_username()
        person = User.objects.filter(username=name, is_active=True).first() if name else None
        if person is not None:
            sociallogin.connect(request, person)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:  # noqa: ARG002
        return False
