"""To which unit a registered case could go, and why."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.options import Option, Proposals, Source, Term
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.models import DutyKind
from gridloop.core.catalogue.rulebook import Rulebook, rulebook
from gridloop.core.org.calendar import work_time
from gridloop.core.org.locate import path_of
from gridloop.core.org.models import Unit
from gridloop.core.org.revisions import cached


def propose(cases: Sequence[Case], *, at: datetime) -> dict[UUID, Proposals]:
    """Return the proposals for each case by its key, in a constant number of statements."""
    del at
    book = rulebook()
    return {case.pk: _proposals(case, book) for case in cases}


def _proposals(case: Case, book: Rulebook) -> Proposals:
    duty = book.duty(case.category_id, path_of(case.region_id), work_time().date_of(case.reported_at))
    if duty is None or duty.lead_unit_id is None:
        return Proposals(case.pk, (), is_certain=False, ask=_("履职清单没有写明主办单位，请人工判断。"))
    name = cached("units", _unit_names).get(duty.lead_unit_id, "")
    words = _("履职清单列为%(kind)s事项，由%(unit)s主办。") % {
        "kind": DutyKind(duty.kind).label,
        "unit": name,
    }
    term = Term("duty", _("履职清单"), 1.0, 1.0, words)
    option = Option(duty.lead_unit_id, name, duty.assist_unit_ids, None, 1.0, (term,), Source.DUTY)
    return Proposals(case.pk, (option,), is_certain=True)


def _unit_names() -> dict[int, str]:
    return dict(Unit.objects.values_list("pk", "name"))
