"""What the town watches over: deadlines, reminders, supervision, problem cases, samples, burden."""

from gridloop.capabilities.oversight.models.burden import BurdenDay, BurdenExemption, BurdenMeasure
from gridloop.capabilities.oversight.models.chains import (
    Alert,
    AlertLevel,
    ChainStage,
    ChainStep,
    Watch,
    Whom,
)
from gridloop.capabilities.oversight.models.pressing import (
    Reminder,
    ReminderCause,
    SlipSeries,
    Supervision,
    SupervisionCause,
    SupervisionLine,
    SupervisionState,
)
from gridloop.capabilities.oversight.models.problems import ProblemCase, ProblemKind, ProblemRule
from gridloop.capabilities.oversight.models.samples import (
    Sample,
    SampleDraw,
    SampleKind,
    SampleOutcome,
    SamplePeriod,
    SampleRule,
    Stratum,
)

__all__ = [
    "Alert",
    "AlertLevel",
    "BurdenDay",
    "BurdenExemption",
    "BurdenMeasure",
    "ChainStage",
    "ChainStep",
    "ProblemCase",
    "ProblemKind",
    "ProblemRule",
    "Reminder",
    "ReminderCause",
    "Sample",
    "SampleDraw",
    "SampleKind",
    "SampleOutcome",
    "SamplePeriod",
    "SampleRule",
    "SlipSeries",
    "Stratum",
    "Supervision",
    "SupervisionCause",
    "SupervisionLine",
    "SupervisionState",
    "Watch",
    "Whom",
]
