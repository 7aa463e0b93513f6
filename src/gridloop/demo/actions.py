"""The only writers of the demo: the town, and its year of cases, one transaction each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError
from gridloop.capabilities.figures.actions.rebuilding import count_history
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.defaults import load_default_rulebook
from gridloop.core.org.models import Region
from gridloop.demo import calendar, cases, cast, centre, dispatch, figures, incidents, oversight, rooms
from gridloop.demo.people import add_people
from gridloop.demo.regions import TOWN_CODE, add_regions
from gridloop.demo.rhythm import DAYS
from gridloop.demo.units import add_units

SEED = 20
CASES = 13_000


class NotEmpty(DomainError):
    """A real town lives in this database."""

    code = "not-empty"


@dataclass(frozen=True, slots=True)
class Made:
    """What `make_demo` did: what was there already is left as it is."""

    town: bool
    cases: int


def make_demo(seed: int, count: int, *, now: datetime, step: Callable[[int, int], None]) -> Made:
    """
    Make the fictional town and its year of cases up to `now`, where they are not there yet.

    :raises NotEmpty: the database holds another town.
    """
    is_there = Region.objects.filter(code=TOWN_CODE).exists()
    if not is_there:
        _check_empty()
        _make_town(seed, now)
    if Case.objects.exists():
        return Made(town=not is_there, cases=0)
    with transaction.atomic():
        cases.tell(seed, count, now=now, step=step)
        dispatch.set_up(cast.load(), now=now)
        incidents.add_emergencies(seed, now=now)
        rooms.furnish(seed, now=now)
        # Each tells of a later day than the one before it: a case's log goes forward.
        figures.add_figures(seed, now=now)
        oversight.watch_over(seed, cast.load(), now=now)
        centre.fill_ticker(now=now)
    return Made(town=not is_there, cases=count)


@transaction.atomic
def _make_town(seed: int, now: datetime) -> None:
    began = now - timedelta(days=DAYS + 30)
    calendar.fill(timezone.localdate(began), timezone.localdate(now))
    villages = add_regions(Random(f"{seed}/ground"), at=began)
    town = Region.objects.get(code=TOWN_CODE)
    units = add_units(Random(f"{seed}/units"), town, villages)
    add_people(Random(f"{seed}/people"), villages, units, since=timezone.localdate(began))
    load_default_rulebook(at=began)
    count_history(at=now, most=1)  # there is none: what comes from now on is counted as it comes


def _check_empty() -> None:
    if Region.objects.exists():
        raise NotEmpty(_("这个数据库里已有区划数据，不能再生成演示镇。请用 --data 指定另一个文件夹。"))
