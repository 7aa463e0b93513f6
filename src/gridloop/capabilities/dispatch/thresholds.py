"""The town's own numbers for proposals; each is a setting, since no law fixes it."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    `boundary_m`: a point that is no farther from a second jurisdiction is a boundary case.
    `floor`: below this chance what is only learnt is no proposal, and a person is asked to judge.
    """

    boundary_m: int = 30
    floor: float = 0.5


def thresholds() -> Thresholds:
    """Return the numbers that this town has set."""
    return Thresholds(**getattr(settings, "PROPOSAL_RULES", {}))
