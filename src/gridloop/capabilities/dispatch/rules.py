"""The town's rules as they stand now, kept in memory, and what a rule asks of a case."""

from datetime import datetime

from django.utils import timezone

from gridloop.base.common.worktime import CalendarMissing, WorkTime
from gridloop.capabilities.dispatch.facts import regions
from gridloop.capabilities.dispatch.matching import Conditions, Matter, RuleView
from gridloop.capabilities.dispatch.models import DispatchRule
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import Rulebook
from gridloop.core.catalogue.suggestion import normalised
from gridloop.core.org.revisions import cached

REVISION = "dispatch_rules"


def rules_in_force() -> tuple[RuleView, ...]:
    """Return the active rules in their order, from memory."""
    return cached(REVISION, _load)


def view(rule: DispatchRule) -> RuleView:
    """Return a rule, stored or not, as matching asks it."""
    places = regions()
    conditions = Conditions(
        category_ids=frozenset(rule.category_ids),
        # A region that is gone holds no case; an empty condition would hold them all.
        region_paths=tuple(places[i].path if i in places else "\0" for i in rule.region_ids),
        channels=frozenset(rule.channels),
        words=tuple(rule.words),
        weekdays=frozenset(rule.weekdays),
        starts=rule.starts,
        ends=rule.ends,
        working_time=rule.working_time,
    )
    assist = tuple(rule.assist_unit_ids)
    return RuleView(rule.pk, rule.name, conditions, rule.lead_id, assist, rule.assignee_id, rule.beats_duty)


def matter_of(
    case: Case, book: Rulebook, at: datetime, work: WorkTime, *, region_id: int | None = None
) -> Matter:
    """Return a case as rules see it at a moment, here or in another region; asks the database nothing."""
    category = book.category(case.category_id)
    return Matter(
        category_id=case.category_id,
        main_id=category.parent_id if category else None,
        region_path=regions()[region_id or case.region_id].path,
        channel=case.channel,
        text=normalised(f"{case.title} {case.description} {case.address}"),
        at=timezone.localtime(at),
        is_working_time=_is_working(work, at),
    )


def _is_working(work: WorkTime, at: datetime) -> bool:
    try:
        return work.is_working(at)
    except CalendarMissing:
        # Where nobody has said which days are worked, no rule that asks for it may guess.
        return False


def _load() -> tuple[RuleView, ...]:
    return tuple(view(rule) for rule in DispatchRule.objects.active().in_order())
