"""Writing down what happens now, and forgetting it a day later."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.faces.centre.live.signal import wake
from gridloop.faces.centre.models import LiveEvent

# What is loaded from another system or made for the demo lies further back: no screen wants to hear of it.
NOW_WITHIN = timedelta(minutes=2)
KEPT = timedelta(days=1)


def tell(file: CaseFile, entry: Entry) -> None:
    """
    Note that a verb was made just now, in the verb's transaction, and wake the screens once it is committed.

    One INSERT; subscribed to every verb that changes what a screen shows. A drill is no news.
    """
    if file.case.is_drill or abs(timezone.now() - entry.at) > NOW_WITHIN:
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


def tell_again(entries: Iterable[Entry]) -> int:
    """
    Note lines of the log that were made before screens were told, as a town that is taken over has them.

    Each on its case as it stands; return how many there were. Nobody is woken. Three statements.
    """
    found = list(entries)
    real = Case.objects.real().filter(pk__in={e.stream for e in found})
    cases = {case.pk: case for case in real.select_related("region")}
    units: dict[UUID, set[int]] = defaultdict(set)
    for case_id, unit_id in WorkOrder.objects.filter(case__in=cases).values_list("case_id", "unit_id"):
        units[case_id].add(unit_id)
    rows = [
        LiveEvent(
            at=e.at,
            case_id=e.stream,
            verb=e.verb,
            state=e.target,
            region_path=cases[e.stream].region.path,
            units=sorted(units[e.stream]),
        )
        for e in found
        if e.stream in cases
    ]
    return len(LiveEvent.objects.bulk_create(rows))


def forget(*, now: datetime) -> int:
    """Remove what is older than a day and return how many rows that was."""
    return LiveEvent.objects.before(now - KEPT).delete()[0]
