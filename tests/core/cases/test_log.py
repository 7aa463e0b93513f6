"""The log of a case, held against the case itself."""

import pytest
from django.db import transaction

from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import Fault, verify
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from tests.core.audit.factories import alter, remove, tamper
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, IN_STATE, World

pytestmark = pytest.mark.django_db


def test_the_log_of_every_state_is_whole(world: World) -> None:
    for build in IN_STATE.values():
        build(world)
    proof = verify()
    assert proof.is_whole, proof.broken
    assert proof.lines == Entry.objects.count()


def test_a_case_that_was_changed_behind_the_logs_back_is_named(world: World) -> None:
    case = factories.handling(world)
    Case.objects.filter(pk=case.pk).update(state="dispatched")
    (broken,) = verify().broken
    assert (broken.fault, broken.stream, broken.seq) == (Fault.HEAD, str(case.pk), 4)


def test_the_removal_of_a_cases_last_line_is_named_before_any_seal(world: World) -> None:
    case = factories.handling(world)
    remove(case.pk, 4)
    (broken,) = verify().broken
    assert (broken.fault, broken.stream, broken.seq) == (Fault.REMOVED, str(case.pk), 4)


def test_the_removal_of_a_cases_whole_log_is_named(world: World) -> None:
    case = factories.handling(world)
    tamper("DELETE FROM audit_entry WHERE stream = %s", case.pk)
    (broken,) = verify().broken
    assert (broken.fault, broken.stream, broken.seq) == (Fault.REMOVED, str(case.pk), 1)


def test_a_changed_line_is_named_among_others(world: World) -> None:
    factories.closed(world)
    case = factories.closed(world)
    alter("note = '没有问题'", case.pk, 5)
    (broken,) = verify().broken
    assert (broken.fault, broken.stream, broken.seq) == (Fault.CHANGED, str(case.pk), 5)


def test_a_verb_that_fails_leaves_neither_a_line_nor_a_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = factories.registered(world)
    lines = Entry.objects.count()
    monkeypatch.setattr(
        "gridloop.core.cases.actions.move.announce", lambda *_: (_ for _ in ()).throw(RuntimeError("handler"))
    )
    with pytest.raises(RuntimeError, match="handler"), transaction.atomic():
        actions.dispatch(case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.lead_unit)
    case.refresh_from_db()
    assert (case.state, case.version, Entry.objects.count()) == ("registered", 2, lines)
    assert not case.orders.exists()


def test_old_and_new_of_what_changed_are_in_the_line(world: World) -> None:
    case = factories.reported(world)
    actions.amend(case.pk, actor=world.operator, at=AT + HOUR, title="建筑垃圾", address="柳桥路 8 号")
    line = Entry.objects.stream(case.pk).last()
    assert line.data["changed"]["address"] == ["", "柳桥路 8 号"]
    assert line.data["changed"]["title"] == [case.title, "建筑垃圾"]
    assert (line.actor_label, line.unit_id) == (world.operator.label, world.operator.unit_id)
