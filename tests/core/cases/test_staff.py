"""A member of staff finds what they reported again, wherever it went; whoever never reported costs nothing."""

import pytest
from django.db import transaction

from gridloop.base.common.ids import new_id
from gridloop.core.cases import actions
from gridloop.core.cases.actions.intake import begin, next_number
from gridloop.core.cases.bulk import store_many
from gridloop.core.cases.casefile import Times
from gridloop.core.cases.models import Case
from gridloop.core.cases.staff import has_reported
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, World, intake

pytestmark = pytest.mark.django_db


def seen_by(actor) -> set:
    return set(Case.objects.visible_to(actor).values_list("pk", flat=True))


def test_a_handler_sees_the_units_cases_and_after_the_first_report_ones_own(world: World) -> None:
    held = factories.dispatched(world)
    assert not has_reported(world.handler.user_id)
    assert seen_by(world.handler) == {held.pk}
    own = actions.report(intake(world), actor=world.handler, at=AT)
    assert has_reported(world.handler.user_id)
    assert seen_by(world.handler) == {held.pk, own.pk}


def test_a_report_that_is_rolled_back_was_none(world: World) -> None:
    with transaction.atomic():
        actions.report(intake(world), actor=world.handler, at=AT)
        assert has_reported(world.handler.user_id)
        transaction.set_rollback(True)
    assert not has_reported(world.handler.user_id)


def test_what_is_stored_in_bulk_counts_as_well(world: World) -> None:
    mediator = world.actors[Role.MEDIATOR]
    file = begin(
        intake(world),
        actor=mediator,
        at=AT,
        key=new_id(),
        number=next_number(AT),
        times=Times.now_in_force(),
    )
    store_many([file])
    assert has_reported(mediator.user_id)
    assert file.case.pk in seen_by(mediator)
