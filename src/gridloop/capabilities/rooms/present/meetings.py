"""Meetings as a list by days, and one meeting with all that belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from gridloop.capabilities.rooms.models import (
    Invitation,
    Meeting,
    MeetingState,
    Resolution,
    ResolutionState,
)
from gridloop.capabilities.rooms.policies import is_centre
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor

TONES = {"planned": "primary", "held": "success", "cancelled": "secondary"}
RESOLUTION_TONES = {"pending": "warning", "done": "success", "failed": "danger"}


@dataclass(frozen=True, slots=True)
class Day:
    """The meetings of one day, in the order in which they begin."""

    on: date
    meetings: list[tuple[Meeting, str]]


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """A decision; its case only where the reader sees it."""

    resolution: Resolution
    case: Case | None
    tone: str
    is_hidden: bool  # it is about a case that the reader may not know of


def by_day(meetings: Iterable[Meeting]) -> list[Day]:
    days = groupby(meetings, key=lambda meeting: timezone.localdate(meeting.starts_at))
    return [Day(on, [(meeting, TONES[meeting.state]) for meeting in found]) for on, found in days]


def listed(actor: Actor) -> Any:
    """Return the meetings that the actor may know of, with how many cases and open decisions each has."""
    return (
        Meeting.objects.visible_to(actor)
        .select_related("called_in")
        .annotate(
            case_count=Count("cases", distinct=True),
            open_count=Count(
                "resolutions", filter=~Q(resolutions__state=ResolutionState.DONE), distinct=True
            ),
        )
    )


def meeting_page(meeting: Meeting, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return one meeting as its page shows it, in five statements at most."""
    cases = {case.pk: case for case in visible_cases(meeting, actor)}
    resolutions = [_row(row, cases) for row in resolutions_of(meeting)]
    is_leading = is_centre(actor)
    return {
        "meeting": meeting,
        "tone": TONES[meeting.state],
        "cases": list(cases.values()),
        "invitations": invitations_of(meeting),
        "resolutions": resolutions,
        "waiting": sum(not row.resolution.is_done for row in resolutions),
        "failed": sum(row.resolution.state == ResolutionState.FAILED for row in resolutions),
        "can_lead": is_leading,
        "can_change": is_leading and meeting.state == MeetingState.PLANNED,
        "can_decide": is_leading and meeting.state != MeetingState.CANCELLED,
        "has_begun": meeting.starts_at <= now,
    }


def visible_cases(meeting: Meeting, actor: Actor) -> list[Case]:
    about = Case.objects.visible_to(actor).filter(pk__in=meeting.cases.values("pk"))
    return list(about.only("number", "title", "state").order_by("pk"))


def invitations_of(meeting: Meeting) -> list[Invitation]:
    return list(meeting.invitations.select_related("unit", "person").order_by("pk"))


def resolutions_of(meeting: Meeting) -> list[Resolution]:
    rows = meeting.resolutions.select_related("unit", "from_unit").prefetch_related("assistants")
    return list(rows.order_by("number"))


def _row(row: Resolution, cases: dict[Any, Case]) -> ResolutionRow:
    case = cases.get(row.case_id)
    return ResolutionRow(row, case, RESOLUTION_TONES[row.state], row.case_id is not None and case is None)
