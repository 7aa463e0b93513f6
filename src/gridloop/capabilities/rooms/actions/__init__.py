"""The only writers of rooms and meetings."""

from gridloop.capabilities.rooms.actions.meetings import (
    Plan,
    call_meeting,
    cancel_meeting,
    change_meeting,
    record_minutes,
)
from gridloop.capabilities.rooms.actions.resolutions import Wish, carry_out, decide, undecide
from gridloop.capabilities.rooms.actions.rooms import add_task, drop_task, end_task, open_room, say

__all__ = [
    "Plan",
    "Wish",
    "add_task",
    "call_meeting",
    "cancel_meeting",
    "carry_out",
    "change_meeting",
    "decide",
    "drop_task",
    "end_task",
    "open_room",
    "record_minutes",
    "say",
    "undecide",
]
