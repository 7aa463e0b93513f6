"""The emergencies of the demo town."""

import pytest

from gridloop.capabilities.incidents.models import Incident, Plan, Resource, ResourceKind
from gridloop.capabilities.incidents.needs import Search, groups_for
from gridloop.core.audit.verify import verify
from tests.demo.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def test_every_kind_of_resource_is_there_and_stands_in_the_town():
    kinds = set(Resource.objects.values_list("kind", flat=True))
    assert kinds == set(ResourceKind.values)
    assert Resource.objects.exclude(region__level="town").count() == Resource.objects.count()
    assert not Resource.objects.filter(owners=None).exists()


def test_each_plan_finds_somebody_for_every_role():
    assert Plan.objects.count() == 4
    for version in (plan.versions.get() for plan in Plan.objects.all()):
        spot = Incident.objects.first()
        spot.plan, spot.is_drill = version, False
        found = {group.need.label: len(group.candidates) for group in groups_for(spot, Search(), NOW)}
        assert all(found.values()), found


def test_one_emergency_is_over_with_its_review_and_one_drill_runs():
    over = Incident.objects.ended().get()
    assert over.reviewed_at is not None
    assert not over.is_drill
    assert set(over.calls.values_list("state", flat=True)) == {"done", "replaced"}
    drill = Incident.objects.open().get()
    assert drill.is_drill
    assert drill.calls.unanswered(NOW).count() == 2
    assert verify().is_whole
