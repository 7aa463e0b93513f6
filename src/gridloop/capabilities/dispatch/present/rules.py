"""The rules of dispatch in words: what must hold, who gets the case then, and how often that came about."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.forms.rules import WEEKDAYS
from gridloop.capabilities.dispatch.models import DispatchRule, RuleUse, WorkingTime
from gridloop.core.cases.choices import region_name, unit_name, unit_names
from gridloop.core.cases.labels import Channel
from gridloop.core.catalogue.rulebook import rulebook


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in the list. `above` and `below` are the keys that a move up or down puts it before."""

    rule: DispatchRule
    use: RuleUse | None
    conditions: str
    result: str
    is_first: bool
    is_last: bool
    before_up: int | None
    before_down: int | None


def lines(rules: list[DispatchRule]) -> list[RuleLine]:
    """Return the rules, loaded with their use, in their order."""
    keys = [rule.pk for rule in rules]
    return [
        RuleLine(
            rule,
            getattr(rule, "use", None),
            conditions(rule),
            result(rule),
            n == 0,
            n == len(rules) - 1,
            keys[n - 1] if n else None,
            keys[n + 2] if n + 2 < len(rules) else None,
        )
        for n, rule in enumerate(rules)
    ]


def conditions(rule: DispatchRule) -> str:
    """Return what must hold, in a sentence."""
    return _("；").join(part for part in _conditions(rule) if part) or _("所有案件")


def result(rule: DispatchRule) -> str:
    """Return who gets the case, in a sentence."""
    parts = []
    if rule.lead_id is not None:
        parts.append(_("%(unit)s主办") % {"unit": unit_name(rule.lead_id)})
    if rule.assignee is not None:
        parts.append(_("指定%(person)s经办") % {"person": rule.assignee.get_full_name()})
    if rule.assist_unit_ids:
        parts.append(_("%(units)s协办") % {"units": unit_names(rule.assist_unit_ids)})
    return _("，").join(parts)


def _conditions(rule: DispatchRule) -> Iterable[str]:
    book = rulebook()
    names = [found.name for key in rule.category_ids if (found := book.category(key))]
    yield _any(_("类别"), names)
    yield _any(_("地点"), map(region_name, rule.region_ids))
    yield _any(_("来源"), (str(Channel(code).label) for code in rule.channels if code in Channel.values))
    yield _any(_("含有"), (f"“{word}”" for word in rule.words))
    yield _when(rule)


def _any(label: str, names: Iterable[str]) -> str:
    joined = _("、").join(name for name in names if name)
    return _("%(label)s为%(names)s") % {"label": label, "names": joined} if joined else ""


def _when(rule: DispatchRule) -> str:
    days = dict(WEEKDAYS)
    parts = [_("、").join(str(days[day]) for day in rule.weekdays if day in days)]
    if rule.starts is not None and rule.ends is not None:
        parts.append(f"{rule.starts:%H:%M}-{rule.ends:%H:%M}")
    if rule.working_time != WorkingTime.ANY:
        parts.append(str(WorkingTime(rule.working_time).label))
    return " ".join(part for part in parts if part)
