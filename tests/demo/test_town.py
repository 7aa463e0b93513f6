"""The town as it is stored: regions, units, people and the rulebook of the demo."""

import re

import numpy as np
import pytest
import shapely
from django.contrib.auth.password_validation import validate_password

from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.locate import jurisdiction, locate_many
from gridloop.core.org.models import Boundary, Level, Post, Region, Unit, UnitKind, User
from gridloop.core.org.permissions import APPOINTABLE
from gridloop.demo.people import LOGINS, PASSWORD
from gridloop.demo.regions import PEOPLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def shapes_of(*levels: str) -> dict[str, shapely.MultiPolygon]:
    rows = Boundary.objects.current().filter(region__level__in=levels).values_list("region__code", "wkb")
    return {code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}


def test_the_tree_has_22_villages_and_communities_with_240_grids() -> None:
    count = {level: Region.objects.at_level(level).count() for level in Level}
    assert count[Level.VILLAGE] + count[Level.COMMUNITY] == 22
    assert count[Level.GRID] == 240
    assert count[Level.MICRO_GRID] >= 4
    assert jurisdiction().name == "云汀镇"


def test_stored_grids_tile_the_town_and_each_lies_in_its_village() -> None:
    grids = shapes_of(Level.GRID)
    parts = [part for shape in grids.values() for part in shape.geoms]
    assert shapely.coverage_is_valid(parts)
    town = next(iter(shapes_of(Level.TOWN).values()))
    assert sum(part.area for part in parts) == pytest.approx(town.area, rel=1e-9)
    villages = shapes_of(Level.VILLAGE, Level.COMMUNITY)
    outside = [code for code, shape in grids.items() if shape.difference(villages[code[:12]]).area > 1e-15]
    assert outside == []


def test_every_point_of_the_town_is_found_inside_a_grid() -> None:
    town = next(iter(shapes_of(Level.TOWN).values()))
    west, south, east, north = town.bounds
    rng = np.random.default_rng(1)
    lons, lats = rng.uniform(west, east, 4000), rng.uniform(south, north, 4000)
    within = shapely.contains_xy(town, lons, lats)
    _ids, matches = locate_many(lons[within], lats[within])
    assert set(matches) == {"inside"}


def test_about_120_thousand_people_live_in_grids_of_mostly_300_to_500_households() -> None:
    grids = Region.objects.filter(level=Level.GRID, grid_kind="comprehensive")
    assert sum(g.population or 0 for g in Region.objects.filter(level=Level.GRID)) == pytest.approx(
        PEOPLE, rel=0.06
    )
    households = [grid.households or 0 for grid in grids]
    usual = sum(300 <= n <= 500 for n in households) / len(households)
    assert 0.8 < usual < 0.97


def test_there_is_somebody_to_log_in_as_for_every_role_and_one_who_holds_two_posts() -> None:
    posts = Post.objects.filter(user__username__in=LOGINS)
    assert {post.role for post in posts} == set(APPOINTABLE)
    assert [name for name in LOGINS if posts.filter(user__username=name).count() == 2] == ["lianggang"]
    for user in User.objects.filter(username__in=LOGINS):
        validate_password(PASSWORD, user)
        assert user.check_password(PASSWORD)


def test_nobody_else_can_log_in_with_a_password() -> None:
    assert not any(u.has_usable_password() for u in User.objects.exclude(username__in=LOGINS))


def test_every_grid_has_its_worker_and_every_village_its_committee_and_branch() -> None:
    workers = Post.objects.filter(role="grid_worker").values_list("region_id", flat=True)
    assert set(workers) == set(Region.objects.at_level(Level.GRID).values_list("pk", flat=True))
    for village in Region.objects.at_level(Level.VILLAGE, Level.COMMUNITY):
        kinds = set(Unit.objects.filter(region=village).values_list("kind", flat=True))
        assert UnitKind.BRANCH in kinds
        assert kinds & {UnitKind.VILLAGE_COMMITTEE, UnitKind.COMMUNITY_COMMITTEE}


def test_the_default_rulebook_finds_a_unit_of_the_town_for_every_duty() -> None:
    book, village = rulebook(), Region.objects.at_level(Level.VILLAGE).order_by("code")[0]
    day = Post.objects.order_by("starts_on")[0].starts_on
    duties = {c.code: book.duty(c.id, village.path, day) for c in book.sub()}
    assert [code for code, duty in duties.items() if duty is None or duty.lead_unit_id is None] == []


def test_no_telephone_number_has_the_form_of_a_real_one() -> None:
    mobiles = User.objects.exclude(phone="").values_list("phone", flat=True)
    assert all(re.fullmatch(r"100\d{8}", number) for number in mobiles)
    assert all(re.fullmatch(r"000-86\d{6}", n) for n in Unit.objects.values_list("duty_phone", flat=True))
