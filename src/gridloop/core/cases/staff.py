"""
Who of the staff has ever reported a case, kept in memory.

A handler sees the unit's cases and those reported by oneself. Asked for together they are an OR, for which
PostgreSQL reads all orders that the unit ever had; asked for by itself, the unit's page is read from its new
end. Most handlers never report, so it is worth knowing who does.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from gridloop.core.cases.models import Case
from gridloop.core.org.models import User
from gridloop.core.org.revisions import bump, cached

REVISION = "staff_reporters"


def has_reported(user_id: int | None) -> bool:
    """Return whether the person has ever reported a case."""
    return user_id in cached(REVISION, _load)


def note_reporters(cases: Iterable[Case]) -> None:
    """
    Remember whoever reports for the first time: in the transaction that stores the cases, and before it does.

    Afterwards the reporter would be found among those who are known, and no other process would be told.
    """
    reporters = {case.reported_by_id for case in cases} - {None}
    if reporters - cached(REVISION, _load):
        bump(REVISION)


def _load() -> frozenset[int]:
    theirs = Case.objects.filter(reported_by=OuterRef("pk"))
    return frozenset(User.objects.filter(Exists(theirs)).values_list("pk", flat=True))
