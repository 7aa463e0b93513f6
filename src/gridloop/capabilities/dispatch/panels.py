"""What the case page shows of dispatch: the proposals while a case waits for it, the reasons once it went."""

from datetime import datetime
from typing import Any

from gridloop.capabilities.dispatch.models import Reason
from gridloop.capabilities.dispatch.planning import shown
from gridloop.capabilities.dispatch.proposals import propose
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.choices import unit_names
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor

STATEMENTS = 6


def dispatch_panel(file: CaseFile, actor: Actor, now: datetime) -> dict[str, Any] | None:
    """
    Return the proposals, or why the case went where it went; None where there is nothing to tell.

    For those who dispatch alone: the reasons tell of other cases, which the units in question may not know.
    """
    if not actor.can("case.dispatch"):
        return None
    if file.case.state == State.REGISTERED:
        proposals = propose([file.case], at=now)[file.case.pk]
        return {
            "options": [_listed(shown(option)) for option in proposals.options],
            "ask": proposals.ask,
            "boundary": proposals.boundary.words if proposals.boundary else "",
            "reason": None,
        }
    reason = Reason.objects.filter(case=file.case).select_related("unit").order_by("-seq").first()
    if reason is None:
        return None
    return {
        "options": [_listed(option) for option in reason.options],
        "ask": reason.ask,
        "boundary": reason.boundary,
        "reason": reason,
    }


def _listed(option: dict[str, Any]) -> dict[str, Any]:
    return option | {"percent": round(100 * option["score"]), "assist_names": unit_names(option["assist"])}
