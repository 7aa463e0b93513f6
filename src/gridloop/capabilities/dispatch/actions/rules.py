"""The town's rules of dispatch: written, changed, put in order, retired. Each change is a line of the log."""

from collections.abc import Iterable
from datetime import datetime, time
from http import HTTPStatus
from typing import Any, TypedDict, Unpack, cast

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.capabilities.dispatch.models import DispatchRule, RuleUse, WorkingTime
from gridloop.capabilities.dispatch.models.rules import NAME_LENGTH, WORD_LENGTH
from gridloop.capabilities.dispatch.rules import REVISION
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.labels import Channel
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actions.acts import log_act
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import is_known
from gridloop.core.org.models import Unit
from gridloop.core.org.policies import check_can
from gridloop.core.org.posts import posts_of
from gridloop.core.org.revisions import bump

PERMISSION = "dispatch.manage"
MOST_WORDS = 50


class RuleChanged(DomainError):
    """Somebody changed the rule while it was being edited."""

    code = "rule-changed"
    status = HTTPStatus.CONFLICT


class RuleFields(TypedDict, total=False):
    """What a rule says, see `models.DispatchRule`."""

    name: str
    category_ids: list[int]
    region_ids: list[int]
    channels: list[str]
    words: list[str]
    weekdays: list[int]
    starts: time | None
    ends: time | None
    working_time: str
    lead_id: int | None
    assist_unit_ids: list[int]
    assignee_id: int | None
    beats_duty: bool


@transaction.atomic
def add_rule(*, actor: Actor, at: datetime, **fields: Unpack[RuleFields]) -> DispatchRule:
    """
    Write a rule; it comes last.

    :raises NotAllowed: the actor does not manage dispatch.
    :raises InvalidInput: `fields` says what is missing, unknown or contradicts itself.
    """
    _begin(actor)
    rule = draft(**fields)
    rule.position = (DispatchRule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    rule.save()
    RuleUse.objects.create(rule=rule)
    log_act(rule, "add", actor=actor, at=at, data={"name": rule.name})
    return rule


@transaction.atomic
def amend_rule(
    rule_id: int, *, actor: Actor, at: datetime, expected_version: int | None, **fields: Unpack[RuleFields]
) -> DispatchRule:
    """
    Change what a rule says.

    :raises RuleChanged: it has another version than the person saw.
    :raises NotFound, NotAllowed, InvalidInput: as `add_rule`.
    """
    rule = _locked(rule_id, actor)
    if expected_version is not None and rule.version != expected_version:
        raise RuleChanged(_("规则刚刚被他人修改，请看过最新内容后再保存。"), version=rule.version)
    _fill(rule, fields)
    _save(rule, *fields)
    log_act(rule, "amend", actor=actor, at=at, data={"fields": sorted(fields)})
    return rule


@transaction.atomic
def move_rule(rule_id: int, *, before: int | None, actor: Actor, at: datetime) -> None:
    """Put a rule before another one, or at the end. :raises NotFound, NotAllowed: as `add_rule`."""
    moved = _locked(rule_id, actor)
    rest = [rule for rule in DispatchRule.objects.select_for_update().in_order() if rule.pk != rule_id]
    place = next((n for n, rule in enumerate(rest) if rule.pk == before), len(rest))
    for position, rule in enumerate([*rest[:place], moved, *rest[place:]], 1):
        if rule.position != position:
            rule.position = position
            rule.save(update_fields=["position"])
    log_act(moved, "move", actor=actor, at=at, data={"before": before})


@transaction.atomic
def retire_rule(rule_id: int, *, actor: Actor, at: datetime) -> DispatchRule:
    """Let a rule speak no longer; what was dispatched by it keeps its reason."""
    return _switch(rule_id, actor, at, is_active=False)


@transaction.atomic
def revive_rule(rule_id: int, *, actor: Actor, at: datetime) -> DispatchRule:
    """Let a retired rule speak again."""
    return _switch(rule_id, actor, at, is_active=True)


def draft(**fields: Unpack[RuleFields]) -> DispatchRule:
    """
    Return a rule that is not stored, checked like one that is: for a dry run before saving.

    :raises InvalidInput: as `add_rule`.
    """
    rule = DispatchRule(position=0)
    _fill(rule, fields)
    return rule


def count_use(rule_id: int, *, is_followed: bool, at: datetime) -> None:
    """Count a dispatch of which the rule was the ground, and whether the person followed it."""
    RuleUse.objects.filter(rule=rule_id).update(
        hits=F("hits") + 1, followed=F("followed") + int(is_followed), last_at=at
    )


def _begin(actor: Actor) -> None:
    check_can(actor, PERMISSION)
    bump(REVISION)  # writers of rules go one after the other


def _locked(rule_id: int, actor: Actor) -> DispatchRule:
    _begin(actor)
    rule = DispatchRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("没有找到这条派遣规则。"))
    return rule


