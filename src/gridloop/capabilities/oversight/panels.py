"""What the case page shows of the oversight."""

from datetime import datetime
from typing import Any

from gridloop.capabilities.oversight.models import Alert, ProblemCase, Reminder, ReminderCause, Supervision
from gridloop.capabilities.oversight.policies import is_late, may_supervise, why_not_press
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.sight import left_at
from gridloop.core.org.actors import Actor

STATEMENTS = 4
LAST_ALERTS = 3


def oversight_panel(file: CaseFile, actor: Actor, now: datetime) -> dict[str, Any] | None:
    """
    Return reminders, slips, alerts and whether it is a problem case; None where there is nothing to show and
    nothing to do. A unit that has left the case sees its own slips alone.
    """
    case = file.case
    slips = list(
        Supervision.objects.visible_to(actor).filter(case=case).select_related("unit").order_by("-pk")
    )
    shown: dict[str, Any] = {"slips": [(slip, is_late(slip, now)) for slip in slips]}
    if left_at(file, actor) is not None:
        return shown if slips else None
    shown |= {
        "reminders": list(Reminder.objects.filter(case=case).order_by("-at", "-pk")[:5]),
        "alerts": list(Alert.objects.filter(case=case).select_related("clock").order_by("-pk")[:LAST_ALERTS]),
        "problems": list(ProblemCase.objects.filter(case=case).order_by("since", "pk")),
    }
    is_pressable = why_not_press(case) is None
    can_remind = is_pressable and actor.can("oversight.remind")
    can_supervise = is_pressable and may_supervise(actor)
    if not any(shown.values()) and not can_remind:
        return None
    return shown | {
        "can_remind": can_remind,
        "can_supervise": can_supervise,
        "causes": ReminderCause.choices,
        "likely": ReminderCause.OVERDUE if case.due_at and case.due_at < now else ReminderCause.ASKED,
    }
