"""No deadline becomes late in silence: each moment is told once, however late the sweep comes by."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.oversight.actions import drop_step, save_step, sweep
from gridloop.capabilities.oversight.models import Alert, AlertLevel, ChainStep, Watch
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case, Clock
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, handling, make_world, registered

pytestmark = pytest.mark.django_db


def clock_of(case: Case) -> Clock:
    return case.clocks.running().get()


def told(case: Case) -> list[tuple[str, str, datetime]]:
    """What was noted of a case: level, measure of the step, and the moment at which it should have been."""
    alerts = Alert.objects.filter(case=case).select_related("step").order_by("moment", "pk")
    return [(a.level, a.step.share or a.step.amount, a.moment) for a in alerts]


def titles(user_id: int) -> list[str]:
    return list(
        Notice.objects.filter(user=user_id, topic="oversight.alert")
        .order_by("pk")
        .values_list("title", flat=True)
    )


def minute_by_minute(start: datetime, end: datetime, every: timedelta) -> None:
    while start <= end:
        sweep(at=start)
        start += every


# once, at its moment ----------------------------------------------------------------------------------------


def test_a_deadline_warns_in_its_working_time_and_is_late_at_its_end(world: World):
    case = handling(world)
    clock = clock_of(case)
    sweep(at=AT + HOUR)
    assert told(case) == []
    sweep(at=clock.due_at + MINUTE)
    levels = [(level, measure) for level, measure, _moment in told(case)]
    assert levels == [("warn", 75), ("overdue", 0)]
    warned, late = (moment for _level, _measure, moment in told(case))
    assert clock.started_at < warned < late == clock.due_at


def test_after_hours_of_downtime_each_moment_is_told_once_with_the_time_it_should_have_been(world: World):
    steady, asleep = handling(world), handling(world)
    due = clock_of(steady).due_at
    Watch.objects.all().delete()
    minute_by_minute(AT, due + 30 * HOUR, HOUR)
    known = {(a.case_id, a.step_id): a.moment for a in Alert.objects.all()}
    Alert.objects.filter(case=asleep).delete()
    Watch.objects.filter(clock__case=asleep).delete()

    late = due + 40 * HOUR
    sweep(at=late)
    again = {(a.case_id, a.step_id): a.moment for a in Alert.objects.filter(case=asleep)}
    assert again == {key: moment for key, moment in known.items() if key[0] == asleep.pk}
    assert set(Alert.objects.filter(case=asleep).values_list("made_at", flat=True)) == {late}
    count = Alert.objects.count(), Notice.objects.count()
    sweep(at=late)
    sweep(at=late + MINUTE)
    assert (Alert.objects.count(), Notice.objects.count()) == count


def test_the_chain_goes_up_from_the_handler_to_the_leader(world: World):
    case = handling(world)
    due = clock_of(case).due_at
    handler, lead = world.handler.user_id, world.actors[Role.UNIT_LEAD].user_id
    sweep(at=due - MINUTE)
    assert [t.startswith("预警") for t in titles(handler)] == [True]
    assert titles(lead) == titles(world.operator.user_id) == titles(world.leader.user_id) == []
    sweep(at=due)
    assert titles(handler)[1:] == titles(lead) != []
    sweep(at=due + 8 * HOUR + 15 * HOUR)
    assert len(titles(world.operator.user_id)) == 1
    assert titles(world.leader.user_id) == []
    sweep(at=due + 3 * DAY)
    assert len(titles(world.leader.user_id)) == 1
    assert len(titles(handler)) == 2


def test_what_the_centre_has_in_hand_is_told_its_operators(world: World):
    case = registered(world)
    sweep(at=clock_of(case).due_at)
    assert len(titles(world.operator.user_id)) == 1
    assert titles(world.handler.user_id) == []


def test_somebody_told_of_many_at_once_hears_of_them_as_one(world: World):
    cases = [handling(world, AT + n * MINUTE) for n in range(8)]
    sweep(at=max(clock_of(case).due_at for case in cases))
    assert titles(world.handler.user_id) == ["8 件案件已经超期"]
    assert Alert.objects.filter(level="overdue", step__amount=0).count() == 8


# quiet hours ------------------------------------------------------------------------------------------------


def test_only_what_is_urgent_may_go_out_at_night(world: World):
    plain, critical = handling(world), handling(world, urgency="critical")
    sweep(at=AT + 30 * DAY)
    urgent = dict(Notice.objects.filter(user=world.handler.user_id).values_list("case", "is_urgent"))
    assert urgent == {plain.pk: False, critical.pk: True}


# clocks that stand still, and those that were extended ------------------------------------------------------


@pytest.mark.parametrize("still", [factories.suspended, factories.escalated, factories.merged])
def test_a_clock_that_stands_still_tells_nobody(world: World, still):
    case = still(world)
    Alert.objects.all().delete()
    sweep(at=AT + 9 * DAY)
    assert not Alert.objects.filter(case=case).exists()


def test_a_clock_that_is_stopped_before_its_end_tells_nobody(world: World):
    case = handling(world)
    due = clock_of(case).due_at
    sweep(at=AT + HOUR)
    actions.submit_result(case.pk, actor=world.handler, at=AT + 2 * HOUR, note="已清运")
    sweep(at=due + MINUTE)
    stages = set(Alert.objects.filter(case=case).values_list("clock__stage", flat=True))
    assert "handle" not in stages


def test_an_extended_clock_warns_afresh_of_its_new_end(world: World):
    case = handling(world)
    old = clock_of(case).due_at
    sweep(at=old - MINUTE)
    actions.request_extension(case.pk, actor=world.handler, at=old - MINUTE, amount=2, note="缺材料")
    actions.grant_extension(case.pk, actor=world.leader, at=old - MINUTE)
    new = clock_of(case).due_at
    sweep(at=old + MINUTE)
    assert [level for level, *_ in told(case)] == ["warn"]
    sweep(at=new)
    assert [level for level, *_ in told(case)] == ["warn", "warn", "overdue"]
    assert told(case)[-1][2] == new > old


def test_a_resumed_clock_is_not_told_again_what_was_told(world: World):
    case = handling(world)
    due = clock_of(case).due_at
    sweep(at=due)
    before = told(case)
    actions.request_suspension(
        case.pk, actor=world.handler, at=due + MINUTE, until=due + 5 * DAY, note="等许可"
    )
    actions.grant_suspension(case.pk, actor=world.leader, at=due + 2 * MINUTE)
    sweep(at=due + 2 * DAY)
    actions.resume(case.pk, actor=world.operator, at=due + 2 * DAY + HOUR)
    sweep(at=due + 2 * DAY + HOUR)
    assert told(case)[: len(before)] == before
    assert [measure for _level, measure, _at in told(case)].count(75) == 1


# the invariant ----------------------------------------------------------------------------------------------


def test_nothing_becomes_overdue_in_silence(world: World):
    """Every running clock past its end has an alert, and of each somebody was told, or the desk says that nobody could be."""
    for offset, make in enumerate(factories.IN_STATE.values()):
        make(world, AT + offset * HOUR)
    lonely = actions.dispatch(
        registered(world).pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.town.committee.pk
    )
    Post.objects.filter(unit=world.town.committee).update(ends_on=timezone.localdate(AT))
    from gridloop.core.org.revisions import bump

    bump("posts")
    for day in range(1, 40):
        now = AT + day * DAY
        sweep(at=now)
        late = Clock.objects.running().filter(due_at__lte=now)
        silent = [c for c in late if not Alert.objects.filter(clock=c, level=AlertLevel.OVERDUE).exists()]
        assert silent == []
    unheard = set(Alert.objects.unheard().values_list("case", flat=True))
    heard = set(Alert.objects.filter(told__gt=0, level=AlertLevel.OVERDUE).values_list("clock", flat=True))
    assert {c.pk for c in Clock.objects.running().filter(due_at__lte=now)} - heard <= set(
        Alert.objects.unheard().values_list("clock", flat=True)
    )
    assert lonely.pk in unheard


def test_without_any_chain_a_late_deadline_still_shows(world: World):
    case = handling(world)
    sweep(at=AT + HOUR)
    for step in list(ChainStep.objects.filter(is_active=True)):
        drop_step(step.pk, actor=world.leader, at=AT + HOUR)
    sweep(at=clock_of(case).due_at)
    alert = Alert.objects.get(case=case)
    assert (alert.step, alert.told) == (None, 0)
    assert list(Alert.objects.unheard()) == [alert]


# rules that change ------------------------------------------------------------------------------------------


def test_a_new_step_is_asked_of_every_running_clock(world: World):
    case = handling(world)
    sweep(at=AT + HOUR)
    step = save_step(
        None,
        actor=world.leader,
        at=AT + HOUR,
        level="warn",
        whom=["leader"],
        stage="handle",
        share=1,
        words="请关注",
    )
    sweep(at=AT + 2 * HOUR)
    assert [a.step_id for a in Alert.objects.filter(case=case)] == [step.pk]
    notice = Notice.objects.get(user=world.leader.user_id)
    assert "请关注" in notice.body


# two workers, and cost --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_moment_once(transactional_db: None):
    world = make_world()
    for n in range(12):
        handling(world, AT + n * MINUTE, urgency="urgent")
    now = AT + 20 * DAY
    sweep(at=AT)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            sweep(at=now, batch=3)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sweep(at=now)
    pairs = list(Alert.objects.values_list("clock", "step"))
    assert len(pairs) == len(set(pairs)) == 12 * 4
    told_of = list(Notice.objects.filter(user=world.handler.user_id).values_list("once", flat=True))
    assert len(told_of) == len(set(told_of))
    assert set(Notice.objects.filter(user=world.handler.user_id).values_list("case", flat=True)) == set(
        Case.objects.values_list("pk", flat=True)
    )


def test_a_batch_costs_the_same_statements_for_few_and_for_many(world: World):
    def cost(count: int, at: datetime) -> int:
        for n in range(count):
            handling(world, at + n * MINUTE)
        sweep(at=at + HOUR)
        with CaptureQueriesContext(connection) as seen:
            sweep(at=at + 4 * DAY)
        return len(seen.captured_queries)

    few = cost(3, AT)
    many = cost(60, AT + 7 * DAY)
    assert many <= few


def test_a_sweep_with_nothing_to_tell_costs_next_to_nothing(world: World):
    for n in range(5):
        handling(world, AT + n * MINUTE)
    sweep(at=AT + HOUR)
    with CaptureQueriesContext(connection) as seen:
        sweep(at=AT + HOUR + MINUTE)
    asked = [q["sql"] for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= 6, asked
