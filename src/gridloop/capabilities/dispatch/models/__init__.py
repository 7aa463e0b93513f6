"""The tables of dispatch: what was proposed and confirmed together, and how much a unit can take."""

from gridloop.capabilities.dispatch.models.batches import (
    Batch,
    BatchItem,
    BatchState,
    ItemResult,
    LeftOut,
    UnitLimit,
)

__all__ = ["Batch", "BatchItem", "BatchState", "ItemResult", "LeftOut", "UnitLimit"]
