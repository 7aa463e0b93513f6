"""Resources as GeoJSON for maps."""

import math
from datetime import datetime
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.incidents.config import named, settings
from gridloop.capabilities.incidents.finding import haversine_m
from gridloop.capabilities.incidents.models import Call, CallState, Resource, ResourceKind

MOST = 3_000


def read_kinds(text: str) -> list[str]:
    """Return the kinds of `team,vehicle`; all of them for nothing. :raises InvalidInput: one is unknown."""
    kinds = [kind for kind in text.split(",") if kind]
    if unknown := [kind for kind in kinds if kind not in ResourceKind.values]:
        known = "、".join(ResourceKind.values)
        raise InvalidInput(
            _("没有“%(kind)s”这类资源，可选：%(known)s。") % {"kind": unknown[0][:20], "known": known},
            fields={"kinds": _("不认识")},
        )
    return kinds or list(ResourceKind.values)


def read_numbers(text: str, count: int, name: str) -> tuple[float, ...]:
    """Return finite degrees separated by commas. :raises InvalidInput: not `count` of them."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count or not all(math.isfinite(n) and abs(n) <= 180 for n in numbers):
        raise InvalidInput(
            _("%(name)s 应为 %(count)s 个用逗号分开的经纬度。") % {"name": name, "count": count},
            fields={name: _("格式不对")},
        )
    return numbers


def collection(
    kinds: list[str],
    now: datetime,
    *,
    box: tuple[float, ...] = (),
    near: tuple[float, ...] = (),
    names_people: bool = False,
) -> dict[str, Any]:
    """
    Return resources in use as a FeatureCollection, at most 3,000; `truncated` says that there are more.

    Each has `name`, `kind`, `unit`, `on_duty`, `skills` and, while it is called somewhere, `busy` with the
    step; with `near` also `distance_m`, an estimate of the way, and the nearest come first. Two statements.

    :param box: west, south, east, north.
    :param near: a point, longitude and latitude.
    :param names_people: for those who call them; for others a person is one of the unit's people on duty,
        without name or code.
    """
    found = Resource.objects.active().filter(kind__in=kinds)
    if box:
        found = found.in_box(box)  # type: ignore[arg-type]  # four of them, as read
    rows = list(found.select_related("unit").defer("contact").order_by("pk")[: MOST + 1])
    is_truncated, rows = len(rows) > MOST, rows[:MOST]
    # A drill does not show: who looks at the map in an emergency asks who is at work.
    active = Call.objects.active().filter(is_drill=False, resource__in=[row.pk for row in rows])
    busy = dict(active.values_list("resource_id", "state"))
    features = [_feature(row, now, busy.get(row.pk, ""), names_people=names_people) for row in rows]
    if near and rows:
        ways = haversine_m(near[0], near[1], np.array([r.lon for r in rows]), np.array([r.lat for r in rows]))
        for feature, way in zip(features, ways * settings().detour, strict=True):
            feature["properties"]["distance_m"] = round(float(way))
        features.sort(key=lambda feature: feature["properties"]["distance_m"])
    return {"type": "FeatureCollection", "truncated": is_truncated, "features": features}


def _feature(row: Resource, now: datetime, step: str, *, names_people: bool) -> dict[str, Any]:
    is_on_duty = row.is_on_duty(now)
    kind = str(ResourceKind(row.kind).label)
    is_unnamed = row.kind == ResourceKind.PERSON and not names_people
    name = f"{row.unit.name} · {kind}" if is_unnamed else row.name
    words = str(CallState(step).label) if step else _("在岗") if is_on_duty else _("不在值守时间")
    return {
        "type": "Feature",
        "id": row.pk,
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": {
            "id": row.pk,
            "number": "" if is_unnamed else row.code,
            "name": name,
            "title": name,
            "kind": row.kind,
            "kind_label": kind,
            "unit": row.unit.name,
            "on_duty": is_on_duty,
            "busy": step,
            "state": f"{kind} · {words}",
            "skills": named(row.skills),
            "url": reverse("incidents:resource", args=[row.pk]),
        },
    }
