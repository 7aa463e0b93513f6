"""The terms of an option's score, and each in words that a clerk can read out."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.facts import RegionView, UnitView, covers
from gridloop.capabilities.dispatch.matching import RuleView
from gridloop.capabilities.dispatch.options import Term
from gridloop.core.catalogue.models import DutyKind
from gridloop.core.catalogue.rulebook import DutyView

if TYPE_CHECKING:
    from gridloop.capabilities.dispatch.earlier import Earlier

# What each term weighs; of those that are not known for a case the others take over the share.
WEIGHTS = {
    "duty": 0.30,
    "rule": 0.30,
    "place": 0.10,
    "history": 0.30,
    "load": 0.10,
    "distance": 0.05,
    "continuity": 0.10,
    "person": 0.0,
}
BUSY_EACH = 10  # work orders in hand for each person, at which a unit is called fully busy
FAR_M = 3_000.0
TOWNWIDE = 0.7
FEW_CASES = 3.0
KM = 1_000.0


def duty_term(unit: UnitView, duty: DutyView | None, category: str) -> Term | None:
    """Return what the duty list says of the unit; nothing where it is silent about such cases."""
    if duty is None or (duty.lead_unit_id is None and not duty.lead_name):
        return None
    label = _("履职清单")
    if unit.id == duty.lead_unit_id:
        words = _("“%(category)s”在履职清单中列为%(kind)s事项，由%(unit)s主办") % {
            "category": category,
            "kind": DutyKind(duty.kind).label,
            "unit": unit.name,
        }
        return _term("duty", label, 1.0, words)
    if unit.id in duty.assist_unit_ids:
        return _term("duty", label, 0.4, _("履职清单列%(unit)s为协办") % {"unit": unit.name})
    return _term("duty", label, 0.0, _("履职清单没有把这类事项列给%(unit)s") % {"unit": unit.name})


def rule_term(unit: UnitView, rule: RuleView | None, *, duty_unit_id: int | None) -> Term | None:
    """Return what the rule of the town that fits says of the unit; nothing where none names a lead."""
    if rule is None or rule.lead_unit_id is None:
        return None
    label = _("本镇规则")
    if unit.id != rule.lead_unit_id:
        return _term(
            "rule",
            label,
            0.0,
            _("本镇规则“%(rule)s”没有指定%(unit)s") % {"rule": rule.name, "unit": unit.name},
        )
    words = _("按本镇规则“%(rule)s”派给%(unit)s") % {"rule": rule.name, "unit": unit.name}
    if rule.beats_duty and duty_unit_id not in (None, unit.id):
        words = _("%(words)s，该规则明确优先于履职清单") % {"words": words}
    return _term("rule", label, 1.0, words)


def place_term(unit: UnitView, region: RegionView) -> Term:
    """Return whether the place lies in what the unit serves."""
    label = _("管辖范围")
    if not covers(unit, region):
        words = _("位置不在%(unit)s的管辖范围内") % {"unit": unit.name}
        return _term("place", label, 0.0, words)
    if unit.region.is_local:
        words = _("位置在%(unit)s的辖区%(region)s内") % {"unit": unit.name, "region": unit.region.name}
        return _term("place", label, 1.0, words)
    return _term("place", label, TOWNWIDE, _("%(unit)s负责%(region)s全域") % _names(unit))


def history_term(unit: UnitView, chance: float | None, evidence: float) -> Term | None:
    """Return how often the unit has lately closed such cases; nothing where hardly any was seen."""
    if evidence < FEW_CASES:
        return None
    label, share = _("办理历史"), chance or 0.0
    if share < 0.005:
        return _term("history", label, share, _("近来同类案件没有由%(unit)s办理") % {"unit": unit.name})
    words = _("从近来同类案件看，由%(unit)s办理的可能性为%(share)s%%") % {
        "unit": unit.name,
        "share": round(100 * share),
    }
    return _term("history", label, share, words)


def load_term(unit: UnitView, in_hand: int, people: int) -> Term | None:
    """Return how busy the unit is for its people; nothing where nobody is in office there."""
    if not people:
        return None
    each = in_hand / people
    value = max(0.0, 1.0 - each / BUSY_EACH)
    how = _("尚有余力") if value >= 0.5 else _("比较繁忙") if value > 0 else _("已经饱和")
    words = _("%(unit)s在办%(count)s件、经办%(people)s人，%(how)s") % {
        "unit": unit.name,
        "count": in_hand,
        "people": people,
        "how": how,
    }
    return _term("load", _("当前负荷"), value, words)


def distance_term(unit: UnitView, metres: float | None) -> Term | None:
    """Return how far the place lies from the middle of what a local unit serves; nothing without both."""
    if metres is None:
        return None
    words = _("距%(region)s中心约%(far)s") % {"region": unit.region.name, "far": far(metres)}
    return _term("distance", _("距离"), math.exp(-metres / FAR_M), words)


def continuity_term(unit: UnitView, earlier: Iterable["Earlier"]) -> Term | None:
    """Return whether the unit handled what belongs together with the case; nothing where nothing does."""
    found = list(earlier)
    if not found:
        return None
    label = _("前后衔接")
    own = next((one for one in found if one.unit_id == unit.id), None)
    if own is None:
        return _term("continuity", label, 0.0, _("相关案件不在%(unit)s办理") % {"unit": unit.name})
    return _term("continuity", label, own.value, own.words(unit.name))


def person_term(unit: UnitView, name: str, in_hand: int) -> Term:
    """Return whom the unit's work goes to by name; it says who, and moves no score."""
    words = _("%(unit)s可直接派到%(person)s，其名下在办%(count)s件") % {
        "unit": unit.name,
        "person": name,
        "count": in_hand,
    }
    return _term("person", _("经办人"), 1.0, words)


def score_of(terms: Iterable[Term]) -> float:
    """Return the weighed mean of what is known, 0 to 1."""
    known = list(terms)
    whole = sum(term.weight for term in known)
    return sum(term.weight * term.value for term in known) / whole if whole else 0.0


def far(metres: float) -> str:
    """Return a distance as one would say it."""
    if metres < KM:
        return _("%(metres)s米") % {"metres": round(metres)}
    return _("%(km)s公里") % {"km": f"{metres / KM:.1f}"}


def _term(name: str, label: str, value: float, words: str) -> Term:
    return Term(name, label, value, WEIGHTS[name], words)


def _names(unit: UnitView) -> dict[str, str]:
    return {"unit": unit.name, "region": unit.region.name}
