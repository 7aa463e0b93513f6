"""One confirmation for many cases: what is planned, done, left out, and taken back."""

from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.dispatch import tasks
from gridloop.capabilities.dispatch.actions import batches, limits, previews
from gridloop.capabilities.dispatch.errors import BatchClosed
from gridloop.capabilities.dispatch.models import Batch, BatchItem
from gridloop.capabilities.dispatch.planning import Wish
from gridloop.core.cases import actions
from gridloop.core.cases.actions.move import Verb
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.cases.workflow import State
from tests.capabilities.dispatch.conftest import with_duty
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, MINUTE, World, last_line

LATER = AT + 5 * MINUTE


def queue(world: World, count: int = 3) -> list[Case]:
    return [factories.registered(world) for _n in range(count)]


def keys(cases: list[Case]) -> list[UUID]:
    return [case.pk for case in cases]


def previewed(world: World, cases: list[Case], **how: object) -> Batch:
    return previews.preview(keys(cases), actor=world.operator, at=LATER, **how)


def carried_out(world: World, cases: list[Case], **how: object) -> Batch:
    batch = previewed(world, cases, **how)
    batches.confirm(batch.pk, actor=world.operator, at=LATER)
    assert batches.carry_out(batch.pk, at=LATER)
    batch.refresh_from_db()
    return batch


def results(batch: Batch) -> list[tuple[str, str]]:
    return list(batch.items.order_by("position").values_list("result", "left_out"))


def states(cases: list[Case]) -> list[str]:
    found = dict(Case.objects.filter(pk__in=keys(cases)).values_list("pk", "state"))
    return [found[case.pk] for case in cases]


def test_a_preview_says_where_each_case_goes_and_why_and_dispatches_nothing(world: World):
    cases = queue(world)
    batch = previewed(world, cases)
    item = batch.items.first()
    assert (item.unit_id, item.rank, item.version) == (world.lead_unit, 1, cases[0].version)
    assert "综合执法局" in item.words
    assert item.options[0]["terms"][0]["label"]
    assert states(cases) == ["registered"] * 3


def test_one_confirmation_dispatches_every_case_and_the_log_names_the_batch(world: World):
    cases = queue(world)
    batch = carried_out(world, cases)
    assert batch.state == "done"
    assert results(batch) == [("dispatched", "")] * 3
    for case in cases:
        line = last_line(case)
        assert (line.verb, line.note) == ("dispatch", f"一键派遣第{batch.pk}批")
        assert line.user_id == world.operator.user_id


def test_a_case_for_which_a_person_has_to_judge_is_left_out_with_the_reason(world: World):
    case = factories.registered(world, category_id=world.catalogue.weeds.pk)
    batch = previewed(world, [case, *queue(world, 1)])
    item = batch.items.get(case=case)
    assert (item.result, item.left_out) == ("left_out", "ask")
    assert item.reason


def test_a_case_that_changed_since_the_preview_is_left_out_and_says_what_happened(world: World):
    cases = queue(world)
    batch = previewed(world, cases)
    actions.annotate(cases[1].pk, actor=world.leader, at=LATER, note="已与居民约好周五上门")
    actions.withdraw(cases[2].pk, actor=factories.holder_of(cases[2]), at=LATER)
    batches.confirm(batch.pk, actor=world.operator, at=LATER)
    batches.carry_out(batch.pk, at=LATER)
    assert results(batch) == [("dispatched", ""), ("left_out", "changed"), ("left_out", "changed")]
    reasons = list(batch.items.order_by("position").values_list("reason", flat=True))
    assert "批注" in reasons[1]
    assert "撤销上报" in reasons[2]
    assert states(cases) == ["dispatched", "registered", "withdrawn"]


def test_a_unit_that_was_closed_down_meanwhile_leaves_the_case_whole_in_the_queue(world: World):
    cases = queue(world, 1)
    batch = previewed(world, cases)
    world.town.office.is_active = False
    world.town.office.save()
    batches.confirm(batch.pk, actor=world.operator, at=LATER)
    batches.carry_out(batch.pk, at=LATER)
    assert results(batch) == [("left_out", "refused")]
    assert not WorkOrder.objects.exists()
    assert states(cases) == ["registered"]


