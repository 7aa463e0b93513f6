"""
Which verbs belong on a person's page of a case, and whether each may be made now: rules as data for the
faces.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.labels import VERBS, Label
from gridloop.core.cases.policies import Ask, is_offered, why_not
from gridloop.core.cases.workflow import CONSEQUENCES, TRANSITIONS
from gridloop.core.org.actors import Actor

# In the order of the loop; what moves the case on comes first, what only adds to it last.
ORDER = (
    "register", "close_on_spot", "reject", "adjudicate", "dispatch", "recall", "sign_for", "send_back",
    "submit_result", "grant_extension", "grant_suspension", "refuse_time", "verify_pass", "verify_fail",
    "close", "call_back", "uphold", "reopen", "answer_from_above", "hand_down", "resume", "unmerge",
    "transfer", "add_assistant", "request_extension", "request_suspension", "merge", "split", "escalate",
    "amend", "supplement", "annotate", "attach", "link", "withdraw", "rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One verb on the page: greyed with the reason where it cannot be made now."""

    name: str
    label: Label
    why_not: str | None
    needs_note: bool

    @property
    def is_enabled(self) -> bool:
        return self.why_not is None


def choices(file: CaseFile, actor: Actor, at: datetime) -> list[Choice]:
    """Return the verbs of this person on this case, in the order of the loop. Costs no query of its own."""
    ask = Ask(file, actor, at)
    return [_choice(name, ask) for name in ORDER if is_offered(name, ask)]


def missing(order: Iterable[str] = ORDER) -> set[str]:
    """
    Return the verbs that the order of buttons forgets; `report`, reveals and consequences have no button.
    """
    return set(TRANSITIONS) - set(order) - CONSEQUENCES - {"report", "reveal_reporter", "unlink"}


def _choice(name: str, ask: Ask) -> Choice:
    return Choice(name, VERBS[name], why_not(name, ask), TRANSITIONS[name].needs_note)
