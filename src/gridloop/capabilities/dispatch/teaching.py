"""Which lines of a case's log teach whose such cases are, and how much. Plain data about the log."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# What really happened counts whole; what was only decided, less: it may yet be sent back.
DISPATCHED, CLOSED, REFUSED, RECALLED = 0.3, 1.0, -1.0, -0.3
CHANGES = ("amend", "escalate", "withdraw", "reopen")  # what changes whose it is, or what it is
TEACHES = ("dispatch", "adjudicate", "recall", "send_back", "transfer", "close")


@dataclass(frozen=True, slots=True)
class Taught:
    """A line of the log, and what it says for or against a unit."""

    seq: int
    unit_id: int
    share: float


@dataclass(slots=True)
class Reading:
    """Reads the lines of one case in order and keeps who leads it."""

    lead: int | None = None

    def read(self, seq: int, verb: str, unit_id: int | None, data: dict[str, Any]) -> Iterator[Taught]:
        """Yield what one line teaches; `unit_id` is the unit of whoever made it."""
        lead = self.lead
        if verb in ("dispatch", "adjudicate"):
            self.lead = data["lead"]
            yield Taught(seq, data["lead"], DISPATCHED)
        elif lead is None:
            return
        elif verb == "transfer" and data["from_unit"] == lead:
            self.lead = data["to_unit"]
            if self.lead != lead:  # back to the same unit, to be signed for anew, says nothing
                yield Taught(seq, lead, REFUSED)
                yield Taught(seq, data["to_unit"], DISPATCHED)
        elif verb == "send_back" and unit_id == lead:
            self.lead = None
            yield Taught(seq, lead, REFUSED)
        elif verb == "recall":
            self.lead = None
            yield Taught(seq, lead, RECALLED)
        elif verb == "close":
            yield Taught(seq, lead, CLOSED)
        elif verb in ("escalate", "withdraw", "reopen"):
            self.lead = None


def taught_by(lines: Iterable[tuple[int, str, int | None, dict[str, Any]]]) -> list[Taught]:
    """Return what the lines of one case teach: (seq, verb, the actor's unit, data), in order."""
    reading = Reading()
    return [taught for line in lines for taught in reading.read(*line)]
