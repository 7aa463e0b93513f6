"""What happened just before the screen was opened for the first time."""

from datetime import datetime, timedelta

from gridloop.core.audit.models import Entry
from gridloop.core.cases.labels import VERBS
from gridloop.faces.centre.actions import tell_again
from gridloop.faces.centre.apps import UNTOLD

WITHIN = timedelta(hours=12)
SHOWN = 40


def fill_ticker(*, now: datetime) -> None:
    """Tell the screens of the last verbs of the town, in the order in which they were made."""
    told = Entry.objects.filter(verb__in=VERBS.keys() - UNTOLD, at__gt=now - WITHIN, at__lte=now)
    tell_again(reversed(told.order_by("-at", "-pk")[:SHOWN]))
