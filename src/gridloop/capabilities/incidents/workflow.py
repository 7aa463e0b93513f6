"""
The ways of a call as data: what the called person may answer, and what the centre may do with a call.

Time only moves on: a person who is on the spot has acknowledged and has been on the way, whether told or not.
"""

from dataclasses import dataclass
from enum import StrEnum


class CallStep(StrEnum):
    """Where a call stands. The first five follow each other; the others end it before its work is done."""

    CALLED = "called"
    ACKNOWLEDGED = "acknowledged"
    ON_THE_WAY = "on_the_way"
    ON_SPOT = "on_spot"
    DONE = "done"
    DECLINED = "declined"
    REPLACED = "replaced"
    RELEASED = "released"


WAY = (CallStep.CALLED, CallStep.ACKNOWLEDGED, CallStep.ON_THE_WAY, CallStep.ON_SPOT, CallStep.DONE)
ACTIVE = frozenset({CallStep.CALLED, CallStep.ACKNOWLEDGED, CallStep.ON_THE_WAY, CallStep.ON_SPOT})
ENDED = frozenset(CallStep) - ACTIVE
# The field of the call in which the moment of each step stands.
MOMENTS = {
    CallStep.CALLED: "called_at",
    CallStep.ACKNOWLEDGED: "acknowledged_at",
    CallStep.ON_THE_WAY: "on_the_way_at",
    CallStep.ON_SPOT: "on_spot_at",
    CallStep.DONE: "done_at",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One way of a call: from which steps, to which."""

    name: str
    sources: frozenset[CallStep]
    target: CallStep


def _until(step: CallStep) -> frozenset[CallStep]:
    """The steps before `step` from which it can be reached, be it that some are left out."""
    return frozenset(WAY[: WAY.index(step)])


ANSWERS: dict[str, Move] = {
    move.name: move
    for move in (
        Move("acknowledge", _until(CallStep.ACKNOWLEDGED), CallStep.ACKNOWLEDGED),
        Move("set_out", _until(CallStep.ON_THE_WAY), CallStep.ON_THE_WAY),
        Move("arrive", _until(CallStep.ON_SPOT), CallStep.ON_SPOT),
        Move("finish", _until(CallStep.DONE) - {CallStep.CALLED}, CallStep.DONE),
        Move("decline", frozenset({CallStep.CALLED, CallStep.ACKNOWLEDGED}), CallStep.DECLINED),
    )
}
"""What the called person, or the centre on the telephone in that person's name, may say."""

RELEASE = Move("release", ACTIVE, CallStep.RELEASED)
REPLACE = Move(
    "replace", frozenset({CallStep.CALLED, CallStep.ACKNOWLEDGED, CallStep.DECLINED}), CallStep.REPLACED
)


def is_said(move: Move, step: CallStep) -> bool:
    """Say whether the answer says nothing new: it was given before, or a later one was."""
    if step == move.target:
        return True
    return step in WAY and move.target in WAY and WAY.index(step) > WAY.index(move.target)
