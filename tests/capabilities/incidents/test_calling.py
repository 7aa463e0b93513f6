"""From the opening to the review: who is called, what is answered, each message once."""

import pytest
from django.db import IntegrityError, transaction

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.actions import Review, Task, calling
from gridloop.capabilities.incidents.models import Call, Incident
from gridloop.capabilities.incidents.policies import CallOver, CaseUnfit, IncidentOver
from gridloop.capabilities.incidents.reading import board, open_incidents
from gridloop.capabilities.notify.actions.delivering import message
from gridloop.capabilities.notify.models import Channel, Notice
from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import verify
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.capabilities.incidents.factories import AT, MINUTE, SPOT, called, incident, plan, resource
from tests.core.cases import factories


def verbs(opened: Incident) -> list[str]:
    return [entry.verb for entry in Entry.objects.stream(opened.pk)]


def told(actor) -> list[str]:
    return list(
        Notice.objects.filter(user=actor.user_id).order_by("at", "pk").values_list("title", flat=True)
    )


def automatic(world) -> None:
    actions.amend_settings(
        actor=world.leader, answer_minutes=5, is_automatic=True, detour=1.3, reach_m=15_000
    )


# opening ---------------------------------------------------------------------------------------------------


def test_a_case_has_one_running_incident_and_its_log_knows_of_it(world):
    case = factories.registered(world, lon=SPOT[0], lat=SPOT[1], region_id=None)
    first = incident(world, case_id=case.pk)
    assert incident(world, case_id=case.pk) == first
    assert first.number == "YJ2026-0001"
    assert first.region == world.town.grid
    assert first.number in factories.last_line(case).note
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(
            number="YJ2026-9999",
            kind="gas",
            title="x",
            lon=0,
            lat=0,
            region=first.region,
            case=case,
            opened_at=AT,
        )


def test_drills_have_drill_cases_or_a_point_and_numbers_of_their_own(world):
    real = factories.registered(world)
    with pytest.raises(CaseUnfit):
        incident(world, case_id=real.pk, is_drill=True)
    drill = factories.registered(world, is_drill=True)
    with pytest.raises(CaseUnfit):
        incident(world, case_id=drill.pk)
    assert incident(world, case_id=drill.pk, is_drill=True).number == "YL2026-0001"
    assert incident(world, is_drill=True).number == "YL2026-0002"
    assert list(Incident.objects.real()) == []


def test_nothing_of_a_drill_counts_and_every_message_says_drill(world):
    drill = factories.registered(world, is_drill=True)
    opened, (call,) = called(
        world, resource(world, "队"), to=incident(world, case_id=drill.pk, is_drill=True)
    )
    actions.release(call.pk, actor=world.leader, at=AT)
    actions.close(opened.pk, "演练结束", actor=world.leader, at=AT)
    assert not Case.objects.scored().exists()
    assert all(title.startswith("【演练】") for title in told(world.handler))
    assert len(told(world.handler)) == 2


@pytest.mark.parametrize("role", [Role.HANDLER, Role.SECRETARY, Role.UNIT_LEAD, Role.ADMIN])
def test_who_does_not_command_opens_nothing(world, role):
    with pytest.raises(NotAllowed):
        actions.open_incident(actions.Opening("gas", "x", *SPOT), actor=world.actors[role], at=AT)
    assert open_incidents(world.actors[role]) == []


def test_a_plan_lays_out_its_steps_once_and_an_incident_keeps_its_version(world):
    made = plan(world)
    opened = incident(world, plan_id=made.pk)
    actions.follow_plan(opened.pk, made.pk, actor=world.leader, at=AT)
    steps = list(opened.steps.order_by("position"))
    assert [(s.text, s.due_at) for s in steps] == [
        ("关闭阀门", AT + 10 * MINUTE), ("疏散周边居民", AT + 15 * MINUTE), ("通风监测", None)
    ]  # fmt: skip
    actions.tick(steps[0].pk, is_done=True, actor=world.operator, at=AT + 8 * MINUTE)
    actions.tick(steps[0].pk, is_done=True, actor=world.leader, at=AT + 9 * MINUTE)
    steps[0].refresh_from_db()
    assert (steps[0].done_at, steps[0].done_by_id) == (AT + 8 * MINUTE, world.operator.user_id)
    assert verbs(opened) == ["incident.open", "incident.plan", "incident.step"]


