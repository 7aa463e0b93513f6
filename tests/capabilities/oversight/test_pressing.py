"""Reminders and supervision slips: by those entitled, once for each cause, to the unit's own people."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.oversight.actions import (
    release,
    remind,
    remind_many,
    reply,
    return_reply,
    supervise,
    sweep,
)
from gridloop.capabilities.oversight.models import Alert, Reminder, Supervision
from gridloop.capabilities.oversight.policies import AlreadyPressed, NothingToPress, SlipMoved
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, handling, last_line, make_world

pytestmark = pytest.mark.django_db


def slip_on(world: World, case: Case, **changes) -> Supervision:
    given = {
        "unit_id": world.lead_unit,
        "cause": "overdue",
        "demand": "三日内清运完毕并报告",
        "reply_by": timezone.localdate(AT) + timedelta(days=2),
    }
    return supervise(case.pk, actor=world.leader, at=AT + HOUR, **given | changes)


def titles(actor, topic: str) -> list[str]:
    found = Notice.objects.filter(user=actor.user_id, topic=topic).order_by("pk")
    return list(found.values_list("title", flat=True))


# reminders --------------------------------------------------------------------------------------------------


def test_a_reminder_reaches_the_unit_and_stands_in_the_log(world: World):
    case = handling(world)
    row = remind(case.pk, actor=world.operator, at=AT + HOUR, cause="asked", note="群众第二次来电")
    assert row.told == 2
    for who in (world.handler, world.actors[Role.UNIT_LEAD]):
        assert titles(who, "oversight.remind") == [f"催办：{case.number} 上报人催问"]
    line = last_line(case)
    assert (line.verb, line.note) == ("annotate", "催办（上报人催问）：群众第二次来电")


def test_of_one_case_and_cause_there_is_one_reminder(world: World):
    case = handling(world)
    remind(case.pk, actor=world.operator, at=AT + HOUR, cause="asked")
    version = Case.objects.get(pk=case.pk).version
    with pytest.raises(AlreadyPressed):
        remind(case.pk, actor=world.leader, at=AT + 2 * HOUR, cause="asked")
    assert Case.objects.get(pk=case.pk).version == version
    remind(case.pk, actor=world.leader, at=AT + 2 * HOUR, cause="silent")
    assert Reminder.objects.count() == 2


def test_a_deadline_is_reminded_of_again_only_after_it_was_extended(world: World):
    case = handling(world)
    with pytest.raises(InvalidInput):
        remind(case.pk, actor=world.operator, at=AT + HOUR, cause="overdue")
    due = case.clocks.running().get().due_at
    actions.request_extension(case.pk, actor=world.handler, at=due, amount=1, note="缺材料")
    remind(case.pk, actor=world.operator, at=due + HOUR, cause="overdue")
    with pytest.raises(AlreadyPressed):
        remind(case.pk, actor=world.operator, at=due + 2 * HOUR, cause="overdue")
    actions.grant_extension(case.pk, actor=world.leader, at=due + 3 * HOUR)
    new = case.clocks.running().get().due_at
    remind(case.pk, actor=world.operator, at=new + HOUR, cause="overdue")
    assert Reminder.objects.filter(cause="overdue").count() == 2


def test_who_may_not_remind_or_may_not_see_is_refused(world: World):
    case = handling(world)
    with pytest.raises(NotAllowed):
        remind(case.pk, actor=world.handler, at=AT + HOUR, cause="asked")
    outsider = factories.add_person(world, Role.OPERATOR, "committee", "other_village", name="zhao")
    with pytest.raises(NotFound):
        remind(case.pk, actor=outsider, at=AT + HOUR, cause="asked")
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("make", [factories.closed, factories.suspended, factories.escalated])
def test_nobody_is_pressed_in_a_case_that_ended_or_stands_still(world: World, make):
    case = make(world)
    with pytest.raises(NothingToPress):
        remind(case.pk, actor=world.leader, at=AT + HOUR, cause="asked")
    with pytest.raises((NothingToPress, InvalidInput)):
        slip_on(world, case)
    assert not Supervision.objects.exists()


def test_many_are_reminded_each_by_itself(world: World):
    cases = [handling(world), factories.closed(world), handling(world)]
    done, refused = remind_many([c.pk for c in cases], actor=world.operator, at=AT + HOUR, cause="asked")
    assert done == 2
    assert [number for number, _why in refused] == [cases[1].number]


# slips ------------------------------------------------------------------------------------------------------


def test_a_slip_goes_from_the_leader_to_the_unit_and_back_to_its_release(world: World):
    case = handling(world)
    slip = slip_on(world, case)
    assert (slip.number, slip.matter, slip.state) == ("督〔2026〕1号", case.title, "issued")
    assert timezone.localtime(slip.due_at).strftime("%m-%d %H:%M") == "03-04 18:00"
    assert titles(world.handler, "oversight.supervise") == [
        "督办单 督〔2026〕1号：请于 2026-03-04 18:00 前回复"
    ]

    reply(slip.pk, actor=world.handler, at=AT + 2 * HOUR, text="已联系清运队")
    assert titles(world.leader, "oversight.supervise") == ["督办单 督〔2026〕1号 已回复"]
    return_reply(
        slip.pk, actor=world.leader, at=AT + 3 * HOUR, reason="没有办结时间", reply_by=date(2026, 3, 5)
    )
    reply(slip.pk, actor=world.handler, at=AT + 4 * HOUR, text="明天上午清运")
    released = release(slip.pk, actor=world.leader, at=AT + DAY, reason="已清运，现场看过")
    assert (released.state, released.returns) == ("released", 1)
    steps = list(slip.lines.order_by("at").values_list("step", flat=True))
    assert steps == ["issue", "reply", "return", "reply", "release"]
    notes = Entry.objects.filter(stream=case.pk, verb="annotate", note__contains="督〔2026〕1号")
    assert notes.count() == len(steps)


def test_of_one_case_and_cause_there_is_one_slip_and_the_series_has_no_gap(world: World):
    case = handling(world)
    slip_on(world, case)
    with pytest.raises(AlreadyPressed):
        slip_on(world, case)
    assert slip_on(world, case, cause="safety").serial == 2
    next_year = slip_on(world, handling(world), cause="ordered")
    assert next_year.serial == 3


def test_only_those_entitled_issue_reply_and_release(world: World):
    case = handling(world)
    with pytest.raises(NotAllowed):
        supervise(
            case.pk, actor=world.operator, at=AT + HOUR, unit_id=world.lead_unit, cause="overdue", demand="x",
            reply_by=date(2026, 3, 4),
        )  # fmt: skip
    slip = slip_on(world, case)
    with pytest.raises(NotAllowed):
        reply(slip.pk, actor=world.leader, at=AT + 2 * HOUR, text="代回复")
    with pytest.raises(NotFound):
        reply(slip.pk, actor=world.actors[Role.ADMIN], at=AT + 2 * HOUR, text="x")
    with pytest.raises(NotAllowed):
        release(slip.pk, actor=world.handler, at=AT + 2 * HOUR, reason="办完了")
    with pytest.raises(SlipMoved):
        return_reply(slip.pk, actor=world.leader, at=AT + 2 * HOUR, reason="x", reply_by=date(2026, 3, 5))
    release(slip.pk, actor=world.leader, at=AT + 3 * HOUR, reason="已办结")
    with pytest.raises(SlipMoved):
        release(slip.pk, actor=world.leader, at=AT + 4 * HOUR, reason="再解除")


def test_a_slip_goes_to_units_that_had_the_case_and_by_a_day_to_come(world: World):
    case = handling(world)
    with pytest.raises(InvalidInput) as refused:
        slip_on(world, case, unit_id=world.town.committee.pk)
    assert "unit_id" in refused.value.fields
    for day in (date(2026, 3, 1), date(2027, 3, 1)):
        with pytest.raises(InvalidInput):
            slip_on(world, case, reply_by=day)
    assert not Supervision.objects.exists()


def test_a_reply_that_is_owed_is_watched_by_the_same_sweep(world: World):
    case = handling(world)
    slip = slip_on(world, case)
    sweep(at=slip.due_at + MINUTE)
    sweep(at=slip.due_at + 2 * MINUTE)
    found = Alert.objects.filter(supervision=slip).order_by("moment")
    assert [(a.level, a.told) for a in found] == [("warn", 5), ("overdue", 5)]
    reply(slip.pk, actor=world.handler, at=slip.due_at + HOUR, text="迟复")
    sweep(at=slip.due_at + 5 * DAY)
    assert Alert.objects.filter(supervision=slip).count() == 2


@pytest.mark.django_db(transaction=True)
def test_leaders_who_supervise_at_once_get_numbers_without_gap_or_double(transactional_db: None):
    world = make_world()
    cases = [handling(world, AT + n * MINUTE) for n in range(6)]
    same = handling(world)
    refused: list[Exception] = []

    def work(mine: list[Case]) -> None:
        try:
            for case in mine:
                slip_on(world, case)
            slip_on(world, same)
        except AlreadyPressed as error:
            refused.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=[mine]) for mine in (cases[:3], cases[3:])]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(refused) == 1
    assert sorted(Supervision.objects.values_list("serial", flat=True)) == list(range(1, 8))
