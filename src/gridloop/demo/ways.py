"""The ways that a case of the town goes, from the report to its end."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from gridloop.core.cases import actions
from gridloop.core.cases.actions import Part
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.labels import RejectReason, SendBackReason
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import SYSTEM
from gridloop.demo import texts
from gridloop.demo.stories import Steps, Story


def _ordinary(story: Story) -> Steps:
    yield from story.register()
    if story.rng.random() < 0.05:
        story.do(actions.annotate, story.operator, story.say("note"))
    yield from story.from_registered()


def _on_the_spot(story: Story) -> Steps:
    story.at += timedelta(minutes=story.rng.lognormvariate(2.6, 0.5))
    yield story.at
    note = texts.solving_on_spot(story.rng, story.plot.subject, story.plot.spot)
    story.do(actions.close_on_spot, story.town.cast.workers[story.plot.spot.grid_id], note)


def _rejected(story: Story) -> Steps:
    yield from story.wait_for(Stage.ACCEPT, usual=0.2)
    reason, note = texts.reason(story.rng, "reject")
    story.do(actions.reject, story.operator, note, reason=RejectReason(reason))


def _withdrawn(story: Story) -> Steps:
    yield from story.wait(40)
    if story.rng.random() < 0.4:
        story.do(actions.register, story.operator)
        yield from story.wait(30)
    story.do(actions.withdraw, story.holder(), story.say("withdraw"))


def _supplemented(story: Story) -> Steps:
    yield from story.register()
    yield from story.wait(30)
    story.do(actions.supplement, story.holder(), text=story.say("supplement"))
    yield from story.from_registered()


def _sent_back(story: Story) -> Steps:
    yield from story.register()
    for lead in _wrong_units(story)[:1]:
        yield from _one_send_back(story, lead)
    yield from story.from_registered()


def _adjudicated(story: Story) -> Steps:
    yield from story.register()
    right, _assistants = story.who_acts()
    for lead in [*_wrong_units(story), right][:2]:
        yield from _one_send_back(story, lead)
    yield from story.wait(90)
    story.do(actions.adjudicate, story.leader, story.say("adjudicate"), lead_unit_id=right)
    story.know_units()
    yield from story.handle()
    yield from story.to_the_end()


def _one_send_back(story: Story, lead: int) -> Steps:
    yield from story.dispatch(lead)
    story.at = story.town.rhythm.after(story.rng, story.at, story.rng.randrange(15, 180))
    yield story.at
    reason, note = texts.reason(story.rng, "send_back")
    order = story.lead_order()
    story.do(actions.send_back, story.handler(order), note, reason=SendBackReason(reason))


def _wrong_units(story: Story) -> list[int]:
    right, _assistants = story.who_acts()
    codes = ["law", "building", "environment", "safety", "police", "peace"]
    units = [story.town.cast.unit(code).pk for code in codes]
    story.rng.shuffle(units)
    return [unit for unit in units if unit != right]


def _transferred(story: Story) -> Steps:
    yield from story.register()
    right, _assistants = story.who_acts()
    wrong = _wrong_units(story)[0]
    yield from story.dispatch(wrong)
    yield from story.sign(story.lead_order())
    yield from story.wait(120)
    story.do(actions.transfer, story.operator, story.say("transfer"), from_unit_id=wrong, to_unit_id=right)
    story.know_units()
    yield from story.handle()
    yield from story.to_the_end()


def _extended(story: Story) -> Steps:
    yield from story.register()
    yield from story.dispatch(alone=True)
    order = story.lead_order()
    yield from story.sign(order)
    yield from story.wait_for(Stage.HANDLE, order, usual=0.55)
    amount = story.rng.randrange(2, 6)
    story.do(actions.request_extension, story.handler(order), story.say("extension"), amount=amount)
    yield from story.wait(90)
    if story.plot.stops_before == "grant":
        return
    if story.rng.random() < 0.8:
        story.do(actions.grant_extension, story.leader)
    else:
        story.do(actions.refuse_time, story.leader, story.say("refuse_time"))
    yield from story.wait_for(Stage.HANDLE, order, usual=0.35)
    story.submit(order)
    yield from story.to_the_end()


def _suspended(story: Story) -> Steps:
    yield from story.register()
    yield from story.dispatch(alone=True)
    order = story.lead_order()
    yield from story.sign(order)
    yield from story.wait_for(Stage.HANDLE, order, usual=0.3)
    until = story.at + timedelta(days=story.rng.randrange(8, 40))
    story.do(actions.request_suspension, story.handler(order), story.say("suspension"), until=until)
    yield from story.wait(120)
    if story.plot.stops_before == "grant":
        return
    story.do(actions.grant_suspension, story.leader)
    story.at = until
    yield story.at
    story.do(actions.resume, SYSTEM)
    yield from story.wait_for(Stage.HANDLE, order, usual=0.3)
    story.submit(order)
    yield from story.to_the_end()


def _reworked(story: Story) -> Steps:
    yield from story.register()
    yield from story.dispatch()
    yield from story.handle()
    yield from story.wait_for(Stage.VERIFY, usual=0.3)
    story.do(actions.verify_fail, story.verifier(), story.say("verify_fail"))
    for order in story.shares():
        yield from story.wait_for(Stage.HANDLE, order, usual=0.3)
        story.submit(order)
    yield from story.to_the_end()


def _dissatisfied(story: Story) -> Steps:
    yield from story.register()
    yield from story.dispatch()
    yield from story.handle()
    yield from story.verify()
    yield from story.close()
    yield from story.call_back(result=story.rng.choice((1, 2)))
    yield from story.after_call_back()


def _handed_down(story: Story) -> Steps:
    yield from _escalated(story)
    story.do(actions.hand_down, story.leader, story.say("hand_down"))
    yield from story.from_registered()


def _answered_above(story: Story) -> Steps:
    yield from _escalated(story)
    story.do(actions.answer_from_above, story.leader, story.say("answer_from_above"))
    yield from story.to_the_end()


def _escalated(story: Story) -> Steps:
    yield from story.register()
    yield from story.wait(200)
    story.do(actions.escalate, story.leader, story.say("escalate"), to=story.say("above"))
    yield from story.wait(60 * 40)


def _duplicate(story: Story) -> Steps:
    yield from story.wait(35)
    master = story.town.running.get(-1 if story.plot.same_as is None else story.plot.same_as)
    if master is None or not master.whole.case.is_open:
        yield from _ordinary(story)
        return
    others = {master.whole.case.pk: master.whole}
    story.do(actions.merge, story.operator, into=master.whole.case.pk, others=others)
    if story.rng.random() < 0.06:
        yield from _parted_again(story, others)


def _parted_again(story: Story, others: dict[UUID, CaseFile]) -> Steps:
    yield from story.wait(120)
    if all(file.case.is_open for file in others.values()):
        story.do(actions.unmerge, story.operator, story.say("unmerge"), others=others)
        yield from _ordinary(story)


def _split(story: Story) -> Steps:
    yield from story.register()
    yield from story.wait(60)
    address = story.plot.spot.address
    parts = [Part(f"{address}：{what}", story.file.case.category_id) for what in texts.parts(story.rng)]
    made: dict[UUID, CaseFile] = {}
    story.do(actions.split, story.operator, parts=parts, others=made)
    for child in made.values():
        story.file = child
        story.family.append(child)
        yield from story.dispatch(alone=True)
        yield from story.handle()
        yield from story.verify()
        yield from story.close()


WAYS: dict[str, Callable[[Story], Steps]] = {
    "ordinary": _ordinary,
    "on_the_spot": _on_the_spot,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
    "supplemented": _supplemented,
    "sent_back": _sent_back,
    "adjudicated": _adjudicated,
    "transferred": _transferred,
    "extended": _extended,
    "suspended": _suspended,
    "reworked": _reworked,
    "dissatisfied": _dissatisfied,
    "handed_down": _handed_down,
    "answered_above": _answered_above,
    "duplicate": _duplicate,
    "split": _split,
}
