"""What the case page shows of the call-out: the button for whoever commands, and how it stands."""

from datetime import datetime
from typing import Any

from gridloop.capabilities.incidents.models import Incident
from gridloop.capabilities.incidents.workflow import CallStep
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.org.actors import Actor

STATEMENTS = 2
MOST = 5


def panel(file: CaseFile, actor: Actor, now: datetime) -> dict[str, Any] | None:  # noqa: ARG001
    """Return the incidents of a case for a commander, the latest first, and whether one may be opened."""
    if not actor.can("incident.command"):
        return None
    found = Incident.objects.visible_to(actor).filter(case=file.case.pk).prefetch_related("calls")
    incidents = list(found.order_by("-id")[:MOST])
    if not incidents and not file.case.is_open:
        return None
    is_running = any(row.is_open for row in incidents)
    rows = [{"incident": row, "counts": _counts(row)} for row in incidents]
    return {"incidents": rows, "can_open": file.case.is_open and not is_running}


def _counts(row: Incident) -> dict[str, int]:
    states = [call.state for call in row.calls.all()]
    gone = (CallStep.REPLACED, CallStep.DECLINED)
    return {
        "called": sum(s not in gone for s in states),
        "silent": states.count(CallStep.CALLED),
        "on_spot": sum(s in (CallStep.ON_SPOT, CallStep.DONE) for s in states),
    }
