"""Who may come in: the accounts that an administrator made, and nobody by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):
    """Residents need no account and staff are appointed, so nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The town's identity server says who someone is; whether they have an account here is said here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:  # noqa: ARG002
        return False
