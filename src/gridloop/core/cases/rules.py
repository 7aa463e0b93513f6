"""The town's own numbers for the loop; each is a setting, since no law fixes it."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Rules:
    """
    How late, how often, how far.

    `send_back_hours`: working hours after issue in which a unit may send an order back (local default).
    `most_send_backs`: how many lead orders of one case may be sent back; after that a lead is adjudicated.
    `most_extensions`: how often one deadline may be extended.
    `reopen_days`: calendar days after the end in which a case may be reopened.
    """

    send_back_hours: int = 4
    most_send_backs: int = 2
    most_extensions: int = 2
    reopen_days: int = 30


def rules() -> Rules:
    """Return the rules that this town has set."""
    return Rules(**getattr(settings, "CASE_RULES", {}))
