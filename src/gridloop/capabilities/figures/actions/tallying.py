"""
Keeping the tallies in step with the log: in the verb's own transaction, by inserting alone where a case goes
its usual way.

What leads forwards adds its tallies with one statement. What turns back (a reopening, a transfer, a second
rating) has the case counted anew from its whole log. Both say the same, see `rebuilding`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from gridloop.capabilities.figures.counting import VERBS, Days, is_late, rows, tallies_of
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Tally
from gridloop.capabilities.figures.models.tallies import NO_UNIT
from gridloop.core.audit.models import Entry
from gridloop.core.cases.bulk import copy_in
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.models import Case, Clock, OrderRole
from gridloop.core.catalogue.stages import Stage

_MOVES = frozenset({"region_id", "category_id"})
# A case that an exclusion took out stays out, whatever becomes of it.
_ADD = """
    INSERT INTO figures_tally
        (case_id, what, unit_id, day, region_id, category_id, channel, is_excluded)
    SELECT %s, t.what, t.unit_id, t.day, %s, %s, %s,
           EXISTS (SELECT FROM figures_exclusion e WHERE e.case_id = %s AND e.is_granted)
    FROM unnest(%s::text[], %s::bigint[], %s::date[]) AS t (what, unit_id, day)
    ON CONFLICT DO NOTHING
"""


def count_stored(files: Sequence[CaseFile]) -> None:
    """Count what has just been stored. Called inside the transaction that stores it."""
    new = [file for file in files if file.is_new]
    if new:
        copy_in(Tally, [row for file in new for row in rows(file.case, _whole(file))])
    for file in files:
        if not file.is_new:
            _count(file)


def recount(case: Case) -> bool:
    """
    Make the tallies of a stored case what its log says, and return whether they were not.

    Three statements more than it writes; the caller holds the case's lock.
    """
    lines = Entry.objects.stream(case.pk).only("verb", "at", "unit_id", "data")
    clocks = Clock.objects.filter(case=case)
    return put_right(case, tallies_of(case, lines, clocks), list(Tally.objects.filter(case=case)))


def put_right(case: Case, days: Days, stored: Iterable[Tally]) -> bool:
    """Replace `stored` tallies that differ from `days` or from the case; return whether any did."""
    wanted = {(row.what, row.unit_id): row for row in rows(case, days)}
    held = {(row.what, row.unit_id): row for row in stored}
    wrong = [key for key, row in held.items() if key not in wanted or not _same(row, wanted[key])]
    if wrong:
        Tally.objects.filter(pk__in=[held[key].pk for key in wrong]).delete()
    missing = {key: days[key] for key in wanted if key not in held or key in wrong}
    if missing:
        _add(case, missing)
    return bool(wrong or missing)


def _whole(file: CaseFile) -> Days:
    return tallies_of(file.case, file.entries, file.clocks)


def _count(file: CaseFile) -> None:
    if file.case.is_drill:
        return
    days: Days = {}
    for entry in file.entries:
        if entry.verb == "amend" and _MOVES & set(entry.data.get("changed", ())):
            recount(file.case)
            return
        if entry.verb not in VERBS:
            continue
        step = _FORWARD.get(entry.verb)
        added = step(file, entry, timezone.localdate(entry.at)) if step else None
        if added is None:
            recount(file.case)
            return
        days |= added
    if days:
        _add(file.case, days)


def _add(case: Case, days: Days) -> None:
    whats, units = zip(*days, strict=True)
    place = case.region_id, case.category_id or 0, case.channel
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [case.pk, *place, case.pk, list(whats), list(units), list(days.values())])


def _same(one: Tally, other: Tally) -> bool:
    fields = ("day", "region_id", "category_id", "channel")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


# the usual way: what each verb adds, None where only the whole log can tell --------------------------------


def _register(_file: CaseFile, _entry: Entry, day: date) -> Days | None:
    return {(What.REGISTERED, NO_UNIT): day}


def _dispatch(file: CaseFile, entry: Entry, day: date) -> Days | None:
    return {(What.DISPATCHED, entry.data["lead"]): day} if _is_first_lead(file) else None


def _sign_for(file: CaseFile, entry: Entry, _day: date) -> Days | None:
    if not _is_first_lead(file):
        return None
    lead = file.lead()
    if lead is None or str(lead.pk) != entry.data["order"]:
        return {}
    clocks = (c for c in file.clocks if c.order_id == lead.pk and c.stage == Stage.SIGN)
    if any(is_late(clock) for clock in clocks):
        return {}
    return {(What.RESPONDED, lead.unit_id): timezone.localdate(lead.issued_at)}


def _nothing(_file: CaseFile, _entry: Entry, _day: date) -> Days | None:
    return {}


def _close(file: CaseFile, _entry: Entry, day: date) -> Days | None:
    if file.case.reopenings:
        return None
    lead = file.lead()
    unit = lead.unit_id if lead else NO_UNIT
    days: Days = {(What.CLOSED, unit): day, (What.RESOLVED, unit): day}
    if lead is None or not _was_late(lead.pk):
        days[What.ON_TIME, unit] = day
    if file.case.reworks:
        days[What.REWORKED, unit] = day
    return days


_FORWARD: dict[str, Callable[[CaseFile, Entry, date], Days | None]] = {
    "register": _register,
    "dispatch": _dispatch,
    "sign_for": _sign_for,
    "submit_result": _nothing,
    "verify_fail": _nothing,
    "close": _close,
}


def _is_first_lead(file: CaseFile) -> bool:
    return sum(order.role == OrderRole.LEAD for order in file.orders) == 1


def _was_late(order_id: UUID) -> bool:
    late = Clock.objects.filter(order=order_id, stage=Stage.HANDLE, stopped_at__gt=F("due_at"))
    return late.exists()