def _switch(rule_id: int, actor: Actor, at: datetime, *, is_active: bool) -> DispatchRule:
    rule = _locked(rule_id, actor)
    if rule.is_active != is_active:
        rule.is_active = is_active
        _save(rule, "is_active")
        log_act(rule, "revive" if is_active else "retire", actor=actor, at=at)
    return rule


def _save(rule: DispatchRule, *fields: str) -> None:
    rule.version += 1
    rule.save(update_fields=[*fields, "version"])


def _fill(rule: DispatchRule, fields: RuleFields) -> None:
    for name, value in cast("dict[str, Any]", fields).items():
        setattr(rule, name, value)
    rule.name = storable_text(rule.name, "name", NAME_LENGTH)
    rule.words = list(dict.fromkeys(w for word in rule.words if (w := _word(word))))
    wrong = dict(_faults(rule))
    if wrong:
        raise InvalidInput(_("规则还不能保存，请看各项下面的提示。"), fields=wrong)


def _word(word: str) -> str:
    return storable_text(word, "words", WORD_LENGTH)


def _faults(rule: DispatchRule) -> Iterable[tuple[str, str]]:
    """Yield each field that is wrong with what to do about it."""
    if not rule.name:
        yield "name", _("必填")
    yield from _condition_faults(rule)
    yield from _result_faults(rule)


def _condition_faults(rule: DispatchRule) -> Iterable[tuple[str, str]]:
    book = rulebook()
    if any(book.category(category_id) is None for category_id in rule.category_ids):
        yield "category_ids", _("请重新选择类别")
    if not all(is_known(region_id) for region_id in rule.region_ids):
        yield "region_ids", _("请重新选择区划")
    for channel in rule.channels:
        one_of(Channel, channel, "channels")
    one_of(WorkingTime, rule.working_time, "working_time")
    if len(rule.words) > MOST_WORDS:
        yield "words", _("最多 %(most)s 个关键词") % {"most": MOST_WORDS}
    if not set(rule.weekdays) <= set(range(1, 8)):
        yield "weekdays", _("请选择周一至周日")
    if (rule.starts is None) != (rule.ends is None):
        yield "ends", _("起止时间要同时填写")
    elif rule.starts is not None and rule.starts == rule.ends:
        yield "ends", _("起止时间不能相同")


def _result_faults(rule: DispatchRule) -> Iterable[tuple[str, str]]:
    wanted = {*rule.assist_unit_ids, *([rule.lead_id] if rule.lead_id else [])}
    known = set(Unit.objects.active().filter(pk__in=wanted).values_list("pk", flat=True))
    if rule.lead_id is None and not rule.assist_unit_ids:
        yield "lead_id", _("请选择主办单位，或至少一个协办单位")
    if rule.lead_id is not None and rule.lead_id not in known:
        yield "lead_id", _("请重新选择单位")
    if not set(rule.assist_unit_ids) <= known:
        yield "assist_unit_ids", _("请重新选择单位")
    if rule.lead_id in rule.assist_unit_ids:
        yield "assist_unit_ids", _("与主办单位重复")
    if rule.beats_duty and rule.lead_id is None:
        yield "beats_duty", _("没有主办单位的规则不能优先于履职清单")
    if rule.assignee_id is not None and not _takes(rule.lead_id, rule.assignee_id):
        yield "assignee_id", _("该人员不在主办单位任职，或该单位不接受派到人")


def _takes(unit_id: int | None, user_id: int) -> bool:
    posts = posts_of(user_id, timezone.localdate())
    return any(post.unit_id == unit_id and post.unit.takes_named for post in posts)
