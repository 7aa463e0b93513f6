"""
Which tallies a case has, as its log tells it. Plain: reads what it is given and asks nothing of the database.

What the log does not hold are the deadlines: whether one was kept is known from the clocks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from django.utils import timezone

from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Tally
from gridloop.capabilities.figures.models.tallies import NO_UNIT
from gridloop.core.cases.actions.closing import SATISFIED_FROM
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.stages import Stage

Key: TypeAlias = tuple[str, int]  # what, unit
Days: TypeAlias = dict[Key, date]


class Line(Protocol):
    """What of a line of the log is needed."""

    verb: str
    at: datetime
    unit_id: int | None
    data: Mapping[str, Any]


class Deadline(Protocol):
    """What of a clock is needed."""

    order_id: UUID | None
    stage: str
    due_at: datetime
    stopped_at: datetime | None


@dataclass(slots=True)
class _Share:
    """One lead work order of a unit."""

    day: date
    is_signed: bool = False
    is_responded: bool = False
    is_sent_back: bool = False


@dataclass(slots=True)
class _Story:
    """Where the log has come to."""

    late: frozenset[tuple[str, str]]  # (order, stage) whose deadline passed
    days: Days = field(default_factory=dict)
    lead: int = NO_UNIT
    order: str = ""  # of the lead, as far as it has handed in a result
    shares: dict[int, list[_Share]] = field(default_factory=dict)
    reworks: int = 0
    reopenings: int = 0
    closed_on: date | None = None
    closed_by: int = NO_UNIT
    closed_order: str = ""
    rating: int | None = None


def tallies_of(case: Case, lines: Iterable[Line], clocks: Iterable[Deadline]) -> Days:
    """
    Return the days on which a case counts, by what and unit.

    A drill counts for nothing; so does what a grid worker closed on the spot, but for the report and itself.

    :param lines: the whole log of the case, in its order.
    :param clocks: all its clocks, those that have stopped too.
    """
    if case.is_drill:
        return {}
    story = _Story(frozenset(_late(clocks)))
    for line in lines:
        if step := _STEPS.get(line.verb):
            step(story, line, timezone.localdate(line.at))
    return story.days | _shares(story) | _end(story)


def rows(case: Case, days: Days, *, is_excluded: bool = False) -> list[Tally]:
    """Return the tallies of a case as rows."""
    return [
        Tally(
            case_id=case.pk,
            what=what,
            unit_id=unit,
            day=day,
            region_id=case.region_id,
            category_id=case.category_id or 0,
            channel=case.channel,
            is_excluded=is_excluded,
        )
        for (what, unit), day in days.items()
    ]


def is_late(clock: Deadline) -> bool:
    """Say whether a clock was stopped after its time."""
    return clock.stopped_at is not None and clock.stopped_at > clock.due_at


def _late(clocks: Iterable[Deadline]) -> Iterable[tuple[str, str]]:
    return ((str(c.order_id), str(c.stage)) for c in clocks if c.order_id and is_late(c))


def _shares(story: _Story) -> Days:
    found: Days = {}
    for unit, shares in story.shares.items():
        last = shares[-1]
        found[What.DISPATCHED, unit] = last.day
        if last.is_responded:
            found[What.RESPONDED, unit] = last.day
        if last.is_sent_back:
            found[What.SENT_BACK, unit] = last.day
    return found


def _end(story: _Story) -> Days:
    if story.closed_on is None:
        return {}
    is_bad = story.rating is not None and story.rating < SATISFIED_FROM
    holds = {
        What.CLOSED: True,
        What.ON_TIME: (story.closed_order, Stage.HANDLE.value) not in story.late,
        What.RESOLVED: story.reopenings == 0 and not is_bad,
        What.REWORKED: story.reworks > 0,
        What.RATED: story.rating is not None,
        What.SATISFIED: story.rating is not None and not is_bad,
    }
    return {(what, story.closed_by): story.closed_on for what, it_holds in holds.items() if it_holds}


# the verbs that matter -------------------------------------------------------------------------------------


def _report(story: _Story, _line: Line, day: date) -> None:
    story.days[What.REPORTED, NO_UNIT] = day


def _register(story: _Story, _line: Line, day: date) -> None:
    story.days.setdefault((What.REGISTERED, NO_UNIT), day)


def _reject(story: _Story, _line: Line, day: date) -> None:
    story.days[What.REJECTED, NO_UNIT] = day


def _withdraw(story: _Story, _line: Line, day: date) -> None:
    _recall(story)
    story.days[What.WITHDRAWN, NO_UNIT] = day


def _merge(story: _Story, _line: Line, day: date) -> None:
    story.days[What.MERGED, NO_UNIT] = day


def _unmerge(story: _Story, _line: Line, _day: date) -> None:
    story.days.pop((What.MERGED, NO_UNIT), None)


def _close_on_spot(story: _Story, line: Line, day: date) -> None:
    _register(story, line, day)
    story.days[What.SELF_CLOSED, NO_UNIT] = day


def _dispatch(story: _Story, line: Line, day: date) -> None:
    _lead(story, line.data["lead"], day)


def _transfer(story: _Story, line: Line, day: date) -> None:
    if line.data["from_unit"] == story.lead:
        _recall(story)
        _lead(story, line.data["to_unit"], day)


def _sign_for(story: _Story, line: Line, _day: date) -> None:
    if share := _share_of(story, line):
        share.is_signed = True
        share.is_responded = _in_time(story, line)


def _send_back(story: _Story, line: Line, _day: date) -> None:
    if share := _share_of(story, line):
        share.is_sent_back = True
        share.is_responded = _in_time(story, line)
        story.lead = NO_UNIT


def _submit_result(story: _Story, line: Line, _day: date) -> None:
    if line.unit_id == story.lead:
        story.order = line.data["order"]


def _verify_fail(story: _Story, _line: Line, _day: date) -> None:
    story.reworks += 1


def _close(story: _Story, _line: Line, day: date) -> None:
    story.closed_on, story.closed_by, story.closed_order = day, story.lead, story.order


def _reopen(story: _Story, line: Line, day: date) -> None:
    _register(story, line, day)
    story.days.pop((What.SELF_CLOSED, NO_UNIT), None)
    story.days[What.REOPENED, NO_UNIT] = day
    story.reopenings += 1
    story.closed_on = story.rating = None
    _recall(story)


def _escalate(story: _Story, _line: Line, _day: date) -> None:
    _recall(story)


def _feedback(story: _Story, line: Line, _day: date) -> None:
    given = line.data
    if given.get("is_reached") and given.get("result") is not None and given.get("is_lawful") is not False:
        story.rating = given["result"]


_STEPS = {
    "report": _report, "register": _register, "reject": _reject, "withdraw": _withdraw,
    "merge": _merge, "unmerge": _unmerge, "close_on_spot": _close_on_spot,
    "dispatch": _dispatch, "adjudicate": _dispatch, "transfer": _transfer, "recall": _escalate,
    "sign_for": _sign_for, "send_back": _send_back, "submit_result": _submit_result,
    "verify_fail": _verify_fail, "close": _close, "reopen": _reopen, "escalate": _escalate,
    "rate": _feedback, "call_back": _feedback,
}  # fmt: skip
VERBS = frozenset(_STEPS)


def _lead(story: _Story, unit: int, day: date) -> None:
    story.lead, story.order = unit, ""
    story.shares.setdefault(unit, []).append(_Share(day))


def _recall(story: _Story) -> None:
    """Let the lead go; a unit that had not signed yet was never asked to answer."""
    shares = story.shares.get(story.lead, [])
    if shares and not shares[-1].is_signed:
        shares.pop()
        if not shares:
            del story.shares[story.lead]
    story.lead, story.order = NO_UNIT, ""


def _share_of(story: _Story, line: Line) -> _Share | None:
    return story.shares[story.lead][-1] if story.lead != NO_UNIT and line.unit_id == story.lead else None


def _in_time(story: _Story, line: Line) -> bool:
    return (line.data["order"], Stage.SIGN.value) not in story.late
