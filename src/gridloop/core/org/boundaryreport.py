"""
What is wrong with the current boundaries, or worth a look: warnings for people, never a reason to refuse.

Regions of one kind (districts; towns; villages and communities; grids) should cover the ground once: where
two overlap, a point belongs to both; where they leave a gap, to none. Areas are in true square metres.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from gridloop.core.org.models import Boundary, Level, Region
from gridloop.core.org.plane import Plane

LEAST_M2 = 10.0  # below that nobody could say where it is
SLIVER_M = 1.0  # thinner than that, on average, it is one border drawn twice
MOST_NAMED = 3  # of the regions around a gap
HOUSEHOLDS = (300, 500)  # the band that towns commonly use; no law fixes it, so it is a setting

Shapes = NDArray[np.object_]


class Problem(StrEnum):
    """What can be said of a boundary."""

    INVALID = "invalid"
    OVERLAP = "overlap"
    GAP = "gap"
    SLIVER = "sliver"
    OUTSIDE = "outside"
    MISSING = "missing"
    HOUSEHOLDS = "households"


LABELS: dict[Problem, str | Promise] = {
    Problem.INVALID: gettext_lazy("图形有误"),
    Problem.OVERLAP: gettext_lazy("重叠"),
    Problem.GAP: gettext_lazy("空隙"),
    Problem.SLIVER: gettext_lazy("细缝"),
    Problem.OUTSIDE: gettext_lazy("超出上级"),
    Problem.MISSING: gettext_lazy("没有边界"),
    Problem.HOUSEHOLDS: gettext_lazy("户数不在范围内"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; `area_m2` is 0 where it has no area, `at` a WGS-84 (lon, lat) in the middle of it."""

    problem: Problem
    regions: tuple[Region, ...]
    message: str
    area_m2: float = 0.0
    at: tuple[float, float] | None = None

    @property
    def label(self) -> str | Promise:
        return LABELS[self.problem]


@dataclass(slots=True)
class Report:
    """All findings; `drawn` counts the boundaries, `touching` the pairs of a kind with a point in common."""

    drawn: int = 0
    touching: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, problem: Problem) -> int:
        return sum(finding.problem == problem for finding in self.findings)

    @property
    def counts(self) -> list[tuple[str | Promise, int]]:
        """Return how often each problem was found, by its label."""
        return [(LABELS[problem], self.count(problem)) for problem in Problem]


_KINDS = (
    (Level.DISTRICT,),
    (Level.TOWN,),
    (Level.VILLAGE, Level.COMMUNITY),
    (Level.GRID,),
)


def boundary_report(under: Region | None = None) -> Report:
    """Return what is to be said of the regions in use in `under`, or of all; two statements."""
    regions = list(Region.objects.below(under).active() if under else Region.objects.active())
    rows = Boundary.objects.current().filter(region__in=regions).values_list("region_id", "wkb")
    drawn = {region_id: shapely.from_wkb(bytes(wkb)) for region_id, wkb in rows}
    return _Checker(regions, drawn).report()


