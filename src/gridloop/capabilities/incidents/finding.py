"""
The nearest able resources around a point: what has every skill that is asked for, what is on duty, how far.

Distance is along the great circle times a detour factor, which the page states: an estimate of the way, no
route. Four statements for any number of needs; the rest is arithmetic in process.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from gridloop.capabilities.incidents.config import named, settings
from gridloop.capabilities.incidents.models import Call, Resource, ResourceOwner, StockLine

EARTH_M = 6_371_008.8
MOST_SHOWN = 9  # a number key for each
MOST_READ = 20_000
_DEGREE_M = 111_195.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Need:
    """What an emergency asks for: a kind, skills that are all needed, how many, how far away at most."""

    kind: str
    label: str = ""
    skills: tuple[str, ...] = ()
    count: int = 1
    radius_m: int = 0  # 0: as far as the settings say
    preassigned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that can do it; `busy` is the number of the incident at which it already is."""

    id: int
    code: str
    name: str
    kind: str
    unit: str
    duty_phone: str
    lon: float
    lat: float
    straight_m: int
    distance_m: int
    is_on_duty: bool
    shown_duty: str
    skills: str
    capacity: int | None
    stock: str
    is_preassigned: bool
    is_called: bool
    busy: str
    can_be_told: bool

    @property
    def is_free(self) -> bool:
        return not (self.is_called or self.busy)


@dataclass(frozen=True, slots=True)
class Group:
    """One need and its candidates, the best first; `missing` is how many the town lacks within reach."""

    need: Need
    candidates: tuple[Candidate, ...] = ()
    have: int = 0

    @property
    def more(self) -> int:
        """How many there are beyond the first three."""
        return max(0, len(self.candidates) - 3)

    @property
    def missing(self) -> int:
        free = sum(c.is_free for c in self.candidates)
        return max(0, self.need.count - self.have - free)


@dataclass(slots=True)
class Around:
    """Where and when is looked, and what is left out."""

    lon: float
    lat: float
    now: datetime
    incident_id: object = None
    is_drill: bool = False
    only_on_duty: bool = False
    without: frozenset[int] = field(default_factory=frozenset)


def haversine_m(lon: float, lat: float, lons: Floats, lats: Floats) -> Floats:
    """Return the metres along the great circle from one point to n points, all in WGS-84 degrees."""
    phi, phis = np.radians(lat), np.radians(lats)
    half = np.sin((phis - phi) / 2) ** 2
    half = half + np.cos(phi) * np.cos(phis) * np.sin(np.radians(lons - lon) / 2) ** 2
    metres: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return metres


def find(needs: Sequence[Need], around: Around, *, most: int = MOST_SHOWN) -> list[Group]:
    """
    Return the candidates for each need, at most `most` each: named in the plan, then on duty, then near.

    One resource may stand in several groups; who is called in one is seen as called in the others.
    """
    reach = settings().reach_m
    radius = {need: need.radius_m or reach for need in needs}
    rows = _rows(needs, around, max(radius.values(), default=0))
    busy = _busy(around, [row.pk for row in rows])
    straight = haversine_m(
        around.lon, around.lat, np.array([r.lon for r in rows]), np.array([r.lat for r in rows])
    )
    ways = straight * settings().detour
    found = []
    for need in needs:
        fit = [
            n
            for n, row in enumerate(rows)
            if row.kind == need.kind
            and set(need.skills) <= set(row.skills)
            and (straight[n] <= radius[need] or row.pk in need.preassigned)
        ]
        listed = [_candidate(rows[n], straight[n], ways[n], need, around, busy) for n in fit]
        if around.only_on_duty:
            listed = [c for c in listed if c.is_on_duty]
        listed.sort(key=lambda c: (not c.is_free, not c.is_preassigned, not c.is_on_duty, c.distance_m, c.id))
        have = sum(c.is_called for c in listed)
        found.append(Group(need, tuple(listed[:most]), have))
    return _completed(found)


def nearest(need: Need, around: Around) -> Candidate | None:
    """Return the best that is free for one need, or nothing."""
    group = find([need], around)[0]
    return next((c for c in group.candidates if c.is_free and c.id not in around.without), None)


def way_m(resource: Resource, lon: float, lat: float) -> int:
    """Return the estimated way from a resource to a point, in metres."""
    straight = haversine_m(lon, lat, np.array([resource.lon]), np.array([resource.lat]))[0]
    return round(float(straight) * settings().detour)


def _rows(needs: Iterable[Need], around: Around, radius_m: int) -> list[Resource]:
    """Read what could fit any need: the kinds within the widest radius, and what a plan names."""
    kinds = {need.kind for need in needs}
    dy = radius_m / _DEGREE_M
    dx = dy / max(cos(radians(around.lat)), 0.01)
    box = (around.lon - dx, around.lat - dy, around.lon + dx, around.lat + dy)
    near = Resource.objects.active().in_box(box).filter(kind__in=kinds)
    named_ids = {pk for need in needs for pk in need.preassigned}
    if named_ids:
        near |= Resource.objects.active().filter(pk__in=named_ids, kind__in=kinds)
    found = near.select_related("unit").defer("contact").order_by("pk")
    return list(found[:MOST_READ])


def _busy(around: Around, ids: list[int]) -> dict[int, tuple[bool, str]]:
    """Return where each is at work: (called to this incident, number of another one that keeps it)."""
    calls = Call.objects.active().filter(resource__in=ids)
    rows = calls.values_list("resource_id", "incident_id", "incident__number", "is_exclusive", "is_drill")
    found: dict[int, tuple[bool, str]] = {}
    for resource_id, incident_id, number, is_exclusive, is_drill in rows:
        here, elsewhere = found.get(resource_id, (False, ""))
        if incident_id == around.incident_id:
            here = True
        # An emergency may take what is at a drill; a drill takes nobody from an emergency.
        elif is_exclusive and (is_drill == around.is_drill or around.is_drill):
            elsewhere = number
        found[resource_id] = (here, elsewhere)
    return found


def _completed(groups: list[Group]) -> list[Group]:
    """Add, for those that are shown, what a store holds and whether anybody is told of a call."""
    ids = {c.id for group in groups for c in group.candidates}
    told = set(ResourceOwner.objects.filter(resource__in=ids).values_list("resource_id", flat=True))
    stock: dict[int, list[str]] = {}
    for line in StockLine.objects.filter(resource__in=ids).order_by("item"):
        stock.setdefault(line.resource_id, []).append(str(line))
    return [
        replace(
            group,
            candidates=tuple(
                replace(c, can_be_told=c.id in told, stock="、".join(stock.get(c.id, [])))
                for c in group.candidates
            ),
        )
        for group in groups
    ]


def _candidate(
    row: Resource,
    straight_m: float,
    way: float,
    need: Need,
    around: Around,
    busy: dict[int, tuple[bool, str]],
) -> Candidate:
    is_called, elsewhere = busy.get(row.pk, (False, ""))
    return Candidate(
        id=row.pk,
        code=row.code,
        name=row.name,
        kind=row.kind,
        unit=row.unit.name,
        duty_phone=row.unit.duty_phone,
        lon=row.lon,
        lat=row.lat,
        straight_m=round(float(straight_m)),
        distance_m=round(float(way)),
        is_on_duty=row.is_on_duty(around.now),
        shown_duty=row.shown_duty,
        skills=named(row.skills),
        capacity=row.capacity,
        stock="",
        is_preassigned=row.pk in need.preassigned,
        is_called=is_called,
        busy=elsewhere,
        can_be_told=False,
    )
