"""Cases near the border of two villages, and how far a place lies from what a unit serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.facts import RegionView, UnitView, regions
from gridloop.capabilities.dispatch.options import BoundaryNote
from gridloop.capabilities.dispatch.thresholds import thresholds
from gridloop.capabilities.dispatch.weighing import far
from gridloop.core.cases.models import Case
from gridloop.core.org.locate import centres, villages_near
from gridloop.core.org.plane import Plane


@dataclass(frozen=True, slots=True)
class Border:
    """What is said of a boundary case, and the region on the other side."""

    note: BoundaryNote
    other_id: int


def borders(cases: Sequence[Case]) -> dict[UUID, Border]:
    """Return the boundary cases among these, by key; asks the database nothing."""
    placed = [case for case in cases if case.lon is not None and case.lat is not None]
    if not placed:
        return {}
    reach = float(thresholds().boundary_m)
    lons = np.array([case.lon for case in placed], dtype=np.float64)
    lats = np.array([case.lat for case in placed], dtype=np.float64)
    near = zip(placed, villages_near(lons, lats, reach), strict=True)
    return {case.pk: _border(case, found) for case, found in near if len(found) > 1}


def _border(case: Case, near: list[tuple[int, float]]) -> Border:
    """The village that the case was put in comes first, whichever is nearer."""
    own = regions()[case.region_id].village_id
    ordered = sorted(near, key=lambda pair: (pair[0] != own, pair[1]))
    (first, _metres), (second, metres) = ordered[0], ordered[1]
    names = regions()[first].name, regions()[second].name
    words = _("位于%(first)s与%(second)s交界，距%(second)s仅%(far)s") % {
        "first": names[0],
        "second": names[1],
        "far": far(metres),
    }
    return Border(BoundaryNote(*names, metres=metres, words=words), second)


def metres_from(unit: UnitView, case: Case, region: RegionView) -> float | None:
    """
    Return how far the case lies from the middle of what a local unit serves.

    None where either is not known, and for a unit that serves the whole town: its middle says nothing of it.
    """
    start = centres().get(unit.region.id)
    if start is None or not unit.region.is_local:
        return None
    end = centres().get(region.id) if region.is_local and region.id != unit.region.id else None
    if case.lon is not None and case.lat is not None:
        end = (case.lon, case.lat)
    if end is None:
        return None
    (here, there) = Plane(*start).project([start, end])
    return float(np.hypot(*(there - here)))
