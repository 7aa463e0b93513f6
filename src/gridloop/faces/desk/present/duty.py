"""Whom the duty lists name for a case, and on what ground: a proposal that a person confirms."""

from dataclasses import dataclass

from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.choices import unit_name, unit_names
from gridloop.core.catalogue.models import DutyKind


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The lead and the assisting units that the duty list gives, with its words for why."""

    lead_unit_id: int | None
    assist_unit_ids: tuple[int, ...]
    lead: str
    assistants: str
    kind: str
    category: str
    upper_department: str
    basis: str
    is_local_default: bool


def suggestion_for(file: CaseFile) -> Suggestion | None:
    """Return what the duty list in force when the case was reported says; None where it is silent."""
    case, times = file.case, file.times
    category = times.book.category(case.category_id)
    duty = times.book.duty(case.category_id, file.region_path, times.work.date_of(case.reported_at))
    if duty is None or category is None:
        return None
    return Suggestion(
        lead_unit_id=duty.lead_unit_id,
        assist_unit_ids=duty.assist_unit_ids,
        lead=unit_name(duty.lead_unit_id) or duty.lead_name,
        assistants=unit_names(duty.assist_unit_ids) or duty.assist_names,
        kind=str(DutyKind(duty.kind).label),
        category=category.name,
        upper_department=duty.upper_department,
        basis=duty.basis,
        is_local_default=duty.is_local_default,
    )