def test_a_case_at_which_the_program_breaks_is_left_out_with_a_reason_and_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    cases = queue(world)
    batch = previewed(world, cases)
    batches.confirm(batch.pk, actor=world.operator, at=LATER)

    def breaks(verb: Verb, case_id: UUID, **how: object) -> Case:
        if case_id == cases[1].pk:
            raise KeyError(case_id)
        return verb(case_id, **how)

    with monkeypatch.context() as patch:
        patch.setattr(batches, "dispatch", partial(breaks, actions.dispatch))
        assert batches.carry_out(batch.pk, at=LATER)
    assert results(batch) == [("dispatched", ""), ("left_out", "refused"), ("dispatched", "")]
    assert "程序出错" in batch.items.get(case=cases[1]).reason
    assert states(cases) == ["dispatched", "registered", "dispatched"]
    batches.undo(batch.pk, actor=world.operator, at=LATER)
    cases[1] = cases[0]
    with monkeypatch.context() as patch:
        patch.setattr(batches, "recall", partial(breaks, actions.recall))
        assert batches.carry_out(batch.pk, at=LATER)
    assert [result for result, _why in results(batch)] == ["kept", "left_out", "recalled"]


def test_a_second_confirmation_and_a_second_job_do_nothing_twice(world: World):
    cases = queue(world)
    batch = carried_out(world, cases)
    batches.confirm(batch.pk, actor=world.operator, at=LATER + HOUR)
    tasks.carry_out(batch.pk)
    batch.refresh_from_db()
    assert WorkOrder.objects.count() == 3
    assert batch.confirmed_at == LATER


def test_a_process_that_falls_in_the_middle_leaves_a_batch_that_goes_on_by_itself(world: World):
    cases = queue(world)
    batch = previewed(world, cases)
    batches.confirm(batch.pk, actor=world.operator, at=LATER)
    assert ProcrastinateJob.objects.filter(task_name=batches.CARRY_OUT, args={"batch_id": batch.pk}).exists()
    assert not batches.carry_out(batch.pk, at=LATER, most=1)
    assert states(cases) == ["dispatched", "registered", "registered"]
    tasks.resume_batches(0)
    assert states(cases) == ["dispatched"] * 3
    assert WorkOrder.objects.count() == 3


def test_the_person_may_choose_another_proposal_or_any_unit_for_single_cases_or_one_unit_for_all(
    world: World,
):
    cases, committee = queue(world), world.town.committee
    batch = previewed(world, cases, wishes={cases[1].pk: Wish(unit_id=committee.pk)})
    previews.choose(batch.pk, cases[2].pk, wish=Wish(unit_id=committee.pk), actor=world.operator)
    previews.leave_out(batch.pk, cases[0].pk, actor=world.operator)
    batches.confirm(batch.pk, actor=world.operator, at=LATER)
    batches.carry_out(batch.pk, at=LATER)
    assert results(batch) == [("left_out", "by_hand"), ("dispatched", ""), ("dispatched", "")]
    assert set(WorkOrder.objects.values_list("unit", flat=True)) == {committee.pk}
    assert batch.items.filter(is_by_hand=True, rank=None).count() == 2


def test_what_a_person_took_out_can_be_put_back_and_what_nobody_could_place_needs_a_unit(world: World):
    weeds = factories.registered(world, category_id=world.catalogue.weeds.pk)
    cases = [*queue(world, 1), weeds]
    batch = previewed(world, cases)
    previews.leave_out(batch.pk, cases[0].pk, actor=world.operator)
    assert previews.take_in(batch.pk, cases[0].pk, actor=world.operator).result == "planned"
    with pytest.raises(InvalidInput):
        previews.take_in(batch.pk, weeds.pk, actor=world.operator)
    previews.choose(batch.pk, weeds.pk, wish=Wish(unit_id=world.lead_unit), actor=world.operator)
    assert batch.items.planned().count() == 2


def test_a_unit_s_limit_leaves_what_is_too_much_to_a_person(world: World):
    limits.set_limit(world.lead_unit, most=2, most_each=None, actor=world.leader, at=AT)
    factories.dispatched(world)
    batch = previewed(world, queue(world))
    assert sorted(results(batch)) == [("left_out", "full"), ("left_out", "full"), ("planned", "")]
    assert "承接上限" in batch.items.filter(left_out="full").first().reason


