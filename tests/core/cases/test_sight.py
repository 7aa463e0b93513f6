"""A unit that has left a case sees what had happened by then; nothing of what came after is its business."""

import pytest

from gridloop.base.common.errors import NotAllowed
from gridloop.core.cases import actions
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.sight import in_sight, left_at, lines_for, orders_for
from gridloop.core.org.actors import SYSTEM, Actor
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, MINUTE, World, add_person, send_back
from tests.core.cases.test_files import photo

pytestmark = pytest.mark.django_db


def attached(case: Case, actor: Actor, shade: int, at) -> str:
    checked = photo(shade)
    actions.attach(case.pk, actor=actor, at=at, files=[("现场.jpg", checked)])
    return checked.sha256


def sent_back_and_given_to_another(world: World) -> tuple[Case, str, str]:
    """The office sends the case back after a photo; the committee gets it and adds another."""
    case = factories.dispatched(world)
    before = attached(case, world.handler, 1, AT + 10 * MINUTE)
    send_back(world, case, AT + HOUR)
    committee = world.town.committee.pk
    actions.dispatch(case.pk, actor=world.operator, at=AT + 2 * HOUR, lead_unit_id=committee)
    after = attached(case, world.operator, 90, AT + 3 * HOUR)
    return Case.objects.get(pk=case.pk), before, after


def verbs(case: Case, actor: Actor) -> list[str]:
    return list(lines_for(case.pk, actor).order_by("seq").values_list("verb", flat=True))


def files(actor: Actor) -> set[str]:
    return set(Attachment.objects.readable_by(actor).values_list("sha256", flat=True))


def test_its_log_and_its_files_end_where_it_left(world: World) -> None:
    case, before, after = sent_back_and_given_to_another(world)
    assert verbs(case, world.handler) == ["report", "register", "dispatch", "attach", "send_back"]
    assert files(world.handler) == {before}
    assert verbs(case, world.operator)[5:] == ["dispatch", "attach"]
    assert files(world.operator) == {before, after}


def test_of_the_work_orders_it_sees_its_own(world: World) -> None:
    case, _before, _after = sent_back_and_given_to_another(world)
    file = open_file(Case.objects.select_related("region").get(pk=case.pk))
    assert {order.unit_id for order in orders_for(file, world.handler)} == {world.lead_unit}
    assert len(orders_for(file, world.leader)) == 2


@pytest.mark.parametrize("verb", ["annotate", "attach", "supplement"])
def test_it_adds_nothing_any_more(world: World, verb: str) -> None:
    case, _before, _after = sent_back_and_given_to_another(world)
    details = {"attach": {"files": [("迟到.jpg", photo(7))]}, "supplement": {"text": "还有"}}.get(verb, {})
    with pytest.raises(NotAllowed, match="已退出"):
        actions.VERBS[verb](case.pk, actor=world.handler, at=AT + 4 * HOUR, note="补一句", **details)


def test_it_sees_all_again_when_the_case_comes_back_to_it(world: World) -> None:
    case, before, after = sent_back_and_given_to_another(world)
    actions.transfer(
        case.pk,
        actor=world.operator,
        at=AT + 4 * HOUR,
        note="经核实属城管办",
        from_unit_id=world.town.committee.pk,
        to_unit_id=world.lead_unit,
    )
    assert files(world.handler) == {before, after}
    assert verbs(case, world.handler)[-1] == "transfer"


def test_a_recalled_and_a_replaced_unit_have_left_and_who_handled_it_to_the_end_has_not(
    world: World,
) -> None:
    recalled = factories.dispatched(world)
    actions.recall(recalled.pk, actor=world.operator, at=AT + HOUR, note="派错")
    reopened = factories.closed(world)
    actions.reopen(reopened.pk, actor=world.leader, at=AT + HOUR, note="又堆上了")
    left = {case.pk: left_at(_file(case), world.handler) for case in (recalled, reopened)}
    assert left == {recalled.pk: AT + HOUR, reopened.pk: None}
    assert verbs(reopened, world.handler)[-1] == "reopen"


def test_who_reported_it_sees_all_of_it_from_whatever_unit(world: World) -> None:
    case = actions.report(factories.intake(world), actor=world.handler, at=AT)
    actions.register(case.pk, actor=world.operator, at=AT)
    actions.dispatch(case.pk, actor=world.operator, at=AT, lead_unit_id=world.lead_unit)
    send_back(world, case, AT + HOUR)
    actions.annotate(case.pk, actor=world.operator, at=AT + 2 * HOUR, note="待重派")
    colleague = add_person(world, Role.HANDLER, "office", "town", "colleague")
    assert verbs(case, world.handler)[-1] == "annotate"
    assert verbs(case, colleague)[-1] == "send_back"


@pytest.mark.parametrize("role", sorted(factories.SEATS))
def test_one_file_and_many_rows_are_judged_alike(world: World, role: Role) -> None:
    actor = world.actors[role]
    given, _before, _after = sent_back_and_given_to_another(world)
    for case in (given, factories.closed(world), factories.handling(world)):
        left, lines = left_at(_file(case), actor), lines_for(case.pk, SYSTEM)
        by_rows = set(lines.filter(in_sight(actor, "stream")).values_list("seq", flat=True))
        by_file = lines if left is None else lines.filter(at__lte=left)
        assert by_rows == set(by_file.values_list("seq", flat=True))


def _file(case: Case):
    return open_file(Case.objects.select_related("region").get(pk=case.pk))
