"""The oversight desk: what is late and what soon will be, by stage, unit and place, and the list itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from gridloop.capabilities.oversight.models import Alert, AlertLevel, ProblemCase, Sample, Supervision
from gridloop.capabilities.oversight.querysets import clocks_watched_by
from gridloop.core.cases.choices import region_choices, unit_name
from gridloop.core.cases.due import Due, clock_due
from gridloop.core.cases.models import Case, Clock, TimeRequest
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.labels import STAGE_LABELS
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time
from gridloop.core.org.locate import ids_below, path_of

LATE, SOON = "late", "soon"
MOST_COUNTED = 100
CENTRE_UNIT = 0  # stands for what no unit has in hand: it is the centre's


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the address: which tone, stage, unit (0 for the centre) and village."""

    tone: str = LATE
    stage: str = ""
    unit: int | None = None
    region: int | None = None

    def query(self, **changes: Any) -> str:
        """Return the filters with some of them changed, as a query string."""
        given = {"tone": self.tone, "stage": self.stage, "unit": self.unit, "region": self.region} | changes
        pairs = {name: value for name, value in given.items() if value not in ("", None)}
        if pairs.get("tone") == LATE:
            del pairs["tone"]
        return urlencode(pairs)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown; `percent` is what is late there of what is late where most is."""

    name: str
    late: int
    soon: int
    query: str
    is_current: bool
    percent: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One number on top; `tone` colours it where it is not 0."""

    name: str
    label: str
    value: str
    url: str
    tone: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One deadline of the list."""

    clock: Clock
    due: Due
    unit: str
    stage: str


@dataclass(frozen=True, slots=True)
class _Group:
    stage: str
    unit: int
    region: int
    late: int
    soon: int


def warned() -> Exists:
    """Say of a clock whether its yellow moment has come, in the round that runs now."""
    return Exists(
        Alert.objects.filter(
            clock=OuterRef("pk"), level=AlertLevel.WARN, round=OuterRef("extensions"), supervision=None
        )
    )


def board(actor: Actor, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Return the numbers of the page and its breakdowns, from one statement over the running clocks."""
    groups = _groups(actor, now)
    shown = [group for group in groups if _fits(group, wanted)]
    return {
        "late": sum(group.late for group in shown),
        "soon": sum(group.soon for group in shown),
        "breakdowns": [
            (_("按环节"), "stage", _lines(groups, wanted, "stage", _stages())),
            (_("按单位"), "unit", _lines(groups, wanted, "unit", None)),
            (_("按村（社区）"), "region", _lines(groups, wanted, "region", dict(region_choices()))),
        ],
    }


def clocks(actor: Actor, wanted: Wanted, now: datetime) -> QuerySet[Clock]:
    """Return the deadlines of the list; a page of it is one statement."""
    found = clocks_watched_by(actor).select_related("case__category", "case__region", "order")
    found = found.defer("case__description", "case__outcome")
    found = found.filter(warned(), due_at__gte=now) if wanted.tone == SOON else found.filter(due_at__lt=now)
    if wanted.stage:
        found = found.filter(stage=wanted.stage)
    if wanted.unit is not None:
        found = found.filter(order__unit=wanted.unit) if wanted.unit else found.filter(order=None)
    if wanted.region:
        villages = _villages()
        regions = [key for key, village in villages.items() if village == wanted.region]
        found = found.filter(case__region__in=regions)
    return found


def rows(found: Iterable[Clock], now: datetime) -> list[Row]:
    """Return the rows of a page of `clocks`."""
    work = work_time()
    return [
        Row(
            clock,
            clock_due(clock, now, work),
            unit_name(clock.order.unit_id) if clock.order else _("指挥中心"),
            clock.stage_label,
        )
        for clock in found
    ]


def counts(actor: Actor, now: datetime) -> dict[str, int]:
    """Return what else waits, each counted up to a bound, in one statement."""
    visible = Case.objects.visible_to(actor)
    slips = Supervision.objects.visible_to(actor)
    of_clock = Alert.objects.unheard().filter(clock=OuterRef("pk"))
    of_case = ProblemCase.objects.filter(case=OuterRef("pk"))
    waiting = TimeRequest.objects.filter(decided_at=None, case__in=visible).exclude(asked_by=actor.user_id)
    parts: dict[str, QuerySet[Any]] = {
        "unreplied": slips.unreplied(),
        "slips_late": slips.late(now),
        "replied": slips.filter(state="replied"),
        "problems": visible.real().open().filter(Exists(of_case)),
        "unheard": clocks_watched_by(actor).filter(Exists(of_clock)),
        "times": waiting.filter(case__state__in=[State.DISPATCHED, State.HANDLING]),
        "samples": Sample.objects.visible_to(actor).waiting(),
    }
    first, *rest = (_named(rows, name) for name, rows in parts.items())
    found = [name for (name,) in first.union(*rest, all=True)]
    return {name: found.count(name) for name in parts}


def shown(number: int) -> str:
    """Return a number, 99+ where nobody needs to know exactly."""
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


def _named(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    return rows.order_by().annotate(what=Value(name)).values_list("what")[:MOST_COUNTED]


def _groups(actor: Actor, now: datetime) -> list[_Group]:
    late, soon = Q(due_at__lt=now), Q(warned(), due_at__gte=now)
    found = (
        clocks_watched_by(actor)
        .order_by()
        .values("stage", "order__unit", "case__region")
        .annotate(late=Count("pk", filter=late), soon=Count("pk", filter=soon))
    )
    villages = _villages()
    return [
        _Group(
            g["stage"],
            g["order__unit"] or CENTRE_UNIT,
            villages.get(g["case__region"], 0),
            g["late"],
            g["soon"],
        )
        for g in found
        if g["late"] or g["soon"]
    ]


def _villages() -> dict[int, int]:
    """Return the village of every region in one."""
    return {region: village for village, _name in region_choices() for region in ids_below(path_of(village))}


def _stages() -> dict[str, str]:
    return {stage.value: str(STAGE_LABELS[stage]) for stage in Stage}


def _fits(group: _Group, wanted: Wanted, but: str = "") -> bool:
    """Say whether a group passes the filters, all `but` one."""
    return (
        (but == "stage" or not wanted.stage or group.stage == wanted.stage)
        and (but == "unit" or wanted.unit is None or group.unit == wanted.unit)
        and (but == "region" or not wanted.region or group.region == wanted.region)
    )


def _lines(groups: list[_Group], wanted: Wanted, by: str, names: dict[Any, str] | None) -> list[Line]:
    """Return a breakdown: the most late first; of stages in the order of the loop."""
    sums: dict[Any, list[int]] = {}
    for group in groups:
        if _fits(group, wanted, but=by):
            found = sums.setdefault(getattr(group, by), [0, 0])
            found[0] += group.late
            found[1] += group.soon
    order: Callable[[Any], Any] = (
        (lambda key: list(names or {}).index(key))
        if by == "stage"
        else (lambda key: (-sums[key][0], -sums[key][1], key))
    )
    longest = max((late for late, _soon in sums.values()), default=0) or 1
    current = getattr(wanted, by)
    return [
        Line(
            _name(by, key, names),
            sums[key][0],
            sums[key][1],
            wanted.query(**{by: None if current == key else key}),
            current == key,
            round(100 * sums[key][0] / longest),
        )
        for key in sorted(sums, key=order)
    ]


def _name(by: str, key: Any, names: dict[Any, str] | None) -> str:
    if by == "unit":
        return unit_name(key) if key else _("指挥中心")
    return (names or {}).get(key) or _("未定到村（社区）")
