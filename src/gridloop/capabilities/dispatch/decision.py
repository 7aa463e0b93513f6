"""What is settled for a case before anything is weighed: the duty list, and the town's rules beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gridloop.base.common.worktime import WorkTime
from gridloop.capabilities.dispatch.facts import regions
from gridloop.capabilities.dispatch.matching import RuleView, first_match
from gridloop.capabilities.dispatch.rules import matter_of
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import DutyView, Rulebook


@dataclass(frozen=True, slots=True)
class Decision:
    """The duty list's answer for a case, and the first rule of the town that may speak beside it."""

    category: str
    duty: DutyView | None
    rule: RuleView | None

    @property
    def duty_unit_id(self) -> int | None:
        return self.duty.lead_unit_id if self.duty else None

    @property
    def unit_id(self) -> int | None:
        """The unit that has to lead; None where neither says."""
        return self.rule.lead_unit_id if self.rule and self.rule.lead_unit_id else self.duty_unit_id

    def assistants_of(self, unit_id: int) -> tuple[int, ...]:
        """Return who assists where this unit leads."""
        by_duty = self.duty.assist_unit_ids if self.duty and unit_id == self.duty_unit_id else ()
        speaks = self.rule is not None and self.rule.lead_unit_id in (None, unit_id)
        by_rule = self.rule.assist_unit_ids if self.rule and speaks else ()
        return tuple(dict.fromkeys(u for u in (*by_duty, *by_rule) if u != unit_id))


def decide(
    case: Case,
    book: Rulebook,
    rules: Sequence[RuleView],
    at: datetime,
    work: WorkTime,
    *,
    region_id: int | None = None,
) -> Decision:
    """
    Return what is settled for a case at a moment; asks the database nothing.

    :param region_id: where the case would lie instead.
    """
    category = book.category(case.category_id)
    path = regions()[region_id or case.region_id].path
    duty = book.duty(case.category_id, path, work.date_of(case.reported_at))
    matter = matter_of(case, book, at, work, region_id=region_id)
    rule = first_match(rules, matter, duty.lead_unit_id if duty else None)
    return Decision(category.name if category else "", duty, rule)
