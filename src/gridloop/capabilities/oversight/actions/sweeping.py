"""
The sweep: every moment of every running deadline that has come is noted once, and told.

It asks the clocks themselves and trusts no event, so that nothing it missed while it was down stays missed.
Rows decide: two workers at once pass by what the other has locked, and one alert is kept of each moment.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from gridloop.base.common.worktime import LimitUnit, WorkTime
from gridloop.capabilities.oversight.actions.chains import begin_chain
from gridloop.capabilities.oversight.actions.telling import Told, tell_alerts
from gridloop.capabilities.oversight.chain import steps_for
from gridloop.capabilities.oversight.models import (
    Alert,
    AlertLevel,
    ChainStage,
    ChainStep,
    Supervision,
    SupervisionState,
    Watch,
)
from gridloop.capabilities.oversight.moments import Deadline, moments
from gridloop.capabilities.oversight.recipients import Holder, Recipients
from gridloop.core.cases.models import Clock
from gridloop.core.org.calendar import work_time

BATCH = 200
AHEAD = timedelta(days=1)  # how long a clock is left alone at most; one that stopped is forgotten then
SLIPS_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: clocks worked out anew, clocks looked at, alerts made, people told."""

    planned: int = 0
    looked_at: int = 0
    alerts: int = 0
    told: int = 0


def sweep(*, at: datetime, batch: int = BATCH) -> Swept:
    """
    Note and tell every moment up to `at` that has come and was not told yet.

    Each batch is a transaction of its own with the same few statements, however many people are told.
    """
    begin_chain(at=at)
    people, work = Recipients(timezone.localdate(at)), work_time()
    planned = _until_empty(lambda: _plan(at, work, batch), batch)
    looked = alerts = told = 0
    while True:
        seen, made, heard = _fire(at, work, people, batch)
        looked, alerts, told = looked + seen, alerts + made, told + heard
        if seen < batch:
            break
    made, heard = _sweep_slips(at, work, people)
    return Swept(planned, looked, alerts + made, told + heard)


def _until_empty(step: Callable[[], int], batch: int) -> int:
    total = 0
    while True:
        done = step()
        total += done
        if done < batch:
            return total


# clocks -----------------------------------------------------------------------------------------------------


@transaction.atomic
def _plan(at: datetime, work: WorkTime, batch: int) -> int:
    """Work out when clocks that run with an end nobody has looked at yet are to be looked at."""
    known = Watch.objects.filter(clock=OuterRef("pk"), due_at=OuterRef("due_at"))
    fresh = list(
        Clock.objects.running().filter(~Exists(known)).select_related("case").order_by("due_at", "pk")[:batch]
    )
    rows = [
        Watch(clock=clock, due_at=clock.due_at, next_at=_next(clock, work, after=None, at=at))
        for clock in fresh
    ]
    Watch.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["clock"], update_fields=["due_at", "next_at"]
    )
    return len(fresh)


@transaction.atomic
def _fire(at: datetime, work: WorkTime, people: Recipients, batch: int) -> tuple[int, int, int]:
    watches = list(
        Watch.objects.filter(next_at__lte=at)
        .select_related("clock__case__region", "clock__order")
        # The case too: a verb that is under way may be about to stop the clock; it is looked at next time.
        .select_for_update(of=("self", "clock__case"), skip_locked=True, no_key=True)
        .order_by("next_at", "clock")[:batch]
    )
    running = [watch for watch in watches if watch.clock.is_running]
    alerts = _alerts_of_clocks([watch.clock for watch in running], at, work)
    told = tell_alerts(alerts, people, at=at)
    for watch in running:
        watch.due_at = watch.clock.due_at
        watch.next_at = _next(watch.clock, work, after=at, at=at)
    Watch.objects.bulk_update(running, ["due_at", "next_at"])
    Watch.objects.filter(clock__in=[w.clock_id for w in watches if not w.clock.is_running]).delete()
    return len(watches), len(alerts), told


