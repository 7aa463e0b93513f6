"""What a person has not read yet, counted for the bell."""

from django.http import HttpRequest

from gridloop.base.shell.bell import MOST
from gridloop.capabilities.notify.models import Notice


def unread_in(request: HttpRequest) -> int:
    """Return how many notices the person has not read, counted no further than the bell says."""
    return Notice.objects.to(request.user.pk).unread()[: MOST + 1].count()
