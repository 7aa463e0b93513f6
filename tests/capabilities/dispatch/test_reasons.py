"""Why a case went where it went can be asked later, and by whom."""

import pytest
from django.urls import reverse

from gridloop.capabilities.dispatch.actions.learning import learn_pending
from gridloop.capabilities.dispatch.actions.rules import add_rule
from gridloop.capabilities.dispatch.models import DispatchRule, HowChosen, Reason
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db
NOW = AT + 2 * HOUR


def page(sign_in: SignIn, actor, case: Case) -> str:
    return sign_in(actor).get(reverse("desk:case", args=[case.pk])).content.decode()


def test_a_registered_case_shows_its_proposals_to_who_dispatches(world: World, sign_in: SignIn) -> None:
    case = factories.registered(world)
    shown = page(sign_in, world.operator, case)
    assert "派遣建议" in shown
    assert "在履职清单中列为" in shown
    assert "派遣建议" not in page(sign_in, world.worker, case)


def test_a_dispatch_keeps_rank_and_terms_as_they_were(world: World, sign_in: SignIn) -> None:
    case = factories.dispatched(world)
    learn_pending(at=NOW)
    reason = Reason.objects.get()
    assert (reason.case_id, reason.how, reason.rank) == (case.pk, HowChosen.BY_HAND, 1)
    assert reason.options[0]["terms"][0]["words"].startswith("“暴露垃圾”在履职清单中列为")
    assert "是当时的第 1 项建议" in page(sign_in, world.operator, case)
    assert "派遣理由" not in page(sign_in, world.handler, case)


def test_who_was_not_among_the_proposals_was_chosen_by_a_person(world: World, sign_in: SignIn) -> None:
    case = factories.registered(world, category_id=world.catalogue.weeds.pk)
    actions.dispatch(case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.lead_unit)
    learn_pending(at=NOW)
    assert Reason.objects.get().rank is None
    assert "不在当时的建议之中" in page(sign_in, world.operator, case)


def test_it_is_judged_by_what_was_known_before_it_was_learnt(world: World) -> None:
    for _n in range(2):
        case = factories.registered(world, category_id=world.catalogue.weeds.pk)
        actions.dispatch(case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.lead_unit)
    learn_pending(at=NOW)
    assert [reason.options for reason in Reason.objects.all()] == [[], []]


def test_a_send_back_is_noted_on_the_reason(world: World) -> None:
    factories.send_back(world, factories.dispatched(world), AT + HOUR)
    learn_pending(at=NOW)
    assert Reason.objects.get().sent_back_at == AT + HOUR


def test_a_transfer_is_no_dispatch_and_what_was_imported_has_no_reasons(world: World) -> None:
    case = factories.dispatched(world)
    move = {"from_unit_id": world.lead_unit, "to_unit_id": world.town.committee.pk, "note": "改派"}
    actions.transfer(case.pk, actor=world.operator, at=AT + HOUR, **move)
    learn_pending(at=NOW)
    assert Reason.objects.count() == 1
    factories.dispatched(world, AT - 3 * DAY)
    learn_pending(at=NOW)
    assert Reason.objects.count() == 1


def test_a_rule_counts_how_often_it_spoke_and_was_followed(world: World) -> None:
    weeds, committee = world.catalogue.weeds.pk, world.town.committee.pk
    rule = add_rule(actor=world.leader, at=AT, name="杂草", lead_id=committee, category_ids=[weeds])
    for unit in (committee, committee, world.lead_unit):
        case = factories.registered(world, category_id=weeds)
        actions.dispatch(case.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=unit)
    learn_pending(at=NOW)
    use = DispatchRule.objects.with_use().get(pk=rule.pk).use
    assert (use.hits, use.followed) == (3, 2)


def test_a_batch_keeps_what_its_preview_showed(world: World) -> None:
    from gridloop.capabilities.dispatch.actions import batches, previews

    case = factories.registered(world)
    batch = previews.preview([case.pk], actor=world.operator, at=AT + 2 * MINUTE)
    batches.confirm(batch.pk, actor=world.operator, at=AT + 3 * MINUTE)
    batches.carry_out(batch.pk, at=AT + 3 * MINUTE)
    learn_pending(at=NOW)
    reason = Reason.objects.get()
    assert (reason.how, reason.rank) == (HowChosen.TOGETHER, 1)
    assert reason.options == batch.items.get().options


def test_the_panel_keeps_to_its_statements(world: World, django_assert_max_num_queries) -> None:
    from gridloop.capabilities.dispatch.panels import STATEMENTS, dispatch_panel
    from gridloop.core.cases.casefile import open_file

    case = Case.objects.select_related("region").get(pk=factories.registered(world).pk)
    file = open_file(case)
    dispatch_panel(file, world.operator, NOW)
    with django_assert_max_num_queries(STATEMENTS):
        assert dispatch_panel(file, world.operator, NOW)
    assert dispatch_panel(file, world.actors[Role.HANDLER], NOW) is None
