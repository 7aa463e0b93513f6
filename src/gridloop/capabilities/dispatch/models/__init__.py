"""The tables of dispatch: what was proposed and confirmed together, and how much a unit can take."""

from gridloop.capabilities.dispatch.models.automatic import AutoDispatch
from gridloop.capabilities.dispatch.models.batches import (
    Batch,
    BatchItem,
    BatchState,
    ItemResult,
    LeftOut,
    UnitLimit,
)
from gridloop.capabilities.dispatch.models.learning import Cell, Learning, Precedent
from gridloop.capabilities.dispatch.models.reasons import HowChosen, Reason
from gridloop.capabilities.dispatch.models.rules import DispatchRule, RuleUse, WorkingTime
from gridloop.capabilities.dispatch.models.trials import DryRun, DryRunCase

__all__ = [
    "AutoDispatch",
    "Batch",
    "BatchItem",
    "BatchState",
    "Cell",
    "DispatchRule",
    "DryRun",
    "DryRunCase",
    "HowChosen",
    "ItemResult",
    "Learning",
    "LeftOut",
    "Precedent",
    "Reason",
    "RuleUse",
    "UnitLimit",
    "WorkingTime",
]
