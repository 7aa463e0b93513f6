"""What a program must know to name anything: categories, regions, units, standards, its own key."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from gridloop.core.catalogue.rulebook import CategoryView, rulebook
from gridloop.core.org.middleware import actor_in
from gridloop.core.org.models import Region, Unit
from gridloop.faces.exchange.rest.codes import category_id
from gridloop.faces.exchange.rest.schemas import (
    CategoryOut,
    KeyOut,
    LimitOut,
    RegionOut,
    StandardOut,
    UnitOut,
)

router = Router(tags=["reference"])


@router.get("/categories", response=list[CategoryOut], operation_id="list_categories", summary="事项类别")
def list_categories(request: HttpRequest) -> list[CategoryOut]:
    """List the categories in use, each main one before its own."""
    del request
    book = rulebook()
    return [_category(c, main) for main in book.main() for c in (main, *book.sub(main.id))]


@router.get("/regions", response=list[RegionOut], operation_id="list_regions", summary="区划")
def list_regions(request: HttpRequest) -> list[RegionOut]:
    """List the regions in use, each before what lies in it."""
    del request
    rows = list(Region.objects.active().order_by("path"))
    codes = {row.path: row.code for row in rows}
    return [
        RegionOut(
            code=row.code, name=row.name, level=row.level, parent=codes.get(row.path[: -Region.steplen])
        )
        for row in rows
    ]


@router.get("/units", response=list[UnitOut], operation_id="list_units", summary="单位")
def list_units(request: HttpRequest) -> list[UnitOut]:
    """List the units in use, each before those under it."""
    del request
    rows = list(Unit.objects.active().select_related("region").order_by("path"))
    codes = {row.path: row.code for row in rows}
    return [
        UnitOut(
            code=row.code,
            name=row.name,
            kind=row.kind,
            region=row.region.code,
            parent=codes.get(row.path[: -Unit.steplen]),
        )
        for row in rows
    ]


@router.get("/standards", response=StandardOut, operation_id="read_standard", summary="立结案标准与时限")
def read_standard(request: HttpRequest, category: str, on: date | None = None) -> StandardOut:
    """Read a category's standard as it stands on a day, today without one."""
    del request
    day = on or timezone.localdate()
    found = rulebook().standard(category_id(category), day)
    limits = [
        LimitOut(stage=stage, amount=limit.amount, unit=limit.unit) for stage, limit in found.limits.items()
    ]
    return StandardOut(
        category=category.strip(),
        on=day,
        opening=found.opening,
        closing=found.closing,
        evidence=found.evidence,
        limits=limits,
    )


@router.get("/key", response=KeyOut, operation_id="read_key", summary="本密钥")
def read_key(request: HttpRequest) -> KeyOut:
    """Say what the key at hand is, as whom it acts, and what it may do."""
    key = request.auth  # type: ignore[attr-defined]  # the key that ninja has admitted
    return KeyOut(
        name=key.name,
        acts_as=actor_in(request).label,
        scopes=key.scopes,
        calls_per_minute=key.calls_per_minute,
        expires_at=key.expires_at,
    )


def _category(category: CategoryView, main: CategoryView) -> CategoryOut:
    return CategoryOut(
        code=category.code,
        name=category.name,
        parent=None if category is main else main.code,
        kind=category.kind,
        urgency=category.urgency,
        is_public=category.is_public,
    )
