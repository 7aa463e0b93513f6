"""抽查: drawing samples, giving them to people, and what they find."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.asks import Asked, check
from gridloop.base.common.days import midnight
from gridloop.base.common.errors import DomainError, InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.notify.actions import Message, tell_all
from gridloop.capabilities.oversight.models import (
    Sample,
    SampleDraw,
    SampleKind,
    SampleOutcome,
    SamplePeriod,
    SampleRule,
    Stratum,
)
from gridloop.capabilities.oversight.policies import check_may_check
from gridloop.capabilities.oversight.sampling import draw, periods, seed_of, share_out
from gridloop.capabilities.oversight.words import in_town_language
from gridloop.core.cases import actions as cases
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.choices import region_choices
from gridloop.core.cases.models import Case, OrderRole, WorkOrder
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import ids_below, path_of
from gridloop.core.org.policies import check_can
from gridloop.core.org.posts import people_of

TOPIC = "oversight.sample"
MOST_MISSED = 7  # periods that a job makes up for after it was down
TEXT_MOST = 1000
_NEEDS = {SampleKind.CALL_BACK: "case.call_back", SampleKind.FIELD: "case.verify"}


class SampleMoved(DomainError):
    """The sample was judged, or its case goes round again."""

    code = "sample-moved"


# rules ------------------------------------------------------------------------------------------------------


def save_rule(
    rule_id: int | None,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: str,
    period: str,
    share: int,
    stratum: str,
    category_id: int | None = None,
    region_id: int | None = None,
    task: str = "",
    seed: str = "",
) -> SampleRule:
    """
    Add a rule, or change one; draws that were made keep what they were made with. A new rule gets its seed
    here, by chance where none is given, and is drawn from the day on which it was added.

    :raises NotAllowed: the actor may not manage oversight.
    :raises InvalidInput: a value is out of range.
    :raises AsksTooMuch: what it asks of the checkers is prohibited.
    """
    check_can(actor, "oversight.manage")
    if not 1 <= share <= 100:
        raise InvalidInput(_("比例应在 1 到 100 之间。"), fields={"share": _("1 到 100")})
    name, task = storable_text(name, "name", 60), storable_text(task, "task", 500)
    values = {
        "name": name,
        "kind": one_of(SampleKind, kind, "kind"),
        "period": one_of(SamplePeriod, period, "period"),
        "stratum": one_of(Stratum, stratum, "stratum"),
        "share": share,
        "category_id": category_id,
        "region_id": region_id,
        "task": task,
        "changed_by_id": actor.user_id,
    }
    if not name:
        raise InvalidInput(_("请给规则起个名字。"), fields={"name": _("必填")})
    check(Asked(key=f"sample/{rule_id or 'new'}", label=name, texts={"task": task}), at)
    if rule_id is None:
        return SampleRule.objects.create(
            **values, seed=seed or secrets.token_hex(8), starts_on=timezone.localdate(at)
        )
    changed = SampleRule.objects.filter(pk=rule_id).update(**values)
    if not changed:
        raise NotFound(_("没有找到这条抽查规则。"))
    return SampleRule.objects.get(pk=rule_id)


def switch_rule(rule_id: int, *, actor: Actor, is_active: bool) -> None:
    """Draw no more by a rule, or draw again."""
    check_can(actor, "oversight.manage")
    if not SampleRule.objects.filter(pk=rule_id).update(is_active=is_active):
        raise NotFound(_("没有找到这条抽查规则。"))


# drawing ----------------------------------------------------------------------------------------------------


def draw_due(*, at: datetime) -> list[SampleDraw]:
    """Draw, by every rule in force, from each period that is over and was not drawn from; return what was."""
    today = timezone.localdate(at)
    made = []
    for rule in SampleRule.objects.filter(is_active=True).order_by("pk"):
        for first, last in periods(rule.period, rule.starts_on, today, most=MOST_MISSED):
            found = draw_period(rule.pk, first, last, at=at)
            if found is not None:
                made.append(found)
    return made


@transaction.atomic
def draw_period(rule_id: int, first: date, last: date, *, at: datetime) -> SampleDraw | None:
    """
    Draw from the cases that were closed from `first` to `last`, give them to people and tell these.

    Who handled a case does not check it. Nothing is drawn twice: None where the period was drawn from.
    """
    rule = SampleRule.objects.select_for_update().get(pk=rule_id)
    if SampleDraw.objects.filter(rule=rule, first_on=first).exists():
        return None
    found = {str(case.pk): case for case in _closed(rule, first, last)}
    frame = sorted((_stratum(rule, case), key) for key, case in found.items())
    seed = seed_of(rule.seed, first)
    made = SampleDraw.objects.create(
        rule=rule, first_on=first, last_on=last, seed=seed, share=rule.share, frame=frame, drawn_at=at
    )
    chosen = draw(frame, share=rule.share, seed=seed)
    _give_out(made, rule, [found[key] for key in chosen], at)
    return made


def recomputed(made: SampleDraw) -> list[str]:
    """Return the cases that the draw's frame, share and seed give: those of its samples, if it is true."""
    return draw([(stratum, case) for stratum, case in made.frame], share=made.share, seed=made.seed)


