"""What the database itself refuses."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from gridloop.core.org.models import Boundary, Post, Region, Unit, WorkingHours
from gridloop.core.org.permissions import APPOINTABLE, Role
from tests.core.org.factories import NOW, make_person, make_post, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def refused(constraint, write):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("region_level_known", {"level": "street"}),
        ("region_code_fits_level", {"code": "32049910120"}),
        ("region_code_fits_level", {"code": "320499101201001"}),
        ("region_code_fits_level", {"code": "32049910120X"}),
        ("region_grid_kind_fits_level", {"grid_kind": "comprehensive"}),
    ],
)
def test_a_village_with_a_wrong_level_code_or_grid_kind_is_refused(town, constraint, change):
    refused(constraint, lambda: Region.objects.filter(pk=town.village.pk).update(**change))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("region_code_fits_level", {"code": "320499101201"}),
        ("region_code_fits_level", {"code": "320499101201a"}),
        ("region_grid_kind_fits_level", {"grid_kind": ""}),
        ("region_grid_kind_fits_level", {"grid_kind": "micro"}),
    ],
)
def test_a_grid_needs_a_suffix_and_a_kind(town, constraint, change):
    if change.get("code") == "320499101201":
        Region.objects.filter(pk=town.village.pk).update(code="320499101299")
    refused(constraint, lambda: Region.objects.filter(pk=town.grid.pk).update(**change))


def test_two_regions_cannot_share_a_code(town):
    refused("org_region_code", lambda: Region.objects.filter(pk=town.village.pk).update(code=town.town.code))


def test_a_region_has_one_current_boundary(town):
    row = {"region": town.grid, "wkb": b"x", "source_crs": "wgs84", "valid_from": NOW}
    Boundary.objects.create(**row, valid_to=NOW + timedelta(days=1))
    Boundary.objects.create(**row)
    refused("boundary_one_current", lambda: Boundary.objects.create(**row))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [("boundary_valid_period", {"valid_to": NOW}), ("boundary_source_crs_known", {"source_crs": "utm50"})],
)
def test_a_boundary_ends_after_it_begins_and_names_its_coordinate_system(town, constraint, change):
    row = {"region": town.grid, "wkb": b"x", "source_crs": "wgs84", "valid_from": NOW} | change
    refused(constraint, lambda: Boundary.objects.create(**row))


@pytest.mark.parametrize(
    ("constraint", "change"), [("unit_kind_known", {"kind": "shop"}), ("unit_code_given", {"code": ""})]
)
def test_a_unit_has_a_known_kind_and_a_code(town, constraint, change):
    refused(constraint, lambda: Unit.objects.filter(pk=town.office.pk).update(**change))


@pytest.mark.parametrize("role", sorted(set(Role) - set(APPOINTABLE)))
def test_nobody_is_appointed_resident_program_or_system(town, role):
    post = make_post(make_person("wang"), town.office, Role.HANDLER, town.town)
    refused("post_role_appointable", lambda: Post.objects.filter(pk=post.pk).update(role=role))


def test_a_post_does_not_end_before_it_starts(town):
    post = make_post(make_person("wang"), town.office, Role.HANDLER, town.town)
    refused("post_period", lambda: Post.objects.filter(pk=post.pk).update(ends_on=date(2025, 12, 31)))


def test_a_person_has_one_default_post_and_holds_each_post_once(town):
    wang = make_person("wang")
    first = make_post(wang, town.office, Role.HANDLER, town.town)
    second = make_post(wang, town.office, Role.OPERATOR, town.town)
    assert (first.is_default, second.is_default) == (True, False)
    refused("post_one_default", lambda: Post.objects.filter(pk=second.pk).update(is_default=True))
    refused("post_once_at_a_time", lambda: Post.objects.filter(pk=second.pk).update(role=Role.HANDLER))


def test_working_hours_run_forward_and_start_once():
    row = {"starts": time(9), "ends": time(12), "valid_from": date(2026, 1, 1)}
    WorkingHours.objects.create(**row)
    refused("working_hours_once", lambda: WorkingHours.objects.create(**row))
    refused("working_hours_forward", lambda: WorkingHours.objects.create(**row | {"starts": time(13)}))
