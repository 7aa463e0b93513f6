"""Regions as files that `regionfile.read` takes back as they were: GeoJSON or CSV, in WGS-84, by code."""

from typing import Any

import orjson
import shapely

from gridloop.base.common.importing import write_csv
from gridloop.core.org.models import Boundary, Region

COLUMNS = (
    *("code", "parent", "name", "level", "kind", "households", "population", "source_crs", "boundary"),
)


def as_geojson(under: Region | None = None) -> bytes:
    """Return the regions in use, with their current boundaries, as a FeatureCollection in UTF-8."""
    features = []
    for row in _rows(under):
        shape = row.pop("boundary")
        geometry = orjson.Fragment(shape) if shape else None
        features.append({"type": "Feature", "properties": row, "geometry": geometry})
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def as_csv(under: Region | None = None) -> bytes:
    """Return the regions in use as CSV; a boundary is one cell of GeoJSON, which loses no digit."""
    return write_csv(COLUMNS, _rows(under))


def _rows(under: Region | None) -> list[dict[str, Any]]:
    """Return one row a region from the top down, two statements in all."""
    regions = list(Region.objects.below(under).active() if under else Region.objects.active())
    current = Boundary.objects.current().filter(region__in=regions)
    drawn = {
        region_id: (bytes(wkb), crs)
        for region_id, wkb, crs in current.values_list("region", "wkb", "source_crs")
    }
    codes = {region.path: region.code for region in regions}
    return [
        _row(region, codes.get(region.path[: -Region.steplen], ""), drawn.get(region.pk))
        for region in regions
    ]


def _row(region: Region, parent: str, drawn: tuple[bytes, str] | None) -> dict[str, Any]:
    wkb, source_crs = drawn or (b"", "")
    return {
        "code": region.code,
        "parent": parent,
        "name": region.name,
        "level": region.level,
        "kind": region.grid_kind,
        "households": region.households,
        "population": region.population,
        "source_crs": source_crs,
        "boundary": shapely.to_geojson(shapely.from_wkb(wkb)) if wkb else "",
    }