# calling ---------------------------------------------------------------------------------------------------


def test_calling_twice_calls_once_and_says_why(world):
    team = resource(world, "队")
    opened, _calls = called(world, team)
    again = actions.call(opened.pk, [actions.Wanted(team.pk)], actor=world.operator, at=AT)
    assert again.made == []
    assert again.left_out == [("队", "已经呼叫过，正在等待或执行任务")]
    assert told(world.handler) == ["紧急呼叫：柳桥村燃气泄漏"]


def test_a_call_leads_to_the_page_of_that_call_and_is_urgent(world):
    _opened, (call,) = called(world, resource(world, "队"))
    notice = Notice.objects.get()
    assert notice.is_urgent
    assert notice.url.endswith(f"/a/{call.callees.get().code}/")
    assert "请队前往" in notice.body


def test_the_way_of_a_call_in_order_and_each_answer_once(world):
    opened, (call,) = called(world, resource(world, "队"))
    for n, name in enumerate(("acknowledge", "acknowledge", "set_out", "acknowledge", "arrive", "finish"), 1):
        actions.answer(call.pk, name, actor=world.handler, at=AT + n * MINUTE)
    call.refresh_from_db()
    assert call.state == "done"
    moments = (call.acknowledged_at, call.on_the_way_at, call.on_spot_at, call.done_at)
    assert moments == tuple(AT + n * MINUTE for n in (1, 3, 5, 6))
    assert verbs(opened)[2:] == ["call.acknowledge", "call.set_out", "call.arrive", "call.finish"]


def test_who_is_there_at_once_has_acknowledged_by_that(world):
    _opened, (call,) = called(world, resource(world, "队"))
    actions.answer(call.pk, "arrive", actor=world.handler, at=AT + MINUTE)
    call.refresh_from_db()
    assert (call.acknowledged_at, call.on_the_way_at, call.on_spot_at) == (AT + MINUTE, None, AT + MINUTE)


def test_only_the_called_person_answers_and_the_centre_on_the_telephone(world):
    _opened, (call,) = called(world, resource(world, "队"))
    with pytest.raises(NotFound):
        actions.answer(call.pk, "acknowledge", actor=world.worker, at=AT)
    with pytest.raises(NotAllowed):
        actions.answer_for(call.pk, "acknowledge", actor=world.worker, at=AT)
    actions.answer_for(call.pk, "acknowledge", actor=world.operator, at=AT)
    assert Entry.objects.stream(call.incident_id).last().note == "电话告知，指挥中心代记"


# nobody answers --------------------------------------------------------------------------------------------


def test_the_sweep_proposes_the_next_nearest_once(world):
    opened, (call,) = called(world, resource(world, "近", skills=("gas_repair",)), skills=("gas_repair",))
    resource(world, "不会的", steps=2)
    other = resource(world, "远", steps=4, skills=("gas_repair",))
    assert actions.sweep(at=AT + 4 * MINUTE) == 0
    assert actions.sweep(at=AT + 5 * MINUTE) == 1
    assert actions.sweep(at=AT + 6 * MINUTE) == 0
    call.refresh_from_db()
    assert (call.state, call.proposed) == ("called", other)
    assert told(world.leader) == ["近 超时未应答"]
    assert verbs(opened).count("call.no_answer") == 1
    line = board(opened.pk, world.leader, AT + 6 * MINUTE).calls[0]
    assert (line.is_overdue, line.proposed) == (True, "远")


