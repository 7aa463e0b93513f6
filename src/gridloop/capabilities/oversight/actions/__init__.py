"""The only writers of what is watched over."""

from gridloop.capabilities.oversight.actions.burden import (
    AsksTooMuch,
    count_day,
    count_missed,
    end_exemption,
    exempt,
    refuse_burden,
    unexcused,
)
from gridloop.capabilities.oversight.actions.chains import begin_chain, drop_step, save_step
from gridloop.capabilities.oversight.actions.problems import (
    WATCHED_VERBS,
    note_problem,
    raise_problems,
    rebuild_problems,
    save_problem_rules,
)
from gridloop.capabilities.oversight.actions.reminding import remind, remind_many
from gridloop.capabilities.oversight.actions.sampling import (
    SampleMoved,
    assign_sample,
    dismiss_sample,
    draw_due,
    draw_period,
    drop_moot,
    find_false,
    find_sound,
    not_reached,
    recomputed,
    reopen_sample,
    save_rule,
    switch_rule,
)
from gridloop.capabilities.oversight.actions.supervising import release, reply, return_reply, supervise
from gridloop.capabilities.oversight.actions.sweeping import Swept, sweep

__all__ = [
    "WATCHED_VERBS",
    "AsksTooMuch",
    "SampleMoved",
    "Swept",
    "assign_sample",
    "begin_chain",
    "count_day",
    "count_missed",
    "dismiss_sample",
    "draw_due",
    "draw_period",
    "drop_moot",
    "drop_step",
    "end_exemption",
    "exempt",
    "find_false",
    "find_sound",
    "not_reached",
    "note_problem",
    "raise_problems",
    "rebuild_problems",
    "recomputed",
    "refuse_burden",
    "release",
    "remind",
    "remind_many",
    "reopen_sample",
    "reply",
    "return_reply",
    "save_problem_rules",
    "save_rule",
    "save_step",
    "supervise",
    "sweep",
    "switch_rule",
    "unexcused",
]
