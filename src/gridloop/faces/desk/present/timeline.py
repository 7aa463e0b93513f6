"""The log as people read it: what was done, by whom, and what changed, in words and not in codes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions.move import CONFIDENTIAL
from gridloop.core.cases.choices import region_name, unit_name, unit_names
from gridloop.core.cases.labels import STATES, VERBS, Channel, Demand, RejectReason, SendBackReason
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import REPORTER, SYSTEM
from gridloop.faces.desk.present.verbs import ICONS

TONES = {
    "close": "success",
    "close_on_spot": "success",
    "verify_pass": "success",
    "reject": "danger",
    "send_back": "danger",
    "verify_fail": "danger",
    "refuse_time": "danger",
    "withdraw": "danger",
}
FIELDS: Mapping[str, str | Promise] = {
    "title": gettext_lazy("标题"),
    "category_id": gettext_lazy("类别"),
    "urgency": gettext_lazy("紧急程度"),
    "demand": gettext_lazy("诉求类型"),
    "address": gettext_lazy("地址"),
    "region_id": gettext_lazy("区划"),
    "lon": gettext_lazy("位置"),
}
# Whom the log names by a word of the house, not by a name.
_WHO: Mapping[str, Promise] = {
    SYSTEM.label: gettext_lazy("系统"),
    REPORTER.label: gettext_lazy("群众"),
    CONFIDENTIAL: gettext_lazy("上报人（保密）"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the timeline; `details` are pairs of a label and what it was or became."""

    label: str
    at: datetime
    who: str
    note: str
    icon: str
    tone: str
    details: list[tuple[str, str]] = field(default_factory=list)


def timeline(entries: Iterable[Entry]) -> list[Item]:
    """Return the lines of the log in words; costs no query but for names that are kept in memory."""
    return [_item(entry) for entry in entries]


def _item(entry: Entry) -> Item:
    verb = entry.verb
    return Item(
        label=str(VERBS.get(verb, verb)),
        at=entry.at,
        who=str(_WHO.get(entry.actor_label, entry.actor_label)),
        note=entry.note or str(entry.data.get("text", "")),
        icon=ICONS.get(verb, "eye" if verb == "reveal_reporter" else "flag" if verb == "report" else ""),
        tone=TONES.get(verb, ""),
        details=[*_state(entry), *_facts(entry), *_changes(entry)],
    )


def _state(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.source and entry.source != entry.target:
        yield _("状态"), f"{_state_name(entry.source)} → {_state_name(entry.target)}"


def _state_name(code: str) -> str:
    return str(STATES[State(code)]) if code in set(State) else code


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    for key, (label, said) in _FACTS.items():
        value = entry.data.get(key)
        if value not in (None, "", [], ()) and (words := said(entry, value)):
            yield str(label), words


def _changes(entry: Entry) -> Iterator[tuple[str, str]]:
    # What other verbs change is what they are; only a correction has to say what was there before.
    if entry.verb != "amend":
        return
    for name, (old, new) in entry.data.get("changed", {}).items():
        if name in FIELDS:
            yield str(FIELDS[name]), f"{_value(name, old)} → {_value(name, new)}"


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return _("未填")
    match name:
        case "category_id":
            return _category(value)
        case "region_id":
            return region_name(value) or str(value)
        case "urgency":
            return _choice(Urgency, value)
        case "demand":
            return _choice(Demand, value)
        case "lon":
            return f"{value:.5f}"
    return str(value)


def _category(category_id: int) -> str:
    found = rulebook().category(category_id)
    return found.name if found else str(category_id)


def _choice(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _reason(entry: Entry, value: str) -> str:
    return _choice(SendBackReason if entry.verb == "send_back" else RejectReason, value)


def _moment(_entry: Entry, value: str) -> str:
    at = parse_datetime(value)
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else value


def _score(_entry: Entry, value: int) -> str:
    return _("%(score)s 分") % {"score": value}


def _plain(_entry: Entry, value: Any) -> str:
    return str(value)


def _other_number(entry: Entry, value: str) -> str:
    return value if entry.verb in {"merge", "take_in", "let_go", "child_ended"} else ""


# What a line of the log may hold besides the note: its label, and how it is said.
_FACTS: dict[str, tuple[str | Promise, Callable[[Entry, Any], str]]] = {
    "channel": (gettext_lazy("来源"), lambda _e, value: _choice(Channel, value)),
    "category": (gettext_lazy("类别"), lambda _e, value: _category(value)),
    "lead": (gettext_lazy("主办"), lambda _e, value: unit_name(value)),
    "assistants": (gettext_lazy("协办"), lambda _e, value: unit_names(value)),
    "unit": (gettext_lazy("协办"), lambda _e, value: unit_name(value)),
    "from_unit": (gettext_lazy("原承办"), lambda _e, value: unit_name(value)),
    "to_unit": (gettext_lazy("改派给"), lambda _e, value: unit_name(value)),
    "reason": (gettext_lazy("理由"), _reason),
    "to": (gettext_lazy("报送"), _plain),
    "number": (gettext_lazy("案件"), _other_number),
    "children": (gettext_lazy("子案件"), lambda _e, value: _("、").join(value)),
    "amount": (gettext_lazy("延长"), _plain),
    "due_at": (gettext_lazy("新期限"), _moment),
    "until": (gettext_lazy("挂起至"), _moment),
    "attitude": (gettext_lazy("态度"), _score),
    "result": (gettext_lazy("结果"), _score),
    "is_lawful": (gettext_lazy("诉求"), lambda _e, value: _("合理") if value else _("不合理")),
    "is_reached": (gettext_lazy("联系"), lambda _e, value: "" if value else _("未联系上")),
    "files": (gettext_lazy("附件"), lambda _e, value: _("%(count)s 个") % {"count": len(value)}),
}
