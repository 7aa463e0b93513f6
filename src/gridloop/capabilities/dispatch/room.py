"""How much units and their people have in hand: what the assignment weighs and the preview shows."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count

from gridloop.capabilities.dispatch.limits import batch_rules
from gridloop.capabilities.dispatch.models import UnitLimit
from gridloop.capabilities.dispatch.planning import Room
from gridloop.core.cases.models import WorkOrder
from gridloop.core.cases.workflow import OrderState
from gridloop.core.org.models import Unit
from gridloop.core.org.posts import people_of
from gridloop.core.org.revisions import cached

_RUNNING = [OrderState.ISSUED, OrderState.HANDLING]


def room_of(unit_ids: Iterable[int], *, on: date) -> Room:
    """Return the room of these units: three statements at the most, whatever their number."""
    wanted = sorted(set(unit_ids))
    limits = {row.unit_id: row for row in UnitLimit.objects.filter(unit__in=wanted)}
    people = _people(wanted, on)
    return Room(
        in_hand=in_hand(wanted),
        most={unit_id: row.most for unit_id, row in limits.items()},
        people=people,
        in_hand_of=_in_hand_of({person for found in people.values() for person in found}),
        most_each={u: _most_each(limits.get(u)) for u in people},
    )


def in_hand(unit_ids: Iterable[int]) -> dict[int, int]:
    """Return how many work orders of open cases each unit has still to sign or to finish."""
    running = WorkOrder.objects.filter(unit__in=list(unit_ids), is_case_open=True, state__in=_RUNNING)
    return dict(running.values("unit").annotate(n=Count("pk")).values_list("unit", "n").order_by())


def _most_each(limit: UnitLimit | None) -> int | None:
    own = limit.most_each if limit else None
    return own if own is not None else batch_rules().most_each


def _people(unit_ids: list[int], on: date) -> dict[int, list[int]]:
    by_name = cached("units", _units_by_name)
    found = {u: people_of(on=on, permission="case.sign_for", unit_ids=[u]) for u in unit_ids if u in by_name}
    return {unit_id: sorted(people) for unit_id, people in found.items() if people}


def _units_by_name() -> frozenset[int]:
    return frozenset(Unit.objects.filter(takes_named=True).values_list("pk", flat=True))


def _in_hand_of(user_ids: set[int]) -> dict[int, int]:
    if not user_ids:
        return {}
    running = WorkOrder.objects.filter(assignee__in=user_ids, is_case_open=True, state__in=_RUNNING)
    return dict(running.values("assignee").annotate(n=Count("pk")).values_list("assignee", "n").order_by())
