"""
To which unit a registered case could go, and why: what a rule of the town or the duty list says stands first,
then who has lately closed such cases. A person has to judge where nothing is certain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.boundaries import borders, metres_from
from gridloop.capabilities.dispatch.decision import Decision, decide
from gridloop.capabilities.dispatch.earlier import Earlier, earlier_of
from gridloop.capabilities.dispatch.facts import (
    RegionView,
    UnitView,
    covers,
    facts_of,
    regions,
    role_of,
    units,
)
from gridloop.capabilities.dispatch.learning.model import Guess, Model
from gridloop.capabilities.dispatch.matching import RuleView
from gridloop.capabilities.dispatch.models import Cell
from gridloop.capabilities.dispatch.options import BoundaryNote, Option, Proposals, Source, Term
from gridloop.capabilities.dispatch.people import Person, named, pick, staff_of
from gridloop.capabilities.dispatch.planning import Room
from gridloop.capabilities.dispatch.room import room_of
from gridloop.capabilities.dispatch.rules import rules_in_force
from gridloop.capabilities.dispatch.thresholds import thresholds
from gridloop.capabilities.dispatch.weighing import (
    FEW_CASES,
    continuity_term,
    distance_term,
    duty_term,
    history_term,
    load_term,
    person_term,
    place_term,
    rule_term,
    score_of,
)
from gridloop.core.cases.models import Case, OrderRole, WorkOrder
from gridloop.core.cases.workflow import OrderState
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.calendar import work_time

MOST_OPTIONS = 3
CONTRADICTED = 0.1  # chance below which what the duty list says is held against what happens
LIKELY = 0.6


@dataclass(frozen=True, slots=True)
class _Now:
    """What units and people have in hand on a day, and how many can sign for work in each unit."""

    on: date
    room: Room
    staff: dict[int, int]


@dataclass(slots=True)
class _Ask:
    """One case with all that was found out about it."""

    case: Case
    region: RegionView
    decision: Decision
    guess: Guess
    boundary: BoundaryNote | None
    beyond: Decision | None  # what would hold on the other side of the border
    earlier: list[Earlier]
    refused_by: set[int] = field(default_factory=set)

    @property
    def hard(self) -> list[int]:
        """The units that a rule of the town and the duty list name, the one that decides first."""
        named, known = (self.decision.unit_id, self.decision.duty_unit_id), units()
        return list(dict.fromkeys(u for u in named if u in known and known[u].is_active))

    def chance(self, unit_id: int) -> float:
        return self.guess.chances.get(str(unit_id), 0.0)

    def candidates(self) -> list[UnitView]:
        """Return whom to weigh: the hard ones, then the likeliest that may act at the place."""
        known = units()
        learned = [int(unit) for unit in self.guess.ranked()]
        own = [tie.unit_id for tie in self.earlier]
        fitting = [
            u
            for u in dict.fromkeys([*own, *learned])
            if u in known
            and known[u].is_active
            and covers(known[u], self.region)
            and u not in self.refused_by
        ]
        return [known[u] for u in dict.fromkeys([*self.hard, *fitting[: 2 * MOST_OPTIONS]])]


def propose(cases: Sequence[Case], *, at: datetime) -> dict[UUID, Proposals]:
    """
    Return the proposals for each case by its key. Six statements at the most, whatever the number of cases.
    """
    if not cases:
        return {}
    on = timezone.localdate(at)
    weighed = [(ask, ask.candidates()) for ask in _asks(cases, at)]
    wanted = {unit.id: unit for _ask, candidates in weighed for unit in candidates}
    staff = {unit_id: staff_of(unit, on) for unit_id, unit in wanted.items()}
    now = _Now(on, room_of(wanted, on=on), staff)
    return {ask.case.pk: _proposals(ask, candidates, now) for ask, candidates in weighed}


def _asks(cases: Sequence[Case], at: datetime) -> list[_Ask]:
    book, work, rules = rulebook(), work_time(), rules_in_force()
    facts = {case.pk: facts_of(case, book) for case in cases}
    model = _model({key for fact in facts.values() for key in Model.needs(fact)})
    found, earlier, refused = borders(cases), earlier_of(cases, at), _refused(cases)
    return [
        _Ask(
            case=case,
            region=regions()[case.region_id],
            decision=decide(case, book, rules, at, work),
            guess=model.guess(facts[case.pk], at),
            boundary=border.note if (border := found.get(case.pk)) else None,
            beyond=decide(case, book, rules, at, work, region_id=border.other_id) if border else None,
            earlier=earlier.get(case.pk, []),
            refused_by=refused.get(case.pk, set()),
        )
        for case in cases
    ]


def _model(keys: set[str]) -> Model:
    return Model(dict(Cell.objects.filter(key__in=keys).values_list("key", "value")), role_of)


def _refused(cases: Sequence[Case]) -> dict[UUID, set[int]]:
    """Return which units have sent each case back as its lead; asks only where the case says that one has."""
    returned = [case.pk for case in cases if case.send_backs]
    if not returned:
        return {}
    orders = WorkOrder.objects.filter(case__in=returned, role=OrderRole.LEAD, state=OrderState.SENT_BACK)
    found: dict[UUID, set[int]] = {}
    for case_id, unit_id in orders.values_list("case_id", "unit_id"):
        found.setdefault(case_id, set()).add(unit_id)
    return found


def _proposals(ask: _Ask, candidates: Sequence[UnitView], now: _Now) -> Proposals:
    weighed = [_option(ask, unit, now) for unit in candidates]
    hard = {unit_id: n for n, unit_id in enumerate(ask.hard)}
    ranked = sorted(weighed, key=lambda o: (hard.get(o.unit_id, len(hard)), -o.score, o.unit_id))
    options = tuple(ranked[:MOST_OPTIONS])
    why = _why_ask(ask, options)
    return Proposals(ask.case.pk, options, is_certain=not why, boundary=ask.boundary, ask=why)


def _option(ask: _Ask, unit: UnitView, now: _Now) -> Option:
    terms = [term for term in _terms(ask, unit, now) if term is not None]
    decision, rule = ask.decision, ask.decision.rule
    is_ruled = rule is not None and rule.lead_unit_id == unit.id
    is_duty = decision.duty_unit_id == unit.id
    person = _person(ask, unit, rule, now)
    if person is not None:
        terms.append(person_term(unit, person.name, now.room.in_hand_of.get(person.id, 0)))
    return Option(
        unit_id=unit.id,
        unit_name=unit.name,
        assist_unit_ids=_open_units(decision.assistants_of(unit.id)),
        assignee_id=person.id if person else None,
        score=score_of(terms),
        terms=tuple(terms),
        source=Source.RULE if is_ruled else Source.DUTY if is_duty else Source.LEARNED,
        rule_id=rule.id if rule is not None and (is_ruled or rule.lead_unit_id is None) else None,
    )


def _open_units(unit_ids: Iterable[int]) -> tuple[int, ...]:
    """Return those that work can be given to: a duty list outlives a unit that was closed."""
    known = units()
    return tuple(u for u in unit_ids if u in known and known[u].is_active)


def _terms(ask: _Ask, unit: UnitView, now: _Now) -> Iterable[Term | None]:
    decision = ask.decision
    yield rule_term(unit, decision.rule, duty_unit_id=decision.duty_unit_id)
    yield duty_term(unit, decision.duty, decision.category)
    yield place_term(unit, ask.region)
    yield history_term(unit, ask.chance(unit.id), ask.guess.evidence)
    yield load_term(unit, now.room.in_hand.get(unit.id, 0), now.staff[unit.id])
    yield distance_term(unit, metres_from(unit, ask.case, ask.region))
    yield continuity_term(unit, ask.earlier)


def _person(ask: _Ask, unit: UnitView, rule: RuleView | None, now: _Now) -> Person | None:
    if rule is not None and rule.lead_unit_id == unit.id and rule.assignee_id is not None:
        return named(rule.assignee_id, unit, now.on)
    if not unit.takes_named:
        return None
    return pick(unit, ask.region, now.room.people.get(unit.id, ()), now.room.in_hand_of, now.on)


def _why_ask(ask: _Ask, options: Sequence[Option]) -> str:
    """Return why a person has to judge; empty where the first option is certain."""
    if not options:
        return _("履职清单、本镇规则和办理历史都没有答案，请人工判断")
    first = options[0]
    if ask.case.is_adjudicating:
        return _("已多次退单，须由值班领导裁定主办单位")
    if first.unit_id in ask.refused_by:
        return _("%(unit)s已退回本案，请人工判断") % {"unit": first.unit_name}
    if ask.beyond is not None and ask.beyond.unit_id != ask.decision.unit_id:
        return _("%(border)s，两侧主办单位不同，请人工判断") % {
            "border": ask.boundary.words if ask.boundary else ""
        }
    return _why_unsure(ask, first)


def _why_unsure(ask: _Ask, first: Option) -> str:
    chance = ask.chance(first.unit_id)
    if first.source == Source.LEARNED:
        if ask.guess.evidence >= FEW_CASES and chance >= thresholds().floor:
            return ""
        return _("近来同类案件去向不一，把握最大的%(unit)s也只有%(share)s%%，请人工判断") % {
            "unit": first.unit_name,
            "share": round(100 * chance),
        }
    likely = max(ask.guess.chances, key=lambda unit: ask.guess.chances[unit], default="")
    is_contradicted = ask.guess.evidence >= 3 * FEW_CASES and chance < CONTRADICTED
    if first.source == Source.DUTY and is_contradicted and ask.guess.chances[likely] >= LIKELY:
        return _("履职清单写的是%(duty)s，近来此类案件却多由%(really)s办理，请人工判断") % {
            "duty": first.unit_name,
            "really": units()[int(likely)].name,
        }
    return ""
