"""The only writers of what is watched over."""

from gridloop.capabilities.oversight.actions.chains import begin_chain, drop_step, save_step
from gridloop.capabilities.oversight.actions.problems import (
    WATCHED_VERBS,
    note_problem,
    raise_problems,
    rebuild_problems,
    save_problem_rules,
)
from gridloop.capabilities.oversight.actions.reminding import remind, remind_many
from gridloop.capabilities.oversight.actions.supervising import release, reply, return_reply, supervise
from gridloop.capabilities.oversight.actions.sweeping import Swept, sweep

__all__ = [
    "WATCHED_VERBS",
    "Swept",
    "begin_chain",
    "drop_step",
    "note_problem",
    "raise_problems",
    "rebuild_problems",
    "release",
    "remind",
    "remind_many",
    "reply",
    "return_reply",
    "save_problem_rules",
    "save_step",
    "supervise",
    "sweep",
]
