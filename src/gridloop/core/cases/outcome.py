"""
What became of a report, for whoever made it: every reporter can learn the end, in whichever case it came.

A merged case ends with the one that it went into; a case that was split ends with its parts. What others
reported, and who they are, is no part of the answer.
"""

from dataclasses import dataclass
from datetime import datetime

from gridloop.core.cases.labels import PUBLIC_STATES, RejectReason
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import ENDED, State

_FIELDS = (
    "number",
    "state",
    "state_since",
    "due_at",
    "closed_at",
    "outcome",
    "reject_reason",
    "is_split",
    "merged_into",
    "parent",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Where a report stands. `number` is the case in which it is dealt with, another one where it was merged.

    `text` is the result in words, empty while there is none. `advice` names the right channel of a report
    that was turned away. `ended_at` and `due_at` are aware; the latter is None where no deadline runs.
    """

    number: str
    state: State
    label: str
    text: str
    advice: str
    since: datetime
    due_at: datetime | None
    ended_at: datetime | None
    parts: tuple["Outcome", ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether it has ended, for the time being: a closed case may be taken up again."""
        return self.state in ENDED


def outcome_of(case: Case) -> Outcome:
    """Return where the report that became `case` stands. At most two queries: the master, and the parts."""
    master = Case.objects.only(*_FIELDS).get(pk=case.merged_into_id) if case.merged_into_id else case
    parts = master.children.only(*_FIELDS).order_by("pk") if master.is_split else ()
    return _outcome(master, tuple(_outcome(part) for part in parts))


def _outcome(case: Case, parts: tuple[Outcome, ...] = ()) -> Outcome:
    state = State(case.state)
    is_told = state in ENDED
    return Outcome(
        number=case.number,
        state=state,
        label=str(PUBLIC_STATES[state]),
        text=case.outcome if is_told else "",
        advice=str(RejectReason(case.reject_reason).label) if case.reject_reason else "",
        since=case.state_since,
        due_at=case.due_at,
        ended_at=case.closed_at,
        parts=parts,
    )
