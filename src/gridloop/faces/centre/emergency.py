"""The incident screen: one emergency, who was called to it and how far they are, its steps and its log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from gridloop.capabilities.incidents import reading
from gridloop.core.org.actors import Actor


@dataclass(frozen=True, slots=True)
class Choice:
    """One open incident to look at."""

    id: UUID
    number: str
    title: str
    is_drill: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Emergency:
    """All that the incident screen shows; `board` is None where nothing is going on."""

    at: datetime
    choices: list[Choice]
    board: reading.Board | None

    @property
    def minutes(self) -> int:
        """How long it has been going on."""
        return int((self.at - self.board.incident.opened_at).total_seconds() // 60) if self.board else 0

    @property
    def url(self) -> str:
        """Where it is commanded."""
        return reverse("incidents:board", args=[self.board.incident.pk]) if self.board else ""


def emergency(actor: Actor, now: datetime, *, wanted: UUID | None = None) -> Emergency:
    """Return what `actor` commands: the wanted incident, or the gravest. Four statements."""
    rows, board = reading.screen(actor, now, wanted=wanted)
    current = board.incident.pk if board else None
    choices = [Choice(row.pk, row.number, row.title, row.is_drill, row.pk == current) for row in rows]
    return Emergency(now, choices, board)
