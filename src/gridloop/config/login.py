"""Who may come in: the accounts that an administrator made, and nobody by signing up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from gridloop.base.shell.menu import entries
from gridloop.core.org.access import may_open
from gridloop.core.org.middleware import actor_of_request
from gridloop.core.org.models import User


class StaffAdapter(DefaultAccountAdapter):
    """Residents need no account and staff are appointed, so nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the page that the town has set, or else to the first of the menu that is for this post."""
        actor = actor_of_request(request)
        if may_open(settings.LOGIN_REDIRECT_URL, actor):
            return str(settings.LOGIN_REDIRECT_URL)
        if actor.post_id is None:
            return reverse("admin:index" if request.user.is_staff else "org:choose_post")
        own = [entry for entry in entries() if entry.permission and actor.can(entry.permission)]
        # What stands under a heading is for now and then; the first of the others is a post's daily work.
        own.sort(key=lambda entry: bool(entry.group))
        return reverse(own[0].url_name if own else "org:choose_post")


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
