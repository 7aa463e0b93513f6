"""The tables of the figures."""

from gridloop.capabilities.figures.models.papers import Brief, Register, RegisterFile
from gridloop.capabilities.figures.models.scores import Exclusion, Formula, Publication, PublishedTally
from gridloop.capabilities.figures.models.tallies import Axis, Counter, Delta, Grain, Progress, Tally

__all__ = [
    "Axis",
    "Brief",
    "Counter",
    "Delta",
    "Exclusion",
    "Formula",
    "Grain",
    "Progress",
    "Publication",
    "PublishedTally",
    "Register",
    "RegisterFile",
    "Tally",
]
