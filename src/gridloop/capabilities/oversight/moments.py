"""At which moment a link of a chain falls: pure arithmetic over the work calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from gridloop.base.common.worktime import CalendarMissing, LimitUnit, WorkTime

log = structlog.get_logger(__name__)

_NOMINAL = {
    LimitUnit.MINUTE: timedelta(minutes=1),
    LimitUnit.WORKING_HOUR: timedelta(hours=1),
    LimitUnit.WORKING_DAY: timedelta(days=1),
    LimitUnit.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A limit of `amount` of `unit` that started and ends at these moments."""

    started_at: datetime
    due_at: datetime
    amount: int
    unit: LimitUnit


class Link(Protocol):
    """What of a chain's step says when it falls; see `ChainStep`."""

    level: str
    share: int | None
    amount: int | None
    unit: str


L = TypeVar("L", bound=Link)


def moment_of(link: Link, deadline: Deadline, work: WorkTime) -> datetime | None:
    """
    Return when the link falls; None for a warning that would come before the deadline has begun.

    Where the calendar does not know the days in question the time of day is counted instead, with a line in
    the log: a warning at a rough moment is better than none.
    """
    try:
        moment = _moment(link, deadline, work)
    except CalendarMissing as gap:
        log.warning("chain_without_calendar", **gap.detail)
        moment = _roughly(link, deadline)
    is_too_early = link.level == "warn" and moment <= deadline.started_at
    return None if is_too_early else moment


def moments(links: Iterable[L], deadline: Deadline, work: WorkTime) -> list[tuple[datetime, L]]:
    """Return the links with their moments, the earliest first."""
    found = ((moment_of(link, deadline, work), link) for link in links)
    return sorted(((at, link) for at, link in found if at is not None), key=lambda pair: pair[0])


def _moment(link: Link, deadline: Deadline, work: WorkTime) -> datetime:
    if link.share is not None:
        return _share_left(100 - link.share, deadline, work)
    amount, unit = link.amount or 0, LimitUnit(link.unit)
    if link.level == "warn":
        return _moved(deadline.due_at, -amount, unit, work)
    return _moved(deadline.due_at, amount, unit, work)


def _moved(at: datetime, amount: int, unit: LimitUnit, work: WorkTime) -> datetime:
    """Return the moment that lies `amount` of `unit` after `at`, before it where below 0."""
    if amount == 0:
        return at
    match unit:
        case LimitUnit.MINUTE | LimitUnit.DAY:
            return at + amount * _NOMINAL[unit]
        case LimitUnit.WORKING_HOUR:
            return work.resume(at, amount * 60, unit)
        case LimitUnit.WORKING_DAY:
            return work.resume(at, amount, unit)


def _share_left(percent: int, deadline: Deadline, work: WorkTime) -> datetime:
    """
    Return when `percent` of the limit is left, in working time where the limit has any.

    It is counted back from the end: a clock that stood still has a start that says nothing of it.
    """
    if deadline.unit == LimitUnit.MINUTE:
        return deadline.due_at - timedelta(minutes=deadline.amount) * percent / 100
    minutes = _worked(deadline, work)
    if minutes <= 0:
        return deadline.due_at - deadline.amount * _NOMINAL[deadline.unit] * percent / 100
    return work.resume(deadline.due_at, -round(minutes * percent / 100) or -1, LimitUnit.WORKING_HOUR)


def _worked(deadline: Deadline, work: WorkTime) -> int:
    """Return how many working minutes the limit holds."""
    if deadline.unit == LimitUnit.WORKING_HOUR:
        return deadline.amount * 60
    return work.working_minutes(
        _moved(deadline.due_at, -deadline.amount, deadline.unit, work), deadline.due_at
    )


def _roughly(link: Link, deadline: Deadline) -> datetime:
    if link.share is not None:
        used = (deadline.due_at - deadline.started_at) * link.share / 100
        return deadline.started_at + used
    span = (link.amount or 0) * _NOMINAL[LimitUnit(link.unit)]
    return deadline.due_at - span if link.level == "warn" else deadline.due_at + span
