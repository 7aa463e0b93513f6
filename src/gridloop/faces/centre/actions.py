"""Writing down what happens now, and forgetting it a day later."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile
from gridloop.faces.centre.live.signal import wake
from gridloop.faces.centre.models import LiveEvent

# What is loaded from another system or made for the demo lies further back: no screen wants to hear of it.
NOW_WITHIN = timedelta(minutes=2)
KEPT = timedelta(days=1)


def tell(file: CaseFile, entry: Entry) -> None:
    """
    Note that a verb was made just now, in the verb's transaction, and wake the screens once it is committed.

    One INSERT; subscribed to every verb that changes what a screen shows.
    """
    if abs(timezone.now() - entry.at) > NOW_WITHIN:
        return
    LiveEvent.objects.create(
        at=entry.at,
        case_id=entry.stream,
        verb=entry.verb,
        state=entry.target,
        region_path=file.region_path,
        units=sorted({order.unit_id for order in file.orders}),
    )
    # Robust: what was acknowledged is not undone because nobody could be woken; they look by themselves too.
    transaction.on_commit(wake, robust=True)


def forget(*, now: datetime) -> int:
    """Remove what is older than a day and return how many rows that was."""
    return LiveEvent.objects.before(now - KEPT).delete()[0]
