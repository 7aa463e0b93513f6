"""
A case with all that moves with it, in memory: the one place where states and clocks follow from each other.

`actions` locks a file, changes it and stores it; `bulk` makes many and stores them at once. Both use the
same verbs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from gridloop.base.common.ids import Seeded
from gridloop.base.common.keyed import Keyed
from gridloop.base.common.worktime import LimitUnit, WorkTime
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import (
    Attachment,
    Case,
    CaseLink,
    CaseWords,
    Clock,
    Feedback,
    OrderRole,
    Reporter,
    TimeRequest,
    WorkOrder,
)
from gridloop.core.cases.workflow import (
    CASE_CLOCKS,
    ENDED,
    ORDER_CLOCKS,
    PAUSING,
    OrderState,
    State,
)
from gridloop.core.catalogue.rulebook import Rulebook, StandardView, rulebook
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.calendar import work_time

# In the order in which their rows refer to each other.
TABLES: tuple[type[models.Model], ...] = (
    Case,
    Reporter,
    CaseWords,
    WorkOrder,
    Clock,
    TimeRequest,
    Feedback,
    CaseLink,
    Attachment,
)
_RUNNING_ORDERS = frozenset({OrderState.ISSUED, OrderState.HANDLING})
_HANDED_IN = (OrderState.DONE, OrderState.FILED)


@dataclass(slots=True)
class Times:
    """What deadlines are made from. One for a request; one for a whole import."""

    work: WorkTime
    book: Rulebook
    units: frozenset[int] | None = None  # the units that are open, where a bulk load knows them beforehand

    @classmethod
    def now_in_force(cls) -> "Times":
        return cls(work_time(), rulebook())


@dataclass(slots=True)
class CaseFile:
    """
    One case, its work orders, its clocks that are not stopped, and the changes that are not yet stored.

    `added` and `changed` say what a save has to write; nothing else is ever written.
    """

    case: Case
    region_path: str
    orders: list[WorkOrder]
    clocks: list[Clock]
    times: Times
    pending: TimeRequest | None = None
    unfinished_children: int = 0
    finished_children: int = 0
    part_orders: list[WorkOrder] = field(default_factory=list)  # what the parts' units have handed in
    answered_by: int | None = None  # who recorded the answer from above that made the case handled
    seeded: Seeded | None = None  # where the rows' keys come from, if not fresh ones
    entries: list[Entry] = field(default_factory=list)
    added: list[models.Model] = field(default_factory=list)
    changed: dict[models.Model, set[str]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the case itself is still to be stored, so that the database knows nothing of it."""
        return self.case in self.added

    # reading -----------------------------------------------------------------------------------------------

    def active_orders(self) -> list[WorkOrder]:
        return [o for o in self.orders if o.is_active]

    def running_orders(self) -> list[WorkOrder]:
        return [o for o in self.orders if o.state in _RUNNING_ORDERS]

    def lead(self) -> WorkOrder | None:
        """Return the active lead order, if there is one."""
        return next((o for o in self.orders if o.is_active and o.role == OrderRole.LEAD), None)

    def order_of(
        self, unit_id: int | None, states: Iterable[OrderState] = _RUNNING_ORDERS
    ) -> WorkOrder | None:
        """Return the unit's order that is in one of `states`, the lead first."""
        found = [o for o in self.orders if o.unit_id == unit_id and o.state in set(states)]
        return min(found, key=lambda o: o.role != OrderRole.LEAD, default=None)

    def clock(self, stage: Stage, order: WorkOrder | None = None) -> Clock | None:
        """Return the clock of the stage that has not stopped."""
        key = order.pk if order else None
        return next(
            (c for c in self.clocks if c.stage == stage and c.order_id == key and c.stopped_at is None), None
        )

    def standard(self, at: datetime) -> StandardView:
        """Return the standard of the case's category as it stood at a moment."""
        return self.times.book.standard(self.case.category_id, self.times.work.date_of(at))

    def has_contact(self) -> bool:
        """Return whether a reporter left a number to call. One query on a stored case, none on a new one."""
        if self.is_new:
            return any(row.phone for row in self.added if isinstance(row, Reporter))
        return Reporter.objects.filter(case=self.case, phone_index__isnull=False).exists()

    def state_by_orders(self) -> State:
        """Return the state that follows from the work orders and the child cases."""
        states = {o.state for o in self.active_orders()}
        children = self.unfinished_children + self.finished_children
        if not children and self.lead() is None:
            return State.REGISTERED
        if not self.unfinished_children and states <= {OrderState.DONE}:
            return State.HANDLED
        if children or states != {OrderState.ISSUED}:
            return State.HANDLING
        return State.DISPATCHED

    # changing ----------------------------------------------------------------------------------------------

    def leave_ended_parts(self) -> None:
        """Make parts that have all ended history, so that the state follows from work orders again."""
        if not self.unfinished_children:
            self.finished_children = 0
            self.set(self.case, is_split=False)

    def set(self, row: models.Model, **values: Any) -> None:
        """Change named fields of a row of this file and remember which."""
        for name, value in values.items():
            setattr(row, name, value)
        if row not in self.added:
            self.changed.setdefault(row, set()).update(values)

    def add(self, row: models.Model) -> None:
        if self.seeded and isinstance(row._meta.pk, models.UUIDField):
            row.pk = self.seeded.key()
        self.added.append(row)

    def enter(self, state: State, at: datetime) -> None:
        """Put the case in `state` and let its clocks follow."""
        if state == self.case.state:
            return
        if self.case.state in PAUSING:
            self._resume_clocks(at)
        self.set(self.case, state=state, state_since=at)
        self._leave_case_clocks(state, at)
        if state in PAUSING:
            self._pause_clocks(at)
        if state in CASE_CLOCKS:
            self._start_clock(CASE_CLOCKS[state], None, at)
        if state in ENDED and state not in PAUSING:
            self._stop_clocks(self.clocks, at)
        self._open_orders(is_open=state not in ENDED)

    def issue(self, order: WorkOrder) -> None:
        """Give a work order out and start its clock."""
        self.orders.append(order)
        self.add(order)
        self._start_clock(Stage.SIGN, order, order.issued_at)

    def enter_order(self, order: WorkOrder, state: OrderState, at: datetime, **values: Any) -> None:
        """Put a work order in `state` and let its clocks follow."""
        ended = None if state in _RUNNING_ORDERS else at
        self.set(order, state=state, ended_at=ended, **values)
        self._drop_request(order, at)
        self._stop_clocks([c for c in self.clocks if c.order_id == order.pk], at)
        if state in ORDER_CLOCKS:
            self._start_clock(ORDER_CLOCKS[state], order, at)

    def _drop_request(self, order: WorkOrder, at: datetime) -> None:
        # A share that has ended needs no more time: what was asked for it is answered by that.
        if self.pending is not None and self.pending.order_id == order.pk:
            self.set(self.pending, decided_at=at, is_granted=False)
            self.pending = None

    def extend(self, clock: Clock, amount: int) -> None:
        """Move a deadline on by `amount` of its own unit."""
        due = self.times.work.extend(clock.due_at, amount, LimitUnit(clock.unit))
        self.set(clock, due_at=due, amount=clock.amount + amount, extensions=clock.extensions + 1)

    def refresh_due(self) -> None:
        """Set the case's due time to the earliest end of its running clocks."""
        due = min((c.due_at for c in self.clocks if c.is_running), default=None)
        if due != self.case.due_at:
            self.set(self.case, due_at=due)

    def _start_clock(self, stage: Stage, order: WorkOrder | None, at: datetime) -> None:
        limit = self._limit(stage, at)
        if limit is None or self.clock(stage, order) is not None:
            return
        amount, unit = limit
        due = self.times.work.due(at, amount, unit)
        clock = Clock(
            case=self.case, order=order, stage=stage, amount=amount, unit=unit, started_at=at, due_at=due
        )
        self.clocks.append(clock)
        self.add(clock)

    def _limit(self, stage: Stage, at: datetime) -> tuple[int, LimitUnit] | None:
        limit = self.standard(at).limits.get(stage)
        return (limit.amount, limit.unit) if limit else None

    def _leave_case_clocks(self, state: State, at: datetime) -> None:
        if state not in PAUSING:
            stays = CASE_CLOCKS.get(state)
            self._stop_clocks([c for c in self.clocks if c.order_id is None and c.stage != stays], at)

    def _stop_clocks(self, clocks: Iterable[Clock], at: datetime) -> None:
        for clock in clocks:
            if clock.stopped_at is None:
                self.set(clock, stopped_at=max(at, clock.started_at), paused_at=None, remaining=None)

    def _pause_clocks(self, at: datetime) -> None:
        for clock in self.clocks:
            if clock.is_running:
                left = self.times.work.remaining(at, clock.due_at, LimitUnit(clock.unit))
                self.set(clock, paused_at=at, remaining=left)

    def _resume_clocks(self, at: datetime) -> None:
        for clock in self.clocks:
            if clock.stopped_at is None and clock.remaining is not None:
                due = self.times.work.resume(at, clock.remaining, LimitUnit(clock.unit))
                self.set(clock, paused_at=None, remaining=None, due_at=due)

    def _open_orders(self, *, is_open: bool) -> None:
        for order in self.orders:
            if order.is_case_open != is_open:
                self.set(order, is_case_open=is_open)

    # storing -----------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[list[models.Model]]:
        """Yield the rows to insert, table by table, in the order in which they refer to each other."""
        for model in TABLES:
            yield [row for row in self.added if type(row) is model]


