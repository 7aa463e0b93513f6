"""
Conversion between WGS-84 and the shifted systems of maps published in China, by the formulas in public use.

WGS-84 stands for CGCS2000 too: they agree within centimetres. Outside China the shifted systems are
WGS-84, and so every conversion is the identity there.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


class CoordinateSystem(StrEnum):
    """The system in which a longitude and latitude were given."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


_AXIS_M = 6378245.0  # Krasovsky 1940, as in the published formula
_ECCENTRICITY = 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_BD_PI = math.pi * 3000 / 180
_PRECISION = 1e-10  # degrees, about 0.01 mm
_ROUNDS = 50


def to_wgs84(lon: float, lat: float, system: CoordinateSystem) -> Point:
    """Return (lon, lat) in WGS-84 of a point given in `system`; exact to a centimetre."""
    if system == CoordinateSystem.WGS84 or not is_in_china(lon, lat):
        return lon, lat
    return _inverse(_FROM_WGS84[system], lon, lat)


def from_wgs84(lon: float, lat: float, system: CoordinateSystem) -> Point:
    """Return (lon, lat) in `system` of a point given in WGS-84."""
    if system == CoordinateSystem.WGS84 or not is_in_china(lon, lat):
        return lon, lat
    return _FROM_WGS84[system](lon, lat)


def is_in_china(lon: float, lat: float) -> bool:
    """Return whether the point is in the rectangle in which maps are shifted."""
    return _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH


def _inverse(forward: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    """Return the point that `forward` takes to (lon, lat); the shift hardly changes: this closes in."""
    x, y = lon, lat
    for _round in range(_ROUNDS):
        there = forward(x, y)
        off_x, off_y = lon - there[0], lat - there[1]
        x, y = x + off_x, y + off_y
        if max(abs(off_x), abs(off_y)) < _PRECISION:
            break
    return x, y


def _gcj02(lon: float, lat: float) -> Point:
    x, y = lon - 105, lat - 35
    phi = math.radians(lat)
    w = 1 - _ECCENTRICITY * math.sin(phi) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY) / (w * math.sqrt(w))
    parallel_m = _AXIS_M / math.sqrt(w) * math.cos(phi)
    return lon + math.degrees(_east_m(x, y) / parallel_m), lat + math.degrees(_north_m(x, y) / meridian_m)


def _bd09(lon: float, lat: float) -> Point:
    x, y = _gcj02(lon, lat)
    radius = math.hypot(x, y) + 0.00002 * math.sin(y * _BD_PI)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BD_PI)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def _north_m(x: float, y: float) -> float:
    polynomial = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    waves = _waves(x, 20, 6, 20, 2) + _waves(y, 20, 1, 40, 1 / 3) + _waves(y, 160, 1 / 12, 320, 1 / 30)
    return polynomial + waves


def _east_m(x: float, y: float) -> float:
    polynomial = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    waves = _waves(x, 20, 6, 20, 2) + _waves(x, 20, 1, 40, 1 / 3) + _waves(x, 150, 1 / 12, 300, 1 / 30)
    return polynomial + waves


def _waves(v: float, a: float, f: float, b: float, g: float) -> float:
    return 2 / 3 * (a * math.sin(f * v * math.pi) + b * math.sin(g * v * math.pi))


_FROM_WGS84: dict[CoordinateSystem, Callable[[float, float], Point]] = {
    CoordinateSystem.GCJ02: _gcj02,
    CoordinateSystem.BD09: _bd09,
}