class _Checker:
    """One look at a set of regions, flat and in metres."""

    def __init__(self, regions: list[Region], drawn: dict[int, Any]) -> None:
        self.regions = regions
        self.drawn = drawn
        self.plane = Plane.around(list(drawn.values()))
        flat = {pk: self.plane.flatten(shape) for pk, shape in drawn.items()}
        # What is measured is made sound first; that it was not is a finding of its own.
        self.flat = {pk: s if shapely.is_valid(s) else shapely.make_valid(s) for pk, s in flat.items()}
        self.by_path = {region.path: region for region in regions}

    def report(self) -> Report:
        result = Report(drawn=len(self.drawn))
        result.findings += [*self._invalid(), *self._missing(), *self._outside(), *self._households()]
        for levels in _KINDS:
            layer = [r for r in self.regions if r.level in levels and r.pk in self.flat]
            if layer:
                result.touching += self._compare(layer, result.findings)
                result.findings += self._gaps(layer)
        order = list(Problem)
        result.findings.sort(
            key=lambda f: (order.index(f.problem), -f.area_m2, f.regions[0].path if f.regions else "")
        )
        return result

    # each region by itself ---------------------------------------------------------------------------------

    def _invalid(self) -> Iterator[Finding]:
        for region in self.regions:
            shape = self.drawn.get(region.pk)
            if shape is not None and not shapely.is_valid(shape):
                message = _("“%(name)s”的边界自相交或重复：%(reason)s。请在制图软件中修复后重新导入。")
                said = message % {"name": region.name, "reason": shapely.is_valid_reason(shape)}
                yield self._finding(Problem.INVALID, (region,), said, self.flat[region.pk], has_area=False)

    def _missing(self) -> Iterator[Finding]:
        """A grid or village without boundary gets no point by itself; the regions above may go without."""
        for region in self.regions:
            needs = region.level in (Level.VILLAGE, Level.COMMUNITY, Level.GRID)
            if needs and region.pk not in self.drawn:
                message = _("“%(name)s”没有边界，地图上的点不会落到它。") % {"name": region.name}
                yield Finding(Problem.MISSING, (region,), message)

    def _households(self) -> Iterator[Finding]:
        least, most = getattr(settings, "GRID_HOUSEHOLDS", HOUSEHOLDS)
        for region in self.regions:
            number = region.households
            if region.level == Level.GRID and number is not None and not least <= number <= most:
                message = _("“%(name)s”有 %(number)d 户，建议 %(least)d 至 %(most)d 户。") % {
                    "name": region.name,
                    "number": number,
                    "least": least,
                    "most": most,
                }
                yield Finding(Problem.HOUSEHOLDS, (region,), message)

    def _outside(self) -> Iterator[Finding]:
        for region in self.regions:
            above = self._above(region)
            if above is None or region.pk not in self.flat:
                continue
            rest = _area_of(shapely.difference(self.flat[region.pk], self.flat[above.pk]))
            if shapely.area(rest) >= LEAST_M2 and not _is_thin(rest):
                message = _("“%(name)s”有一部分在上级“%(above)s”之外。")
                said = message % {"name": region.name, "above": above.name}
                yield self._finding(Problem.OUTSIDE, (region, above), said, rest)

    def _above(self, region: Region) -> Region | None:
        """Return the nearest region above that has a boundary."""
        path = region.path[: -Region.steplen]
        while path:
            above = self.by_path.get(path)
            if above is not None and above.pk in self.flat:
                return above
            path = path[: -Region.steplen]
        return None

    # regions of one kind beside each other -----------------------------------------------------------------

    def _compare(self, layer: list[Region], findings: list[Finding]) -> int:
        """Add the overlaps of the layer to `findings`; return how many pairs have a point in common."""
        shapes = self._shapes(layer)
        first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        pairs = first < second
        first, second = first[pairs], second[pairs]
        shared = shapely.intersection(shapes[first], shapes[second])
        findings += [
            self._overlap((layer[first[i]], layer[second[i]]), _area_of(shared[i]))
            for i in np.flatnonzero(shapely.area(shared) >= LEAST_M2)
        ]
        return len(first)

    def _overlap(self, pair: tuple[Region, Region], shared: Any) -> Finding:
        thin = _is_thin(shared)
        message = (
            _("“%(one)s”与“%(other)s”的边界之间有一条细缝（重叠）。")
            if thin
            else _("“%(one)s”与“%(other)s”重叠。")
        )
        said = message % {"one": pair[0].name, "other": pair[1].name}
        return self._finding(Problem.SLIVER if thin else Problem.OVERLAP, pair, said, shared)

    def _gaps(self, layer: list[Region]) -> Iterator[Finding]:
        """Find what the layer leaves open of the ground of its parents, and the holes within it."""
        shapes = self._shapes(layer)
        covered = shapely.union_all(shapes)
        parents = {above.pk for region in layer if (above := self._above(region))}
        whole = shapely.union_all([_without_holes(covered), *(self.flat[pk] for pk in parents)])
        tree = shapely.STRtree(shapes)
        for gap in _areas(shapely.difference(whole, covered)):
            if shapely.area(gap) < LEAST_M2:
                continue
            beside = sorted(tree.query(gap, predicate="intersects")) or [tree.nearest(gap)]
            near = tuple(layer[i] for i in beside[:MOST_NAMED])
            thin = _is_thin(gap)
            message = _("%(names)s之间有一条细缝。") if thin else _("%(names)s旁边有一块没有划入任何区划。")
            said = message % {"names": _("、").join(f"“{region.name}”" for region in near)}
            yield self._finding(Problem.SLIVER if thin else Problem.GAP, near, said, gap)

    def _shapes(self, layer: list[Region]) -> Shapes:
        shapes: Shapes = np.array([self.flat[region.pk] for region in layer], dtype=np.object_)
        return shapes

    def _finding(
        self, problem: Problem, regions: tuple[Region, ...], message: str, flat: Any, *, has_area: bool = True
    ) -> Finding:
        middle = shapely.get_coordinates(shapely.point_on_surface(flat))[0]
        area = float(shapely.area(flat)) if has_area else 0.0
        return Finding(problem, regions, message, area, self.plane.unproject(*middle))


def _is_thin(shape: Any) -> bool:
    """Say whether an area is a strip: twice its area over its outline is about its width."""
    return bool(2 * shapely.area(shape) < SLIVER_M * shapely.length(shape))


def _areas(shape: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def _area_of(shape: Any) -> Any:
    """Return a shape without the lines and points that two shapes with a common border share besides."""
    return shapely.MultiPolygon(_areas(shape))


def _without_holes(shape: Any) -> Any:
    return shapely.union_all([shapely.Polygon(part.exterior) for part in _areas(shape)])
