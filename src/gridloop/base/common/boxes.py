"""Windows of the map: west, south, east, north in degrees."""

import math
from typing import TypeAlias

from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput

Box: TypeAlias = tuple[float, float, float, float]


def read_box(text: str) -> Box:
    """
    Return west, south, east, north in degrees.

    :raises InvalidInput: not four numbers, out of range, or in the wrong order.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise _bad_box() from error
    is_finite = all(math.isfinite(side) for side in (west, south, east, north))
    if not is_finite or west > east or south > north:
        raise _bad_box()
    return west, south, east, north


def _bad_box() -> InvalidInput:
    return InvalidInput(
        _("地图范围应为 西,南,东,北 四个经纬度，例如 119.9,31.6,120.1,31.8。"), fields={"bbox": _("格式不对")}
    )
