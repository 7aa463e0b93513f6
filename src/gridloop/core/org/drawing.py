"""The current boundaries of one level as GeoJSON for a map: simplified, and kept in memory by revision."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import orjson
import shapely
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from gridloop.base.common.errors import InvalidInput
from gridloop.core.org.locate import REVISION
from gridloop.core.org.models import Boundary, Level
from gridloop.core.org.revisions import cached

_DEGREE_M = 111_320
_DECIMALS = 6  # a tenth of a metre
# What is drawn together, and the side in metres of a corner too small to be seen at the scale it is drawn at.
_LEVELS = {
    "district": ((Level.DISTRICT,), 40),
    "town": ((Level.TOWN,), 20),
    "village": ((Level.VILLAGE, Level.COMMUNITY), 8),
    "grid": ((Level.GRID,), 3),
    "micro_grid": ((Level.MICRO_GRID,), 3),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A FeatureCollection with its bounding box as UTF-8, and a tag that changes with what it says."""

    body: bytes
    etag: str


@dataclass(slots=True)
class _Drawings:
    """What has been drawn since the boundaries last changed, by level."""

    drawn: dict[str, Drawing] = field(default_factory=dict)


def drawing(level: str) -> Drawing:
    """
    Return the regions of `level` that are in use, with `code`, `name` and `level` of each as properties.

    Villages and communities are drawn together. Shared borders stay shared. Once drawn it costs no more than
    the look at the revision.

    :raises InvalidInput: there is no such level to draw.
    """
    if level not in _LEVELS:
        raise InvalidInput(
            _("没有“%(level)s”这一层级的地图，可选：%(known)s。")
            % {"level": level[:40], "known": _("、").join(_LEVELS)},
            fields={"level": _("不认识的层级")},
        )
    kept = cached(REVISION, _Drawings)
    if level not in kept.drawn:
        kept.drawn[level] = _draw(*_LEVELS[level])
    return kept.drawn[level]


def _draw(levels: tuple[Level, ...], corner_m: float) -> Drawing:
    current = Boundary.objects.current().filter(region__is_active=True, region__level__in=levels)
    fields = ("region_id", "region__code", "region__name", "region__level", "wkb")
    rows = list(current.order_by("region__path").values_list(*fields))
    shapes = _simplified(np.array(shapely.from_wkb([bytes(row[4]) for row in rows]), dtype=object), corner_m)
    features = [
        {
            "type": "Feature",
            "id": region_id,
            "properties": {"code": code, "name": name, "level": level_},
            "geometry": orjson.Fragment(shapely.to_geojson(shape)),
        }
        for (region_id, code, name, level_, _wkb), shape in zip(rows, shapes, strict=True)
    ]
    box = {"bbox": shapely.total_bounds(shapes).tolist()} if rows else {}
    body = orjson.dumps({"type": "FeatureCollection", **box, "features": features})
    return Drawing(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _simplified(shapes: NDArray[np.object_], corner_m: float) -> NDArray[np.object_]:
    """Leave out small corners, the same ones on both sides of a shared border, and round to a decimetre."""
    plain: NDArray[np.object_] = shapely.coverage_simplify(shapes, corner_m / _DEGREE_M)
    return shapely.transform(plain, lambda xy: np.round(xy, _DECIMALS))
