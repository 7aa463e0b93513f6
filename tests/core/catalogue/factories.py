"""A few categories of a small town, built by calling actions; other apps' tests may use them."""

from dataclasses import dataclass
from datetime import date

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.models import Category, Duty
from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.models import Unit

SINCE = date(2025, 1, 1)
TOWN_LIMITS = {
    Stage.ACCEPT: Limit(1, LimitUnit.WORKING_DAY),
    Stage.DISPATCH: Limit(2, LimitUnit.WORKING_HOUR),
    Stage.SIGN: Limit(2, LimitUnit.WORKING_HOUR),
    Stage.HANDLE: Limit(5, LimitUnit.WORKING_DAY),
    Stage.VERIFY: Limit(1, LimitUnit.WORKING_DAY),
}


@dataclass
class Catalogue:
    """One main category with two sub-categories; the first has limits of its own, the second none."""

    main: Category
    litter: Category
    weeds: Category


def make_catalogue() -> Catalogue:
    """Build the categories and the town's default limits, in force since 2025-01-01."""
    main = actions.add_category("01", name="市容环境")
    litter = actions.add_category("0101", name="暴露垃圾", keywords=["垃圾", "垃圾堆"], icon="trash")
    weeds = actions.add_category("0102", name="杂草丛生", keywords=["杂草"], is_public=False)
    actions.set_standard(None, SINCE, limits=TOWN_LIMITS, opening="属实", closing="办结", evidence="照片")
    hours = {Stage.HANDLE: Limit(4, LimitUnit.WORKING_HOUR)}
    actions.set_standard(litter.pk, SINCE, limits=hours, opening="有成堆垃圾")
    return Catalogue(main, litter, weeds)


def make_duty(category: Category, lead: Unit, **fields: object) -> Duty:
    return actions.set_duty(category.pk, SINCE, lead_unit_id=lead.pk, **fields)
