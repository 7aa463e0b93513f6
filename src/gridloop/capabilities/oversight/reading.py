"""What several actions and pages ask of a case: who has it in hand, and which deadline runs."""

from gridloop.capabilities.oversight.recipients import Holder
from gridloop.core.cases.models import Case, Clock, WorkOrder
from gridloop.core.cases.workflow import OrderState
from gridloop.core.org.locate import path_of

RUNNING = (OrderState.ISSUED.value, OrderState.HANDLING.value)


def holders_of(case: Case) -> list[Holder]:
    """Return in whose hands the case is: each unit that has still to act, the centre where none has."""
    place = path_of(case.region_id)
    orders = WorkOrder.objects.filter(case=case, state__in=RUNNING).order_by("issued_at", "pk")
    found = [Holder(o.unit_id, o.assignee_id or o.signed_by_id, place) for o in orders]
    return found or [Holder(None, None, place)]


def nearest_clock(case: Case) -> Clock | None:
    """Return the running clock that ends first."""
    return case.clocks.running().order_by("due_at", "pk").first()