def new_file(case: Case, region_path: str, times: Times, seeded: Seeded | None = None) -> CaseFile:
    """Return the file of a case that is not stored yet."""
    return CaseFile(case, region_path, [], [], times, seeded=seeded, added=[case])


_locked = Keyed(
    lambda key: (
        Case.objects.select_for_update(of=("self",)).select_related("region", "category").filter(pk=key)
    )
)
_orders = Keyed(
    lambda key: (
        WorkOrder.objects.select_related("unit", "assignee").filter(case=key).order_by("issued_at", "id")
    )
)
_clocks = Keyed(lambda key: Clock.objects.filter(case=key, stopped_at=None).order_by("id"))
_pending = Keyed(lambda key: TimeRequest.objects.filter(case=key, decided_at=None).order_by("id"))


def locked_file(case_id: UUID) -> CaseFile | None:
    """
    Lock one case and return its file, or None where there is none. Call it inside a transaction.

    Four queries, one more where no unit handled it itself, two more where it is split; after this only the
    rows in the file are used.
    """
    locked = _locked(case_id)
    return open_file(locked[0]) if locked else None


def open_file(case: Case) -> CaseFile:
    """Return the file of a stored case, whose region is loaded; for a change, lock the case first."""
    file = CaseFile(
        case=case,
        region_path=case.region.path,
        orders=_orders(case.pk),
        clocks=_clocks(case.pk),
        pending=next(iter(_pending(case.pk)), None),
        times=Times.now_in_force(),
    )
    rows: list[WorkOrder | Clock | TimeRequest] = [*file.orders, *file.clocks]
    for row in [*rows, file.pending] if file.pending else rows:
        row.case = case
    if case.is_split:
        states = list(case.children.values_list("state", flat=True))
        file.finished_children = sum(state in ENDED for state in states)
        file.unfinished_children = len(states) - file.finished_children
        file.part_orders = list(WorkOrder.objects.filter(case__parent=case, state__in=_HANDED_IN))
    if case.state in (State.HANDLED, State.CLOSED) and file.lead() is None:
        file.answered_by = _who_answered(case)
    return file


def _who_answered(case: Case) -> int | None:
    # By the log: the last line that made the case handled is the answer's, or a unit's, or a part's end.
    made = Entry.objects.filter(stream=case.pk, target=State.HANDLED).exclude(source=State.HANDLED)
    verb, user_id = made.order_by("-seq").values_list("verb", "user_id").first() or ("", None)
    return user_id if verb == "answer_from_above" else None
