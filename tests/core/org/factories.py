"""A small fictional town, built by calling actions; other apps' tests may use it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import shapely
from django.test import Client

from gridloop.core.org import actions
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Post, Region, Unit, User
from gridloop.core.org.permissions import Role

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai
TODAY = date(2026, 3, 2)
DEGREE = 0.01  # about 1 km
SignIn = Callable[[Actor], Client]


def square(column: int, row: int, *, size: float = DEGREE) -> shapely.Polygon:
    """Return a square of the town's raster, WGS-84, whose south-west corner is (120 + column, 31 + row) × size."""
    west, south = 120 + column * DEGREE, 31 + row * DEGREE
    return shapely.box(west, south, west + size, south + size)


@dataclass
class Town:
    """One town of two villages; the first has two grids side by side, the second none."""

    town: Region
    village: Region
    other_village: Region
    grid: Region
    other_grid: Region
    centre: Unit
    office: Unit
    committee: Unit


def make_town(*, boundaries: bool = False) -> Town:
    add = actions.add_region
    town = add(None, code="320499101000", name="云溪镇", level="town")
    village = add(town, code="320499101201", name="柳桥村", level="village")
    other = add(town, code="320499101202", name="东塘村", level="village")
    grids = [
        add(village, code=f"32049910120100{n}", name=f"柳桥第{n}网格", level="grid", households=400)
        for n in (1, 2)
    ]
    centre = actions.add_unit(None, code="centre", name="指挥中心", kind="centre", region=town)
    office = actions.add_unit(centre, code="office", name="综合执法局", kind="department", region=town)
    committee = actions.add_unit(
        centre, code="v1", name="柳桥村委会", kind="village_committee", region=village
    )
    made = Town(town, village, other, *grids, centre, office, committee)
    if boundaries:
        give_boundaries(made)
    return made


def give_boundaries(made: Town) -> None:
    """Lay the town out: grids at (0, 0) and (1, 0), the other village at (2, 0), nothing elsewhere."""
    shapes = {
        made.grid: square(0, 0),
        made.other_grid: square(1, 0),
        made.village: shapely.union_all([square(0, 0), square(1, 0)]),
        made.other_village: square(2, 0),
        made.town: shapely.union_all([square(n, 0) for n in range(3)]),
    }
    for region, shape in shapes.items():
        actions.set_boundary(region.pk, shape, at=NOW)


def make_person(name: str, **fields: str) -> User:
    return actions.add_user(name, full_name=fields.pop("full_name", name), **fields)


def make_post(person: User, unit: Unit, role: Role, region: Region, **fields: object) -> Post:
    return actions.appoint(person, unit, role, region, starts_on=date(2026, 1, 1), **fields)


def signed_in(actor: Actor) -> Client:
    """Return a browser in which the actor has signed in."""
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client