def test_an_emergency_that_cannot_be_swept_leaves_no_other_unattended(world, monkeypatch):
    broken, _calls = called(world, resource(world, "甲"))
    opened, _calls = called(world, resource(world, "乙"), to=incident(world, title="镇北火情"))
    record = calling.record

    def breaks(incident, *args, **how):
        if incident.pk == broken.pk:
            raise KeyError(incident.pk)
        record(incident, *args, **how)

    with monkeypatch.context() as patch:
        patch.setattr(calling, "record", breaks)
        assert actions.sweep(at=AT + 5 * MINUTE) == 1
    assert "call.no_answer" in verbs(opened)
    assert actions.sweep(at=AT + 6 * MINUTE) == 1, "the other one is looked after as soon as it can be"


def test_the_sweep_calls_the_next_by_itself_where_the_town_says_so(world):
    automatic(world)
    opened, (call,) = called(world, resource(world, "近"))
    resource(world, "远", steps=4, owner_ids=(world.worker.user_id,))
    actions.sweep(at=AT + 5 * MINUTE)
    call.refresh_from_db()
    assert call.state == "replaced"
    assert call.replaced_by.resource.name == "远"
    assert told(world.handler) == ["紧急呼叫：柳桥村燃气泄漏", "已改由他人前往，您无需前往"]
    assert told(world.worker) == ["紧急呼叫：柳桥村燃气泄漏"]
    assert actions.sweep(at=AT + 10 * MINUTE) == 1  # the other one does not answer either
    assert Call.objects.active().get().resource.name == "远", "nobody is left to call, so the call stands"
    assert verbs(opened).count("call.replace") == 1


def test_whoever_declines_says_why_and_is_replaced_without_another_message(world):
    opened, (call,) = called(world, resource(world, "近"))
    resource(world, "远", steps=4, owner_ids=(world.worker.user_id,))
    with pytest.raises(InvalidInput):
        actions.answer(call.pk, "decline", actor=world.handler, at=AT)
    actions.answer(call.pk, "decline", actor=world.handler, at=AT, note="车坏了")
    assert Notice.objects.get(user=world.leader.user_id).body == "车坏了\n建议改呼：远"
    actions.replace(call.pk, actor=world.leader, at=AT + MINUTE)
    assert told(world.handler) == ["紧急呼叫：柳桥村燃气泄漏"]
    with pytest.raises(CallOver):
        actions.replace(call.pk, actor=world.operator, at=AT + MINUTE)
    assert opened.calls.count() == 2


def test_an_answer_after_the_replacement_is_kept_and_changes_nothing(world):
    opened, (call,) = called(world, resource(world, "近"))
    resource(world, "远", steps=4)
    actions.replace(call.pk, actor=world.leader, at=AT + 6 * MINUTE)
    done = [
        actions.answer(call.pk, "acknowledge", actor=world.handler, at=AT + 7 * MINUTE) for _n in range(2)
    ]
    assert [one.is_late for one in done] == [True, True]
    call.refresh_from_db()
    assert (call.state, call.late_at) == ("replaced", AT + 7 * MINUTE)
    assert verbs(opened).count("call.late") == 1


def test_a_person_is_not_named_in_what_leaves_the_house(world):
    _opened, _calls = called(world, resource(world, "王医生", kind="person"))
    actions.sweep(at=AT + 5 * MINUTE)
    said = "".join(f"{n.title}{n.body}" for n in Notice.objects.all())
    assert "王医生" not in said
    assert "综合执法局的抢险 超时未应答" in said


def test_what_was_typed_about_an_incident_stays_inside_and_a_call_says_what_kind_and_where(world):
    typed = {"title": "王小明家漏气", "brief": "找王小明 13800001234", "address": "柳桥村 12 号"}
    opened, (call,) = called(world, resource(world, "抢修一班"), to=incident(world, **typed))
    # Each at a moment of its own: what is told at the same one has no order.
    actions.ask_more(call.pk, "王小明要送医", actor=world.handler, at=AT + MINUTE)
    actions.close(opened.pk, "已送医", actor=world.leader, at=AT + 2 * MINUTE)
    sent = [message(notice, Channel()) for notice in Notice.objects.order_by("pk")]
    assert len(sent) == 3
    assert not [word for word in ("王小明", "13800001234", "12 号") if word in str(sent)]
    (title, _link) = sent[0]
    assert all(word in title for word in (opened.number, "燃气", "抢修一班", opened.region.name))


