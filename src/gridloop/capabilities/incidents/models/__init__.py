"""What an emergency needs and what became of it: resources, plans, incidents with their calls."""

from gridloop.capabilities.incidents.models.incidents import (
    Ask,
    Call,
    Callee,
    CallState,
    Incident,
    IncidentFile,
    IncidentLevel,
    IncidentStep,
    ReviewTask,
    Settings,
)
from gridloop.capabilities.incidents.models.plans import IncidentKind, Plan, PlanVersion
from gridloop.capabilities.incidents.models.resources import (
    EXCLUSIVE,
    Resource,
    ResourceKind,
    ResourceOwner,
    Skill,
    StockLine,
)

__all__ = [
    "EXCLUSIVE", "Ask", "Call", "CallState", "Callee", "Incident", "IncidentFile", "IncidentKind",
    "IncidentLevel", "IncidentStep", "Plan", "PlanVersion", "Resource", "ResourceKind", "ResourceOwner",
    "ReviewTask", "Settings", "Skill", "StockLine",
]  # fmt: skip
