"""The only writers of messages."""

from gridloop.capabilities.notify.actions.channels import (
    add_channel,
    drop_channel,
    prove_channel,
    send_code,
    send_test,
    switch_channel,
)
from gridloop.capabilities.notify.actions.delivering import attempt, attempt_due, forget_old
from gridloop.capabilities.notify.actions.reading import mark_all_read, mark_read
from gridloop.capabilities.notify.actions.telling import Message, tell, tell_all

__all__ = [
    "Message",
    "add_channel",
    "attempt",
    "attempt_due",
    "drop_channel",
    "forget_old",
    "mark_all_read",
    "mark_read",
    "prove_channel",
    "send_code",
    "send_test",
    "switch_channel",
    "tell",
    "tell_all",
]
