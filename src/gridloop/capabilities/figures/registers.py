"""The rows of a register: read in keyset portions, of those cases alone that the post may see."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gridloop.base.common.days import midnight
from gridloop.base.common.ids import first_id
from gridloop.capabilities.figures.columns import COLUMNS, STATISTICS, Column, loaded
from gridloop.capabilities.figures.definitions import Definition
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.reading import By, Days, Sums, scope_of, totals
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.cases.workflow import ENDED, State
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import ids_below, path_of

PREVIEW = 20
PORTION = 1000
MOST_ROWS = 200_000  # of one file; a spreadsheet program gets slow beyond it


def cases_of(definition: Definition, actor: Actor, days: Days, now: datetime) -> QuerySet[Case]:
    """Return the cases of a register over some days, without drills."""
    given = definition.filters
    cases: QuerySet[Case] = Case.objects.visible_to(actor).filter(is_drill=False)
    since, until = midnight(days.since), midnight(days.until + timedelta(days=1))
    if given.get("basis") == "closed":
        cases = cases.filter(closed_at__gte=since, closed_at__lt=until)
    else:
        cases = cases.filter(pk__gte=first_id(since), pk__lt=first_id(until))
    cases = _by_state(cases, given.get("state", ""), now)
    if main := given.get("main"):
        cases = cases.filter(category__in=_categories(main))
    if region := given.get("region"):
        cases = cases.filter(region__in=ids_below(path_of(region)))
    if unit := given.get("unit"):
        cases = cases.filter(pk__in=WorkOrder.objects.filter(unit=unit).values("case"))
    for name in ("channel", "demand"):
        if given.get(name):
            cases = cases.filter(**{f"{name}__in": given[name]})
    return cases


def is_longer_than(cases: QuerySet[Case], most: int) -> bool:
    """Say whether there are more cases than `most`, counted no further than that."""
    return cases.order_by()[: most + 1].count() > most


def heading(definition: Definition) -> list[Column]:
    return [COLUMNS[name] for name in definition.columns if name in COLUMNS]


def lines(definition: Definition, cases: QuerySet[Case], now: datetime) -> Iterator[list[Any]]:
    """Yield the cells of each case, oldest first as registers are kept."""
    columns = heading(definition)
    for number, case in enumerate(_portions(loaded(cases)), start=1):
        yield [number, *(column.value(case, now) for column in columns)]


def preview(definition: Definition, cases: QuerySet[Case], now: datetime) -> list[list[Any]]:
    """Return the first lines of a register. One statement."""
    columns = heading(definition)
    rows = loaded(cases).order_by("pk")[:PREVIEW]
    return [
        [number, *(column.value(case, now) for column in columns)]
        for number, case in enumerate(rows, start=1)
    ]


def statistic(definition: Definition, actor: Actor, days: Days) -> list[list[Any]]:
    """Return the lines of a statistic, in order of names, with their sum at the end. One statement."""
    by = By(definition.divided_by)
    found = totals(scope_of(actor), days, by=by, whats=STATISTICS)
    name = region_name if by == By.REGION else unit_name
    named = sorted(
        (name(key) or _("未派单位"), sums) for key, sums in found.items() if key or by == By.REGION
    )
    whole = Sums()
    for _name, sums in named:
        whole += sums
    rows = [*named, (_("合计"), whole)] if named else []
    return [[n, name, *_counts(sums)] for n, (name, sums) in enumerate(rows, start=1)]


def statistic_heading(definition: Definition) -> list[Any]:
    first = _("区划") if definition.divided_by == By.REGION else _("单位")
    return [first, *(What(what).label for what in STATISTICS)]


def _counts(sums: Sums) -> list[int]:
    return [sums.n(what) for what in STATISTICS]


def _portions(cases: QuerySet[Case]) -> Iterator[Case]:
    after = None
    while True:
        wanted = cases if after is None else cases.filter(pk__gt=after)
        rows = list(wanted.order_by("pk")[:PORTION])
        yield from rows
        if len(rows) < PORTION:
            return
        after = rows[-1].pk


def _by_state(cases: QuerySet[Case], state: str, now: datetime) -> QuerySet[Case]:
    match state:
        case "open":
            return cases.exclude(state__in=sorted(ENDED))
        case "late":
            return cases.exclude(state__in=sorted(ENDED)).filter(due_at__lt=now)
        case "closed":
            return cases.filter(state=State.CLOSED, is_self_closed=False)
        case "self_closed":
            return cases.filter(state=State.CLOSED, is_self_closed=True)
        case "rejected":
            return cases.filter(state=State.REJECTED)
    return cases


def _categories(codes: list[str]) -> list[int]:
    """Return the categories of these codes and what lies below them."""
    book = rulebook()
    found = [category for code in codes if (category := book.by_code(code))]
    return [i for category in found for i in (category.id, *(sub.id for sub in book.sub(category.id)))]