# on the spot, and the end ----------------------------------------------------------------------------------


def test_who_is_on_the_spot_asks_for_more_once(world):
    opened, (call,) = called(world, resource(world, "队"))
    asks = [actions.ask_more(call.pk, "要一台抽水泵", actor=world.handler, at=AT) for _n in range(2)]
    assert asks[0] == asks[1]
    actions.meet(asks[0].pk, actor=world.leader, at=AT)
    actions.meet(asks[0].pk, actor=world.operator, at=AT)
    assert verbs(opened)[2:] == ["call.ask", "call.ask_met"]
    assert told(world.leader) == ["队 请求增援"]


def test_closing_lets_everybody_go_and_tells_each_once(world):
    opened, calls = called(
        world, resource(world, "甲"), resource(world, "乙", owner_ids=(world.worker.user_id,))
    )
    actions.answer(calls[0].pk, "arrive", actor=world.handler, at=AT + MINUTE)
    review = Review("到得快", "广播晚", (Task("加装广播", world.town.office.pk),))
    actions.close(opened.pk, "已处置", actor=world.leader, at=AT + 9 * MINUTE, review=review)
    assert set(opened.calls.values_list("state", flat=True)) == {"released"}
    assert [len(told(one)) for one in (world.handler, world.worker)] == [2, 2]
    with pytest.raises(IncidentOver):
        actions.close(opened.pk, "已处置", actor=world.operator, at=AT + 10 * MINUTE)
    with pytest.raises(IncidentOver):
        actions.answer(calls[0].pk, "finish", actor=world.handler, at=AT + 10 * MINUTE)
    opened.refresh_from_db()
    assert (opened.worked, opened.tasks.get().unit) == ("到得快", world.town.office)


def test_a_review_can_be_written_later_and_anew_and_keeps_what_is_done(world):
    opened = incident(world)
    actions.close(opened.pk, "已处置", actor=world.leader, at=AT + MINUTE)
    for tasks in (("加装广播", "修订预案"), ("修订预案", "补充沙袋")):
        review = Review("好", "", tuple(Task(text) for text in tasks))
        actions.write_review(opened.pk, review, actor=world.leader, at=AT + 2 * MINUTE)
        first = opened.tasks.order_by("pk").first()
        actions.finish_task(first.pk, actor=world.leader, at=AT + 3 * MINUTE)
    left = opened.tasks.order_by("pk").values_list("text", "done_at")
    assert [(text, done is not None) for text, done in left] == [
        ("加装广播", True), ("修订预案", False), ("补充沙袋", False)
    ]  # fmt: skip


def test_the_log_is_one_chain_that_ends_where_the_incident_says(world):
    opened, (call,) = called(world, resource(world, "队"))
    actions.answer(call.pk, "acknowledge", actor=world.handler, at=AT)
    actions.close(opened.pk, "已处置", actor=world.leader, at=AT)
    assert verify().is_whole
    Incident.objects.filter(pk=opened.pk).update(version=2)
    assert [broken.stream for broken in verify().broken] == [str(opened.pk)]


def test_a_commander_of_a_village_knows_nothing_of_the_next(world):
    local = factories.add_person(world, Role.OPERATOR, "committee", "other_village", "邻村坐席")
    opened, (call,) = called(world, resource(world, "队"))
    assert open_incidents(local) == []
    with pytest.raises(NotFound):
        board(opened.pk, local, AT)
    with pytest.raises(NotFound):
        actions.release(call.pk, actor=local, at=AT)
