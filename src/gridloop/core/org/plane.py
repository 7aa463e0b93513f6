"""Degrees to metres around one town: a transverse Mercator plane, for distances, areas and overlaps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# WGS-84, whose ellipsoid CGCS2000 shares to a tenth of a millimetre.
_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_2 = 0.006_694_379_990_14
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Plane:
    """
    A plane that touches the ellipsoid at (`lon`, `lat`), in degrees.

    Lengths are right to 0.05 % within 100 km of that point; use one plane for one town or city.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, shapes: Any) -> "Plane":
        """Return the plane at the middle of WGS-84 geometries; anywhere where there are none."""
        if len(shapes) == 0:
            return cls(0.0, 0.0)
        west, south, east, north = shapely.total_bounds(shapes)
        return cls(float(west + east) / 2, float(south + north) / 2)

    def project(self, lonlat: ArrayLike) -> Floats:
        """Return n × 2 metres east and north for n × 2 degrees of longitude and latitude."""
        degrees = np.asarray(lonlat, dtype=np.float64)
        along, lat, lat0 = (
            np.radians(degrees[:, 0] - self.lon),
            np.radians(degrees[:, 1]),
            np.radians(self.lat),
        )
        squash = 1 - _ECCENTRICITY_2 * np.sin(lat0) ** 2
        east_radius = _SEMI_MAJOR_M / np.sqrt(squash)
        north_radius = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / squash**1.5
        east = east_radius * np.arctanh(np.cos(lat) * np.sin(along))
        north = north_radius * (np.arctan2(np.tan(lat), np.cos(along)) - lat0)
        return np.column_stack([east, north])

    def unproject(self, east: float, north: float) -> tuple[float, float]:
        """Return the longitude and latitude of metres east and north, to a centimetre."""
        lon, lat = self.lon, self.lat
        for _round in range(_ROUNDS):
            off = self.project([(lon, lat)])[0]
            lat += float(np.degrees((north - off[1]) / _SEMI_MAJOR_M))
            lon += float(np.degrees((east - off[0]) / (_SEMI_MAJOR_M * np.cos(np.radians(lat)))))
        return lon, lat

    def flatten(self, shapes: Any) -> Any:
        """Return WGS-84 geometries in metres."""
        return shapely.transform(shapes, self.project)