def _closed(rule: SampleRule, first: date, last: date) -> Iterable[Any]:
    """Cases still closed; a drill, and what a grid worker solved on the spot, are no unit's to answer for."""
    leads = WorkOrder.objects.filter(case=OuterRef("pk"), role=OrderRole.LEAD).order_by("-issued_at", "-pk")
    found = Case.objects.scored().filter(
        state=State.CLOSED, closed_at__gte=midnight(first), closed_at__lt=midnight(last + timedelta(days=1))
    )
    if rule.kind == SampleKind.CALL_BACK:
        found = found.filter(reporter__phone_index__isnull=False)
    if rule.category_id:
        inside = [rule.category_id, *(c.id for c in rulebook().sub(rule.category_id))]
        found = found.filter(category__in=inside)
    if rule.region_id:
        found = found.filter(region__in=ids_below(path_of(rule.region_id)))
    return found.annotate(lead_unit=Subquery(leads.values("unit")[:1])).order_by("pk")


def _stratum(rule: SampleRule, case: Any) -> str:
    if rule.stratum == Stratum.UNIT:
        return f"unit/{case.lead_unit or 0}"
    path = path_of(case.region_id)
    return f"region/{next((key for key, _n in region_choices() if path.startswith(path_of(key))), 0)}"


def _give_out(made: SampleDraw, rule: SampleRule, chosen: list[Any], at: datetime) -> None:
    able = {str(case.pk): _able(rule, case, timezone.localdate(at)) for case in chosen}
    given = share_out(able, able)
    Sample.objects.bulk_create(
        Sample(
            draw=made,
            case=case,
            kind=rule.kind,
            unit_id=case.lead_unit,
            assignee_id=given[str(case.pk)],
            drawn_at=at,
        )
        for case in chosen
    )
    _tell(given, at)


def able_people(sample: Sample, on: date) -> list[int]:
    """Return who can check a sample: entitled, for that place, and of no unit that handled it."""
    return _able(sample.draw.rule, sample.case, on)


def _able(rule: SampleRule, case: Any, on: date) -> list[int]:
    permission = _NEEDS[SampleKind(rule.kind)]
    place = path_of(case.region_id)
    units = WorkOrder.objects.filter(case=case).values_list("unit", flat=True)
    barred = set(people_of(on=on, unit_ids=set(units)))
    barred |= set(WorkOrder.objects.filter(case=case).values_list("handled_by", flat=True))
    return [u for u in sorted(people_of(on=on, permission=permission, region_path=place)) if u not in barred]


@in_town_language
def _tell(given: dict[str, int | None], at: datetime) -> None:
    count: dict[int, int] = {}
    for person in given.values():
        if person is not None:
            count[person] = count.get(person, 0) + 1
    messages = [
        Message(to=(person,), title=_("%(n)s 件抽查待您核查") % {"n": n}, url=_page())
        for person, n in sorted(count.items())
    ]
    tell_all(messages, topic=TOPIC, at=at)


def _page() -> str:
    return reverse("oversight:samples")


# finding ----------------------------------------------------------------------------------------------------


@transaction.atomic
def assign_sample(sample_id: int, *, actor: Actor, at: datetime, user_id: int) -> Sample:
    """
    Give a sample to somebody else, who is told.

    :raises InvalidInput: that person cannot check it: not entitled, not for that place, or of a unit that
        handled it.
    """
    check_can(actor, "oversight.sample")
    sample = _locked(sample_id, actor)
    _check_waiting(sample)
    if user_id not in _able(sample.draw.rule, sample.case, timezone.localdate(at)):
        raise InvalidInput(
            _("该人员不能核查这件：没有权限、不在辖区，或属于承办单位。"), fields={"user_id": _("请另选")}
        )
    sample.assignee_id = user_id
    sample.save(update_fields=["assignee"])
    _tell({str(sample.case_id): user_id}, at)
    return sample


@transaction.atomic
def find_sound(
    sample_id: int, *, actor: Actor, at: datetime, note: str = "", result: int | None = None
) -> Sample:
    """
    Note that a closed case is as it was said. A call-back is recorded as the loop's own, with its score.

    :raises SampleMoved: it was judged already, or its case was taken up again.
    """
    sample = _locked(sample_id, actor)
    check_may_check(actor, sample)
    _check_waiting(sample)
    text = storable_text(note, "note", TEXT_MOST)
    if sample.kind == SampleKind.CALL_BACK:
        cases.call_back(sample.case_id, actor=actor, at=at, is_reached=True, result=result, comment=text)
    else:
        _annotate(sample, actor, at, _("抽查实地复核：属实。%(text)s"), text)
    return _judge(sample, actor, at, SampleOutcome.SOUND, text)


