"""
The only writers of the loop: one verb a function, one transaction each.

`VERBS` has every verb that is made on a stored case, by name; `report` and `copy` make new cases.
"""

from gridloop.core.cases.actions import closing, dispatching, handling, joining, triage
from gridloop.core.cases.actions.closing import (
    answer_from_above,
    call_back,
    close,
    escalate,
    hand_down,
    rate,
    reopen,
    uphold,
    verify_fail,
    verify_pass,
)
from gridloop.core.cases.actions.dispatching import (
    add_assistant,
    adjudicate,
    dispatch,
    recall,
    send_back,
    sign_for,
    transfer,
)
from gridloop.core.cases.actions.files import attach
from gridloop.core.cases.actions.handling import (
    grant_extension,
    grant_suspension,
    refuse_time,
    request_extension,
    request_suspension,
    resume,
    resume_due,
    submit_result,
)
from gridloop.core.cases.actions.intake import Intake, Place, ReporterData, report
from gridloop.core.cases.actions.joining import Part, copy, link, merge, split, unlink, unmerge
from gridloop.core.cases.actions.move import Verb
from gridloop.core.cases.actions.triage import (
    amend,
    annotate,
    close_on_spot,
    register,
    reject,
    reveal_reporter,
    supplement,
    withdraw,
)

VERBS: dict[str, Verb] = {
    found.name: found
    for module in (triage, dispatching, handling, closing, joining)
    for found in vars(module).values()
    if isinstance(found, Verb)
} | {"attach": attach}

__all__ = [
    "VERBS",
    "Intake",
    "Part",
    "Place",
    "ReporterData",
    "Verb",
    "add_assistant",
    "adjudicate",
    "amend",
    "annotate",
    "answer_from_above",
    "attach",
    "call_back",
    "close",
    "close_on_spot",
    "copy",
    "dispatch",
    "escalate",
    "grant_extension",
    "grant_suspension",
    "hand_down",
    "link",
    "merge",
    "rate",
    "recall",
    "refuse_time",
    "register",
    "reject",
    "reopen",
    "report",
    "request_extension",
    "request_suspension",
    "resume",
    "resume_due",
    "reveal_reporter",
    "send_back",
    "sign_for",
    "split",
    "submit_result",
    "supplement",
    "transfer",
    "unlink",
    "unmerge",
    "uphold",
    "verify_fail",
    "verify_pass",
    "withdraw",
]
