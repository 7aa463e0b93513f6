"""Units as points for maps: each in the middle of the region where it stands."""

from typing import Any

import numpy as np
import shapely

from gridloop.core.org.locate import REVISION
from gridloop.core.org.models import Boundary, Unit, UnitKind
from gridloop.core.org.revisions import cached

_DECIMALS = 6


def unit_points() -> dict[str, Any]:
    """
    Return the units in use as a FeatureCollection, with `name`, `kind`, `region` and `duty_phone` of each.

    A unit of a region without a boundary is left out. Kept in memory until boundaries or units change.
    """
    middles, units = cached(REVISION, _middles), cached("units", _units)
    features = [
        {
            "type": "Feature",
            "id": unit.pk,
            "geometry": {"type": "Point", "coordinates": middles[unit.region_id]},
            "properties": {
                "id": unit.pk,
                "code": unit.code,
                "name": unit.name,
                "kind": unit.kind,
                "kind_label": str(UnitKind(unit.kind).label),
                "region": unit.region.name,
                "duty_phone": unit.duty_phone,
            },
        }
        for unit in units
        if unit.region_id in middles
    ]
    return {"type": "FeatureCollection", "features": features}


def _middles() -> dict[int, list[float]]:
    """Return a point inside the current boundary of each region."""
    rows = list(Boundary.objects.current().values_list("region_id", "wkb"))
    points = shapely.point_on_surface(
        np.array(shapely.from_wkb([bytes(wkb) for _id, wkb in rows]), dtype=object)
    )
    found = shapely.get_coordinates(points).round(_DECIMALS).tolist()
    return {region_id: point for (region_id, _wkb), point in zip(rows, found, strict=True)}


def _units() -> list[Unit]:
    return list(Unit.objects.active().select_related("region").order_by("path"))
