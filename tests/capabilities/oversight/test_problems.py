"""Problem cases: kept in step with the loop, the same when made anew, told one level up, supervised by rule."""

import pytest

from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.oversight.actions import (
    note_problem,
    raise_problems,
    rebuild_problems,
    save_problem_rules,
)
from gridloop.capabilities.oversight.models import ProblemCase, ProblemKind, Supervision
from gridloop.capabilities.oversight.problems import Threshold
from gridloop.core.cases import actions
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.models import Case
from tests.core.cases.factories import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    World,
    closed,
    dispatched,
    handled,
    handling,
    last_line,
)

pytestmark = pytest.mark.django_db


def rework(world: World, case: Case, times: int) -> Case:
    for n in range(times):
        at = AT + HOUR + n * 10 * MINUTE
        case = actions.verify_fail(case.pk, actor=world.operator, at=at, note="没有清完")
        actions.submit_result(case.pk, actor=world.handler, at=at + MINUTE, note="已清")
    return case


def transfer(world: World, case: Case, times: int) -> None:
    units = [world.town.office.pk, world.town.committee.pk]
    for n in range(times):
        actions.transfer(
            case.pk, actor=world.operator, at=AT + HOUR + n * MINUTE, note="改派",
            from_unit_id=units[n % 2], to_unit_id=units[(n + 1) % 2],
        )  # fmt: skip


def kinds(case: Case) -> set[str]:
    return set(ProblemCase.objects.filter(case=case).values_list("kind", flat=True))


def test_the_third_rework_makes_a_problem_case_and_the_second_does_not(world: World):
    case = handled(world)
    rework(world, case, 2)
    assert kinds(case) == set()
    actions.verify_fail(case.pk, actor=world.operator, at=AT + DAY, note="还是没清完")
    assert kinds(case) == {"rework"}
    assert ProblemCase.objects.get().since == AT + DAY


def test_the_third_transfer_does_and_so_does_sending_a_unit_the_same_case_again(world: World):
    case = dispatched(world)
    transfer(world, case, 2)
    assert kinds(case) == set()
    transfer(world, dispatched(world), 1)
    actions.transfer(
        case.pk, actor=world.operator, at=AT + DAY, note="再改派",
        from_unit_id=world.town.office.pk, to_unit_id=world.town.committee.pk,
    )  # fmt: skip
    assert kinds(case) == {"transfer", "repeat"}


def test_a_case_that_comes_back_to_the_unit_after_its_end_is_sent_again(world: World):
    case = closed(world)
    actions.reopen(case.pk, actor=world.leader, at=AT + DAY, note="又堆上了")
    again = {"actor": world.operator, "lead_unit_id": world.lead_unit}
    actions.dispatch(case.pk, at=AT + DAY + HOUR, **again)
    assert kinds(case) == set()
    actions.recall(case.pk, actor=world.operator, at=AT + DAY + 2 * HOUR, note="派错了")
    actions.dispatch(case.pk, at=AT + DAY + 3 * HOUR, **again)
    assert kinds(case) == {"repeat"}


def test_made_anew_from_orders_and_log_the_list_is_the_same(world: World):
    transfer(world, dispatched(world), 5)
    rework(world, handled(world), 4)
    handling(world)
    kept = list(ProblemCase.objects.order_by("case", "kind").values_list("case", "kind", "since"))
    assert len(kept) == 3
    assert rebuild_problems() == (0, 0)
    ProblemCase.objects.filter(kind="rework").delete()
    ProblemCase.objects.update(since=AT - DAY)
    ProblemCase.objects.create(case=handling(world), kind="repeat", since=AT)
    assert rebuild_problems() == (3, 1)
    assert list(ProblemCase.objects.order_by("case", "kind").values_list("case", "kind", "since")) == kept


def test_the_leader_is_told_once_and_the_rule_supervises(world: World):
    case = handled(world)
    rework(world, case, 2)
    actions.verify_fail(case.pk, actor=world.operator, at=AT + DAY, note="还是没清完")
    assert raise_problems(at=AT + DAY) == 1
    assert raise_problems(at=AT + DAY + HOUR) == 0
    titles = Notice.objects.filter(user=world.leader.user_id, topic="oversight.problem").values_list("title")
    assert [title for (title,) in titles] == [f"问题工单：{case.number} 多次返工"]
    slip = Supervision.objects.get()
    assert (slip.cause, slip.unit_id, slip.issued_as) == ("problem", world.lead_unit, "系统")


def test_thresholds_are_data_and_0_switches_a_kind_off(world: World):
    case = handled(world)
    rework(world, case, 2)
    rules = {ProblemKind.REWORK: Threshold(2, is_supervised=False), ProblemKind.REPEAT: Threshold(0)}
    assert save_problem_rules(rules, actor=world.leader, at=AT + DAY) == (1, 0)
    assert kinds(case) == {"rework"}
    raise_problems(at=AT + DAY)
    assert not Supervision.objects.exists()
    other = dispatched(world)
    transfer(world, other, 2)
    assert kinds(other) == set()


def test_keeping_the_list_costs_a_plain_verb_no_statement(world: World, django_assert_num_queries):
    case = dispatched(world)
    transfer(world, case, 1)
    file = open_file(Case.objects.select_related("region").get(pk=case.pk))
    entry = last_line(case)
    with django_assert_num_queries(0):
        note_problem(file, entry)
