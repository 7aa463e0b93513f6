"""The town's own numbers for dispatching together; each is a setting, since no law fixes it."""

from dataclasses import dataclass

from django.conf import settings

MOST_CASES = 1000  # of one batch


@dataclass(frozen=True, slots=True)
class BatchRules:
    """
    How long, how much.

    `undo_minutes`: after its confirmation a batch can be undone for so long, as far as nobody has signed.
    `most_each`: what a person can have in hand by name, where the unit's own limit does not say.
    """

    undo_minutes: int = 10
    most_each: int = 30


def batch_rules() -> BatchRules:
    """Return the numbers that this town has set."""
    return BatchRules(**getattr(settings, "BATCH_RULES", {}))
