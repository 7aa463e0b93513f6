"""A meeting as an entry of a calendar (依据: RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from gridloop.capabilities.rooms.models import Meeting, MeetingState

CONTENT_TYPE = "text/calendar; charset=utf-8"
MOST_OCTETS = 75  # of one line; a longer one goes on in the next, after a blank
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def calendar(meetings: Iterable[Meeting], *, host: str, link: str = "") -> str:
    """
    Return a calendar of the meetings. The same meeting keeps its UID; each change has a higher SEQUENCE.

    :param link: an address with `{}` for the key of the meeting; empty leaves it out.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gridloop//rooms//ZH", "METHOD:PUBLISH"]
    for meeting in meetings:
        lines += _event(meeting, host, link)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(meeting: Meeting, host: str, link: str) -> list[str]:
    is_cancelled = meeting.state == MeetingState.CANCELLED
    fields = {
        "UID": f"{meeting.pk}@{host}",
        "DTSTAMP": _moment(meeting.called_at),
        "SEQUENCE": str(meeting.version),
        "DTSTART": _moment(meeting.starts_at),
        "DTEND": _moment(meeting.ends_at),
        "SUMMARY": _text(meeting.title),
        "LOCATION": _text(meeting.venue),
        "DESCRIPTION": _text(meeting.agenda),
        "STATUS": "CANCELLED" if is_cancelled else "CONFIRMED",
        "URL": link.format(meeting.pk) if link else "",
    }
    alarm = [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(meeting.title)}",
        "TRIGGER:-PT30M",
        "END:VALARM",
    ]
    return [
        "BEGIN:VEVENT",
        *(f"{name}:{value}" for name, value in fields.items() if value),
        *([] if is_cancelled else alarm),
        "END:VEVENT",
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    return words.translate(_ESCAPED)


def _folded(line: str) -> Iterable[str]:
    """Cut a line into parts of at most `MOST_OCTETS`, never within a character."""
    part, room = "", MOST_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            yield part
            part, room = " ", MOST_OCTETS - 1
        part += character
        room -= size
    yield part
