"""The whole way round, step by step, and what each step leaves behind."""

import pytest

from gridloop.core.audit.models import Entry
from gridloop.core.cases.workflow import State
from tests.core.cases import factories
from tests.core.cases.factories import IN_STATE, World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_by_verbs_and_its_log_ends_there(world: World, state: State) -> None:
    case = IN_STATE[state](world)
    case.refresh_from_db()
    assert case.state == state
    log = list(Entry.objects.filter(stream=case.pk).order_by("seq"))
    assert [entry.seq for entry in log] == list(range(1, case.version + 1))
    assert (log[-1].target, bytes(log[-1].hash)) == (state, bytes(case.log_head))


def test_a_closed_case_has_no_running_clock_and_no_open_order(world: World) -> None:
    case = factories.closed(world)
    case.refresh_from_db()
    assert case.due_at is None
    assert not case.clocks.filter(stopped_at=None).exists()
    assert not case.orders.filter(is_case_open=True).exists()
