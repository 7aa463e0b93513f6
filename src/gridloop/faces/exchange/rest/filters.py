"""What a list of cases can be narrowed by."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import AfterValidator

from gridloop.base.common.ids import first_id, tells_a_time
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.models import WorkOrder
from gridloop.core.cases.querysets import CaseQuerySet
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.locate import ids_below, path_of
from gridloop.faces.exchange.rest import codes
from gridloop.faces.exchange.rest.fields import Code, Moment, Reference, text


def _ordered_by_time(key: UUID) -> UUID:
    if not tells_a_time(key):
        raise ValueError(_("应为上一页给出的 next_before"))
    return key


class CaseQuery(Schema):
    """Filters of a list; all that are given must hold. `since` and `until` are the time of reporting."""

    state: list[State] = Field(default_factory=list)
    is_open: bool | None = None
    is_overdue: bool = False
    category: Code | None = None
    region: Code | None = None
    unit: Code | None = None
    channel: Channel | None = None
    demand: Demand | None = None
    urgency: Urgency | None = None
    source_ref: Reference | None = None
    since: Moment | None = None
    until: Moment | None = None
    q: Annotated[str, text(100)] | None = None
    before: Annotated[UUID, AfterValidator(_ordered_by_time)] | None = None
    size: int = Field(50, ge=1, le=200)

    def narrow(self, cases: CaseQuerySet, *, now: datetime) -> CaseQuerySet:
        """Return the cases that pass; words and the place in the list are left to the caller."""
        for name in ("channel", "demand", "urgency", "source_ref"):
            if value := getattr(self, name):
                cases = cases.filter(**{name: value})
        return self._narrow_by_codes(self._narrow_by_time(self._narrow_by_state(cases, now)))

    def _narrow_by_state(self, cases: CaseQuerySet, now: datetime) -> CaseQuerySet:
        if self.state:
            cases = cases.filter(state__in=sorted({state.value for state in self.state}))
        if self.is_open is not None:
            cases = cases.open() if self.is_open else cases.ended()
        return cases.overdue(now) if self.is_overdue else cases

    def _narrow_by_time(self, cases: CaseQuerySet) -> CaseQuerySet:
        # Keys sort by the time of reporting, so that these ride on the order of the list itself.
        if self.since:
            cases = cases.filter(pk__gte=first_id(self.since))
        if self.until:
            cases = cases.filter(pk__lt=first_id(self.until))
        return cases

    def _narrow_by_codes(self, cases: CaseQuerySet) -> CaseQuerySet:
        if self.category:
            key = codes.category_id(self.category)
            cases = cases.filter(category__in=[key, *(c.id for c in rulebook().sub(key))])
        if self.region:
            cases = cases.filter(region__in=ids_below(path_of(codes.region_id(self.region))))
        if self.unit:
            orders = WorkOrder.objects.filter(unit=codes.unit_id(self.unit))
            cases = cases.filter(pk__in=orders.values("case"))
        return cases