def _next(clock: Clock, work: WorkTime, *, after: datetime | None, at: datetime) -> datetime:
    """Return the clock's next moment after `after`, or a day from `at` where that is sooner."""
    found = [m for m, _link in _moments(clock, work) if after is None or m > after]
    return min([*found[:1], at + AHEAD])


def _moments(clock: Clock, work: WorkTime) -> list[tuple[datetime, ChainStep | None]]:
    """Return the moments of a clock; where no chain speaks of its end, its end itself is one, of no step."""
    steps = steps_for(clock.stage, clock.case.urgency)
    deadline = Deadline(clock.started_at, clock.due_at, clock.amount, LimitUnit(clock.unit))
    found: list[tuple[datetime, ChainStep | None]] = list(moments(steps, deadline, work))
    if not any(step.level == AlertLevel.OVERDUE for step in steps):
        found.append((clock.due_at, None))
    return sorted(found, key=lambda pair: pair[0])


def _alerts_of_clocks(clocks: Sequence[Clock], at: datetime, work: WorkTime) -> list[Told]:
    rows = Alert.objects.filter(clock__in=[clock.pk for clock in clocks])
    known = set(rows.values_list("clock", "step", "round"))
    return [
        Told(
            Alert(
                clock=clock,
                case=clock.case,
                step=step,
                level=step.level if step else AlertLevel.OVERDUE,
                round=clock.extensions,
                moment=moment,
                made_at=at,
            ),
            clock.stage,
            clock.due_at,
            _holder(clock),
        )
        for clock in clocks
        for moment, step in _moments(clock, work)
        if moment <= at and (clock.pk, step.pk if step else None, clock.extensions) not in known
    ]


def _holder(clock: Clock) -> Holder:
    order = clock.order
    person = (order.assignee_id or order.signed_by_id) if order else None
    return Holder(order.unit_id if order else None, person, clock.case.region.path)


# replies to supervisions ------------------------------------------------------------------------------------


@transaction.atomic
def _sweep_slips(at: datetime, work: WorkTime, people: Recipients) -> tuple[int, int]:
    """Watch the replies that are owed: few at a time, so all that are due within days are read."""
    slips = list(
        Supervision.objects.filter(state=SupervisionState.ISSUED, due_at__lte=at + SLIPS_AHEAD)
        .select_related("case__region")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_at", "pk")
    )
    alerts = _alerts_of_slips(slips, at, work)
    return len(alerts), tell_alerts(alerts, people, at=at)


def _alerts_of_slips(slips: Iterable[Supervision], at: datetime, work: WorkTime) -> list[Told]:
    rows = Alert.objects.filter(supervision__in=[slip.pk for slip in slips])
    known = set(rows.values_list("supervision", "step", "round"))
    return [
        Told(
            Alert(
                supervision=slip,
                case=slip.case,
                step=step,
                level=step.level if step else AlertLevel.OVERDUE,
                round=slip.returns,
                moment=moment,
                made_at=at,
            ),
            ChainStage.REPLY.value,
            slip.due_at,
            Holder(slip.unit_id, None, slip.case.region.path),
        )
        for slip in slips
        for moment, step in _moments_of_slip(slip, work)
        if moment <= at and (slip.pk, step.pk if step else None, slip.returns) not in known
    ]


def _moments_of_slip(slip: Supervision, work: WorkTime) -> list[tuple[datetime, ChainStep | None]]:
    steps = steps_for(ChainStage.REPLY.value, slip.case.urgency)
    # A reply is owed by a day of the calendar; its share is counted in the hours that are worked till then.
    days = max(1, (slip.due_at - slip.issued_at).days)
    deadline = Deadline(slip.issued_at, slip.due_at, days, LimitUnit.DAY)
    found: list[tuple[datetime, ChainStep | None]] = list(moments(steps, deadline, work))
    if not any(step.level == AlertLevel.OVERDUE for step in steps):
        found.append((slip.due_at, None))
    return found
