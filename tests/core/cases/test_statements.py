"""How many statements a verb costs, everything that it sets off included."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridloop.core.cases import actions
from gridloop.core.cases.actions import Part, ReporterData
from gridloop.core.cases.buttons import choices
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.models import Case
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, World, intake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return factories.make_world()


def count(act: Callable[[], object]) -> int:
    """
    Count how often an act in a transaction of its own, as in a request, asks the database for something.

    What is written goes out in one; BEGIN and COMMIT are not counted.
    """
    with CaptureQueriesContext(connection) as seen:
        act()
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in seen.captured_queries)


def test_a_report_costs_no_more_than_five_the_figures_among_them(world: World) -> None:
    factories.reported(world)  # what is kept in memory is loaded
    person = ReporterData(name="王小明", phone="13800001234")
    given = intake(world, reporter=person, address="柳桥路", lon=120.005, lat=31.005)
    assert count(lambda: actions.report(given, actor=world.worker, at=AT)) <= 5


def test_the_verbs_of_the_way_round_cost_no_more_than_nine_what_is_learnt_and_counted_among_them(
    world: World,
) -> None:
    factories.closed(world)  # what is kept in memory is loaded
    case = factories.registered(world)
    steps = [
        ("dispatch", world.operator, {"lead_unit_id": world.lead_unit}),
        ("sign_for", world.handler, {}),
        ("submit_result", world.handler, {"note": "已清运"}),
        ("verify_pass", world.operator, {}),
        ("close", world.operator, {}),
    ]
    costs = {
        verb: count(lambda v=verb, a=actor, d=details: actions.VERBS[v](case.pk, actor=a, at=AT + HOUR, **d))
        for verb, actor, details in steps
    }
    assert max(costs.values()) <= 9, costs
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_the_buttons_of_a_page_cost_nothing(world: World) -> None:
    file = open_file(Case.objects.select_related("region").get(pk=factories.handling(world).pk))
    assert count(lambda: choices(file, world.handler, AT + HOUR)) == 0


def test_a_file_costs_three_and_two_more_where_it_is_split(world: World) -> None:
    whole = actions.split(
        factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=[Part("垃圾"), Part("路面")]
    )
    costs = []
    for case in (factories.handled(world), whole):
        stored = Case.objects.select_related("region").get(pk=case.pk)
        costs.append(count(lambda c=stored: open_file(c)))
    assert costs == [3, 5]