def test_a_batch_is_undone_as_far_as_nobody_has_signed(world: World):
    cases = queue(world)
    batch = carried_out(world, cases)
    actions.sign_for(cases[1].pk, actor=world.handler, at=LATER + MINUTE)
    batches.undo(batch.pk, actor=world.operator, at=LATER + 2 * MINUTE)
    assert batches.carry_out(batch.pk, at=LATER + 2 * MINUTE)
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert [result for result, _why in results(batch)] == ["recalled", "kept", "recalled"]
    assert states(cases) == ["registered", "handling", "registered"]
    assert last_line(cases[0]).note == f"撤销一键派遣第{batch.pk}批"
    assert "处置中" in batch.items.get(case=cases[1]).reason


def test_what_somebody_dispatched_anew_is_not_taken_from_them(world: World):
    cases = queue(world, 1)
    batch = carried_out(world, cases)
    actions.recall(cases[0].pk, actor=world.leader, at=LATER, note="另派")
    actions.dispatch(cases[0].pk, actor=world.leader, at=LATER, lead_unit_id=world.town.committee.pk)
    batches.undo(batch.pk, actor=world.operator, at=LATER + MINUTE)
    batches.carry_out(batch.pk, at=LATER + MINUTE)
    assert results(batch) == [("kept", "")]
    assert states(cases) == ["dispatched"]


def test_a_batch_is_undone_once_and_not_after_its_time(world: World):
    batch = carried_out(world, queue(world, 1))
    with pytest.raises(BatchClosed):
        batches.undo(batch.pk, actor=world.operator, at=LATER + timedelta(minutes=10, seconds=1))
    batches.undo(batch.pk, actor=world.operator, at=LATER + timedelta(minutes=10))
    batches.carry_out(batch.pk, at=LATER + timedelta(minutes=10))
    undone = batches.undo(batch.pk, actor=world.operator, at=LATER + HOUR)
    assert (undone.state, undone.undone_at) == ("undone", LATER + timedelta(minutes=10))
    with pytest.raises(BatchClosed):
        previews.leave_out(batch.pk, batch.items.get().case_id, actor=world.operator)


def test_only_who_dispatches_makes_a_batch_and_others_do_not_see_it(world: World):
    cases = queue(world, 1)
    with pytest.raises(NotAllowed):
        previews.preview(keys(cases), actor=world.handler, at=LATER)
    batch = previewed(world, cases)
    stranger = factories.add_person(world, factories.Role.OPERATOR, "centre", "town", "another")
    with pytest.raises(NotFound):
        batches.confirm(batch.pk, actor=stranger, at=LATER)
    assert Batch.objects.visible_to(world.leader).filter(pk=batch.pk).exists()


def test_cases_of_another_place_and_cases_in_adjudication_are_passed_over(world: World):
    elsewhere = factories.registered(world, region_id=world.town.other_village.pk)
    apart = factories.registered(world)
    Case.objects.filter(pk=apart.pk).update(is_adjudicating=True)
    local = factories.add_person(world, factories.Role.OPERATOR, "centre", "village", "local")
    with pytest.raises(InvalidInput):
        previews.preview([elsewhere.pk, apart.pk], actor=local, at=LATER)


def test_previews_that_nobody_confirmed_are_forgotten_and_confirmed_batches_are_not(world: World):
    kept = carried_out(world, queue(world, 1))
    previewed(world, queue(world, 1))
    assert previews.drop_old_previews(before=LATER + MINUTE) == 1
    assert list(Batch.objects.all()) == [kept]
    assert BatchItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_carry_out_the_same_batch_at_once_dispatch_each_case_once(transactional_db: None):
    world = with_duty(factories.make_world())
    cases = queue(world, 8)
    batch = previewed(world, cases)
    batches.confirm(batch.pk, actor=world.operator, at=LATER)
    barrier, fell = Barrier(2), []

    def carry() -> None:
        try:
            barrier.wait()
            batches.carry_out(batch.pk, at=LATER)
        except Exception as error:  # noqa: BLE001  # told to the test below
            fell.append(error)
        finally:
            connection.close()

    threads = [Thread(target=carry) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch.refresh_from_db()
    assert fell == []
    assert batch.state == "done"
    assert WorkOrder.objects.count() == 8
    assert states(cases) == [State.DISPATCHED] * 8


def test_the_job_is_written_in_the_confirmation_s_own_transaction(world: World):
    batch = previewed(world, queue(world, 1))

    @transaction.atomic
    def confirm_and_fall() -> None:
        batches.confirm(batch.pk, actor=world.operator, at=LATER)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        confirm_and_fall()
    assert not ProcrastinateJob.objects.filter(task_name=batches.CARRY_OUT).exists()
    assert Batch.objects.get().state == "preview"
