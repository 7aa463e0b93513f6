"""What the demo town watches over: alerts, reminders, slips, samples with a false closure."""

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from gridloop.base.common.errors import DomainError
from gridloop.base.common.worktime import CalendarMissing, LimitUnit
from gridloop.capabilities.oversight import actions as oversight
from gridloop.capabilities.oversight.models import Sample, SampleKind, Supervision
from gridloop.capabilities.oversight.querysets import clocks_watched_by
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions as cases
from gridloop.core.cases.models import Case, Clock, OrderRole
from gridloop.core.cases.workflow import OrderState, State
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time
from gridloop.demo.cast import Cast

REMINDED, SLIPS, PROBLEMS = 8, 3, 3
_DEMANDS = (
    "请主要负责人过问，三日内办结，并书面说明超期原因。",
    "请现场核实，先消除安全隐患，再报整改计划和完成时间。",
    "请与相关单位会商，明确责任和办结时间。",
)
_REPLIES = (
    "已到现场核实。超期是因配件缺货，配件明日到货，后日下午前完成并报结果。",
    "已安排班组连夜处理，完成后由分管负责人现场验收。",
)
_WHY_NOT = ("现场仍有残留。", "照片与现场不符，问题还在。", "第三次核查，问题依旧，请领导过问。")
_RULES = (
    ("结案电话回访", SampleKind.CALL_BACK.value, "daily", 10, "unit", "问清问题是否解决、答复是否收到。"),
    ("结案实地复核", SampleKind.FIELD.value, "weekly", 5, "region", "看现场是否恢复，与办理结果是否一致。"),
)


def watch_over(seed: int, people: Cast, *, now: datetime) -> None:
    """Make what a centre has done with its oversight by this morning."""
    rng = Random(f"{seed}/oversight")
    leader, operator = people.leaders[0], people.operators[0]
    for name, kind, period, share, stratum, task in _RULES:
        oversight.save_rule(
            None,
            actor=leader,
            at=now - timedelta(days=8),
            name=name,
            kind=kind,
            period=period,
            share=share,
            stratum=stratum,
            task=task,
            seed=f"{seed}-{kind}",
        )
    oversight.sweep(at=now)
    late = _late(operator, now)
    _supervise(rng, late, people, leader, now)
    _remind(late[:REMINDED], operator, now)
    _come_back(people, now)
    oversight.raise_problems(at=now)
    oversight.draw_due(at=now)
    _check(people, now)
    oversight.count_missed(today=timezone.localdate(now))


def _late(operator: Actor, now: datetime) -> list[Clock]:
    """Return the late deadlines that a unit has in hand, the longest first."""
    found = clocks_watched_by(operator).filter(due_at__lt=now, order__isnull=False)
    return list(found.select_related("case", "order").order_by("due_at", "case__number", "stage")[:40])


def _remind(late: list[Clock], operator: Actor, now: datetime) -> None:
    words = ("群众已两次来电，请尽快办理并回电。", "", "请今天下班前更新进展。")
    for n, clock in enumerate(late):
        at = now - timedelta(minutes=40 - n)
        try:
            said = words[n % len(words)]
            oversight.remind(clock.case_id, actor=operator, at=at, cause="overdue", note=said)
        except DomainError:
            continue  # another deadline of the same case


def _supervise(rng: Random, late: list[Clock], people: Cast, leader: Actor, now: datetime) -> None:
    """Issue slips: one waits for its reply, one was answered, one released."""
    slips: list[Supervision] = []
    for clock in late:
        unit = clock.order.unit_id if clock.order else None
        if unit in people.handlers and clock.case_id not in {slip.case_id for slip in slips}:
            at = now - timedelta(hours=26 - len(slips))
            if clock.due_at < at and not Entry.objects.filter(stream=clock.case_id, at__gt=at).exists():
                slips.append(_slip(clock, unit, _DEMANDS[len(slips)], leader, at))
        if len(slips) == SLIPS:
            break
    for n, slip in enumerate(slips[1:]):
        holder = rng.choice(people.handlers[slip.unit_id])
        oversight.reply(slip.pk, actor=holder, at=now - timedelta(hours=3), text=_REPLIES[n])
    for slip in slips[2:]:
        reason = "已办结，坐席电话核实，群众认可。"
        oversight.release(slip.pk, actor=leader, at=now - timedelta(hours=1), reason=reason)


def _slip(clock: Clock, unit: int, demand: str, leader: Actor, at: datetime) -> Supervision:
    try:
        due = work_time().due(at, 2, LimitUnit.WORKING_DAY)
    except CalendarMissing:
        due = at + timedelta(days=2)
    return oversight.supervise(
        clock.case_id,
        actor=leader,
        at=at,
        unit_id=unit,
        cause="overdue",
        demand=demand,
        reply_by=timezone.localdate(due),
    )


def _come_back(people: Cast, now: datetime) -> None:
    """Let two cases be reworked so often that they go to the leaders."""
    waiting = Case.objects.filter(state=State.HANDLED, verified_at=None, is_split=False).order_by("number")
    for n, case in enumerate(waiting.select_related("region")[:PROBLEMS]):
        lead = case.orders.filter(state=OrderState.DONE, role=OrderRole.LEAD).first()
        others = case.orders.filter(state=OrderState.DONE).exclude(role=OrderRole.LEAD)
        if lead is None or others.exists() or lead.unit_id not in people.handlers:
            continue
        operator, handler = people.operators[1], people.handlers[lead.unit_id][0]
        at = max(case.state_since, now - timedelta(hours=6 - n)) + timedelta(minutes=1)
        step = (now - at) / 8
        for turn in range(3):
            why = _WHY_NOT[turn]
            cases.verify_fail(case.pk, actor=operator, at=at + 2 * turn * step, note=why)
            if turn < 2:
                done = at + (2 * turn + 1) * step
                cases.submit_result(case.pk, actor=handler, at=done, note="已再次处理。")


def _check(people: Cast, now: datetime) -> None:
    """Check some of what was drawn; one of the field verifications finds that nothing was done."""
    everybody = (*people.operators, *people.workers.values(), *people.leaders)
    by_user = {actor.user_id: actor for actor in everybody}
    field = Sample.objects.waiting().filter(kind=SampleKind.FIELD, assignee__in=by_user).order_by("pk")
    for n, sample in enumerate(field[:6]):
        actor = by_user[sample.assignee_id]
        at = now - timedelta(minutes=90 - 5 * n)
        if n == 0:
            leader = people.leaders[0]
            reason = "复核时现场仍有大量垃圾，与“已清运”不符。"
            oversight.find_false(sample.pk, actor=leader, at=at, reason=reason)
        elif n == 1:
            reason = "现场只做了围挡，没有修复，请领导定。"
            oversight.find_false(sample.pk, actor=actor, at=at, reason=reason)
        else:
            oversight.find_sound(sample.pk, actor=actor, at=at, note="现场已恢复。")
    oversight.drop_moot(at=now)
    calls = Sample.objects.waiting().filter(kind=SampleKind.CALL_BACK, assignee__in=by_user).order_by("pk")
    for n, sample in enumerate(calls[:5]):
        at = now - timedelta(minutes=50 - 5 * n)
        actor = by_user[sample.assignee_id]
        oversight.find_sound(sample.pk, actor=actor, at=at, result=4 + n % 2, note="群众表示已解决。")
