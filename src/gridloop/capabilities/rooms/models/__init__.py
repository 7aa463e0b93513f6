"""The tables of joint handling: rooms of cases, and meetings about them."""

from gridloop.capabilities.rooms.models.meetings import (
    Invitation,
    Meeting,
    MeetingState,
    Resolution,
    ResolutionKind,
    ResolutionState,
)
from gridloop.capabilities.rooms.models.rooms import Message, MessageKind, Room, RoomTask

__all__ = [
    "Invitation",
    "Meeting",
    "MeetingState",
    "Message",
    "MessageKind",
    "Resolution",
    "ResolutionKind",
    "ResolutionState",
    "Room",
    "RoomTask",
]
