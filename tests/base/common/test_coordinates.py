import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.coordinates import CoordinateSystem, from_wgs84, to_wgs84

WGS84, GCJ02, BD09 = CoordinateSystem

# The points that the eviltransform library publishes with its tests: lat, lon, lat, lon.
WGS84_TO_GCJ02 = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
]
# Published with the coordtransform library, and the answer of a vendor's conversion service in its manual:
# lon, lat in GCJ-02, then in BD-09. (The manual's WGS-84 of the same point is 1.7 m off: a one-step inverse.)
GCJ02_TO_BD09 = [
    (116.404, 39.915, 116.41036949371029, 39.92133699351021),
    (120.026268, 30.279164, 120.032768, 30.285238),
]
# The example in the manual of the vendor whose own shift BD-09 is.
WGS84_TO_BD09 = (114.21892734521, 29.575429778924, 114.23075114005, 29.579088074495)

lons, lats = st.floats(74, 135), st.floats(5, 53)


def metres(a, b) -> float:
    east = (a[0] - b[0]) * math.cos(math.radians(a[1]))
    return math.hypot(east, a[1] - b[1]) * 111_320


@pytest.mark.parametrize(("lat", "lon", "gcj_lat", "gcj_lon"), WGS84_TO_GCJ02)
def test_published_points_convert_within_a_metre(lat, lon, gcj_lat, gcj_lon):
    assert metres(from_wgs84(lon, lat, GCJ02), (gcj_lon, gcj_lat)) < 0.1
    assert metres(to_wgs84(gcj_lon, gcj_lat, GCJ02), (lon, lat)) < 0.1


@pytest.mark.parametrize(("lon", "lat", "bd_lon", "bd_lat"), GCJ02_TO_BD09)
def test_published_points_of_the_second_shift_convert_within_a_metre(lon, lat, bd_lon, bd_lat):
    assert metres(from_wgs84(*to_wgs84(lon, lat, GCJ02), BD09), (bd_lon, bd_lat)) < 0.1
    assert metres(from_wgs84(*to_wgs84(bd_lon, bd_lat, BD09), GCJ02), (lon, lat)) < 0.1


def test_the_vendors_own_example_converts_within_a_metre():
    lon, lat, bd_lon, bd_lat = WGS84_TO_BD09
    assert metres(from_wgs84(lon, lat, BD09), (bd_lon, bd_lat)) < 1.1
    assert metres(to_wgs84(bd_lon, bd_lat, BD09), (lon, lat)) < 1.1


@given(lons, lats, st.sampled_from(CoordinateSystem))
def test_there_and_back_is_the_same_point(lon, lat, system):
    shifted = from_wgs84(lon, lat, system)
    assert metres(to_wgs84(*shifted, system), (lon, lat)) < 0.01
    assert (0 if system == WGS84 else 10) <= metres(shifted, (lon, lat)) < 3000


def test_the_shift_in_changzhou_is_what_was_measured_there():
    # 508 m at the Economic Development Zone: a mixed-up system is far more than a grid's edge.
    assert 480 < metres(from_wgs84(120.06, 31.75, GCJ02), (120.06, 31.75)) < 530


@pytest.mark.parametrize("system", CoordinateSystem)
@pytest.mark.parametrize("point", [(0.0, 0.0), (-0.1276, 51.5072), (151.2, -33.9), (139.69, 35.69)])
def test_outside_china_nothing_is_shifted(point, system):
    assert from_wgs84(*point, system) == point
    assert to_wgs84(*point, system) == point
