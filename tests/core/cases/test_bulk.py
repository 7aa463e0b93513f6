"""Cases stored by COPY are the same, row for row and line for line, as those stored one by one."""

from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from gridloop.base.common.ids import id_at
from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import verify
from gridloop.core.cases import actions
from gridloop.core.cases.actions import VERBS, ReporterData
from gridloop.core.cases.actions.intake import begin, numbers
from gridloop.core.cases.actions.move import store
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import TABLES, CaseFile, Times
from gridloop.core.cases.errors import InvalidTransition
from gridloop.core.cases.models import Case, Feedback, Reporter
from gridloop.core.org.permissions import Role
from tests.core.cases.factories import AT, DAY, MINUTE, World, holder_of, intake

pytestmark = pytest.mark.django_db

DIFFER = {
    "id",
    "tracking_code",
    "number",
    "case",
    "order",
    "log_head",
    "hash",
    "prev",
    "stream",
    "recorded_at",
}


def history(world: World, seed: str) -> CaseFile:
    """Take a case round the loop in memory, by the same verbs as a person's."""
    at = AT
    given = intake(world, reporter=ReporterData(name="王小明", phone="13800001234"), lon=120.005, lat=31.005)
    file = begin(
        given,
        actor=world.worker,
        at=at,
        key=id_at(at, seed=seed),
        number=numbers(at, 1)[0],
        times=Times.now_in_force(),
    )
    lead = {"lead_unit_id": world.lead_unit, "assist_unit_ids": [world.town.committee.pk]}
    steps: list[tuple[str, Any, dict[str, Any]]] = [
        ("register", world.operator, {}),
        ("dispatch", world.operator, {"lead_unit_id": world.lead_unit}),
        ("send_back", world.handler, {"reason": "other_unit", "note": "非本单位"}),
        ("dispatch", world.operator, lead),
        ("sign_for", world.handler, {}),
        ("request_extension", world.handler, {"amount": 2, "note": "等配件"}),
        ("grant_extension", world.leader, {}),
        ("submit_result", world.handler, {"note": "已清运"}),
        ("sign_for", world.actors[Role.SECRETARY], {}),
        ("submit_result", world.actors[Role.SECRETARY], {"note": "已复绿"}),
        ("verify_fail", world.operator, {"note": "有残留"}),
        ("submit_result", world.handler, {"note": "已清净"}),
        ("submit_result", world.actors[Role.SECRETARY], {"note": "已复绿"}),
        ("verify_pass", world.operator, {}),
        ("close", world.operator, {}),
    ]
    for n, (verb, actor, details) in enumerate(steps):
        VERBS[verb].on(file, actor=actor, at=at + n * MINUTE, **details)
    VERBS["rate"].on(file, actor=holder_of(file.case), at=at + DAY, attitude=5, result=2)
    return file


def rows_of(case: Case) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a case, without the keys, in the order in which they were made."""
    found = {}
    for model in (*TABLES, Entry):
        key = {"Case": "pk", "Entry": "stream", "CaseLink": "first"}.get(model.__name__, "case")
        rows = model._default_manager.filter(**{key: case.pk})
        found[model.__name__] = sorted((_plain(row) for row in rows), key=repr)
    return found


def _plain(row: models.Model) -> dict[str, Any]:
    values = {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in DIFFER}
    if "data" in values:
        values["data"] = {k: v for k, v in values["data"].items() if k not in ("order", "request", "digest")}
    return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in values.items()}


def test_the_rows_and_the_log_are_the_same_as_one_by_one(world: World) -> None:
    alone, *many = (history(world, str(n)) for n in range(4))
    store(alone)
    store_many(many)
    single = rows_of(alone.case)
    assert [len(single[name]) for name in ("Case", "WorkOrder", "Feedback", "Reporter", "Entry")] == [
        1,
        3,
        1,
        1,
        17,
    ]
    for file in many:
        assert rows_of(file.case) == single
    assert verify().is_whole
    assert {r.name for r in Reporter.objects.all()} == {"王小明"}


def test_a_case_stored_by_copy_goes_on_like_any_other(world: World) -> None:
    file = history(world, "x")
    store_many([file])
    case = actions.reopen(file.case.pk, actor=world.leader, at=AT + DAY, note="不满意")
    assert (case.state, case.version, case.needs_review) == ("registered", 18, False)
    assert verify().is_whole


def test_what_the_rules_refuse_is_refused_in_memory_too(world: World) -> None:
    file = history(world, "x")
    with pytest.raises(InvalidTransition):
        VERBS["register"].on(file, actor=world.operator, at=AT)


def test_one_that_is_there_already_stops_them_all(world: World) -> None:
    store_many([history(world, "x")])
    with pytest.raises(IntegrityError), transaction.atomic():
        store_many([history(world, "y"), history(world, "x")])
    assert (Case.objects.count(), Feedback.objects.count()) == (1, 1)


def test_nothing_to_store_is_no_fault(world: World) -> None:
    store_many([])
    assert not Case.objects.exists()