@transaction.atomic
def not_reached(sample_id: int, *, actor: Actor, at: datetime) -> Sample:
    """Note a call that nobody took; the sample stays to be checked."""
    sample = _locked(sample_id, actor)
    check_may_check(actor, sample)
    _check_waiting(sample)
    cases.call_back(sample.case_id, actor=actor, at=at, is_reached=False)
    sample.attempts += 1
    sample.save(update_fields=["attempts"])
    return sample


@transaction.atomic
def find_false(sample_id: int, *, actor: Actor, at: datetime, reason: str) -> Sample:
    """
    Note that a case was closed and is not done. Who may reopen takes it up again with that; otherwise it
    waits for the leader, who does or explains why not.

    :raises InvalidInput: no reason.
    """
    sample = _locked(sample_id, actor)
    check_may_check(actor, sample)
    _check_waiting(sample)
    text = _reason(reason)
    if actor.can("case.reopen"):
        _reopen(sample, actor, at, text)
    else:
        _annotate(sample, actor, at, _("抽查发现未办结：%(text)s"), text)
    return _judge(sample, actor, at, SampleOutcome.FALSE, text)


@transaction.atomic
def reopen_sample(sample_id: int, *, actor: Actor, at: datetime) -> Sample:
    """Take up again a case that a check found not done."""
    sample = _found_false(sample_id, actor)
    _reopen(sample, actor, at, sample.reason)
    sample.save(update_fields=["reopened_at"])
    return sample


@transaction.atomic
def dismiss_sample(sample_id: int, *, actor: Actor, at: datetime, reason: str) -> Sample:
    """Explain why a case that a check found not done is done all the same."""
    sample = _found_false(sample_id, actor)
    text = _reason(reason)
    _annotate(sample, actor, at, _("抽查复议为属实：%(text)s"), text)
    sample.outcome, sample.reason = SampleOutcome.DISMISSED, f"{sample.reason}\n{text}"
    sample.save(update_fields=["outcome", "reason"])
    return sample


def drop_moot(*, at: datetime) -> int:
    """End samples whose case was taken up again before anybody looked; return how many."""
    waiting = Sample.objects.waiting().exclude(case__state=State.CLOSED)
    return waiting.update(outcome=SampleOutcome.MOOT, checked_at=at)


def _locked(sample_id: int, actor: Actor) -> Sample:
    seen = Sample.objects.visible_to(actor).filter(pk=sample_id).values_list("case", flat=True).first()
    if seen is None:
        raise NotFound(_("没有找到这件抽查。"))
    # The case first, as every verb does, so that no two wait for each other.
    Case.objects.select_for_update(no_key=True).get(pk=seen)
    samples = Sample.objects.select_related("case", "draw__rule").select_for_update(of=("self",))
    return samples.get(pk=sample_id)


def _found_false(sample_id: int, actor: Actor) -> Sample:
    if not actor.can("case.reopen"):
        raise NotAllowed(_("重办由值班领导决定。"))
    sample = _locked(sample_id, actor)
    if sample.outcome != SampleOutcome.FALSE or sample.reopened_at is not None:
        raise SampleMoved(_("这件抽查已经处理。"))
    return sample


def _check_waiting(sample: Sample) -> None:
    if sample.outcome != SampleOutcome.PENDING:
        raise SampleMoved(_("这件抽查已有结论，请刷新查看。"))
    if sample.case.state != State.CLOSED:
        raise SampleMoved(_("案件已重新办理，无需再核。"))


def _reason(text: str) -> str:
    found = storable_text(text, "reason", TEXT_MOST)
    if not found:
        raise InvalidInput(_("请写明依据和情况。"), fields={"reason": _("必填")})
    return found


@in_town_language
def _reopen(sample: Sample, actor: Actor, at: datetime, reason: str) -> None:
    note = _("抽查发现虚假办结：%(text)s") % {"text": reason}
    cases.reopen(sample.case_id, actor=actor, at=at, note=note)
    sample.reopened_at = at


@in_town_language
def _annotate(sample: Sample, actor: Actor, at: datetime, words: str, text: str) -> None:
    cases.annotate(sample.case_id, actor=actor, at=at, note=(words % {"text": text}).strip())


def _judge(sample: Sample, actor: Actor, at: datetime, outcome: SampleOutcome, reason: str) -> Sample:
    sample.outcome, sample.reason = outcome, reason
    sample.checked_at, sample.checked_by_id = at, actor.user_id
    sample.save(update_fields=["outcome", "reason", "checked_at", "checked_by", "reopened_at"])
    return sample
