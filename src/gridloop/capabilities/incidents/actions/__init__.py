"""The only writers of emergencies: one verb a function, one transaction each, under the incident's lock."""

from gridloop.capabilities.incidents.actions.answering import (
    Answered,
    answer,
    answer_for,
    ask_more,
    meet,
    report_from_spot,
)
from gridloop.capabilities.incidents.actions.calling import Called, Wanted, call, release, replace, sweep
from gridloop.capabilities.incidents.actions.closing import (
    Review,
    Task,
    close,
    finish_task,
    note,
    reveal_contact,
    tick,
    write_review,
)
from gridloop.capabilities.incidents.actions.opening import Opening, follow_plan, open_incident, set_level
from gridloop.capabilities.incidents.actions.plans import (
    PlanContent,
    PlanRole,
    PlanStep,
    add_plan,
    amend_plan,
)
from gridloop.capabilities.incidents.actions.resources import (
    ResourceData,
    Stock,
    add_resource,
    amend_resource,
    amend_settings,
    import_resources,
    load_common_skills,
    reveal_resource_contact,
    save_skill,
)

__all__ = [
    "Answered", "Called", "Opening", "PlanContent", "PlanRole", "PlanStep", "ResourceData", "Review", "Stock",
    "Task", "Wanted", "add_plan", "add_resource", "amend_plan", "amend_resource", "amend_settings", "answer",
    "answer_for", "ask_more", "call", "close", "finish_task", "follow_plan", "import_resources",
    "load_common_skills", "meet", "note", "open_incident", "release", "replace", "report_from_spot",
    "reveal_contact", "reveal_resource_contact", "save_skill", "set_level", "sweep", "tick", "write_review",
]  # fmt: skip
