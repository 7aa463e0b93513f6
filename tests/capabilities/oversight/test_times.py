"""The desk for extensions and suspensions says what a decision would mean, and it means just that."""

import pytest
from django.urls import reverse
from django.utils import timezone

from gridloop.core.cases import actions
from gridloop.core.cases.models import Case, TimeRequest
from tests.core.cases.factories import DAY, HOUR, MINUTE, World, handling
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db


def asks_for_extension(world: World, amount: int = 2, **changes) -> Case:
    now = timezone.now()
    case = handling(world, now - HOUR, **changes)
    return actions.request_extension(
        case.pk, actor=world.handler, at=now - MINUTE, amount=amount, note="缺材料"
    )


def asks_for_suspension(world: World, **changes) -> Case:
    now = timezone.now()
    case = handling(world, now - HOUR, **changes)
    return actions.request_suspension(
        case.pk, actor=world.handler, at=now - MINUTE, until=now + 6 * DAY, note="等施工许可"
    )


def decide(client, case: Case, decision: str, note: str = "", version: int | None = None, query: str = ""):
    data = {"decision": decision, "note": note, "version": version or case.version, "query": query}
    return client.post(reverse("oversight:decide", args=[case.pk]), data)


def test_the_new_end_that_is_shown_is_the_one_that_comes(world: World, sign_in: SignIn):
    case = asks_for_extension(world)
    client = sign_in(world.leader)
    (row,) = client.get(reverse("oversight:times")).context["rows"]
    (effect,) = row.effects
    assert (effect.is_asked, effect.old) == (True, case.due_at)
    decide(client, case, "grant")
    assert Case.objects.get().due_at == effect.new > effect.old


def test_a_suspension_shows_all_clocks_that_would_stand_still_and_whose_they_are(
    world: World, sign_in: SignIn
):
    case = asks_for_suspension(world, assistants=(world.town.committee.pk,))
    client = sign_in(world.leader)
    (row,) = client.get(reverse("oversight:times")).context["rows"]
    assert {effect.unit for effect in row.effects} == {"综合执法局", "柳桥村委会"}
    assert row.affected == ["柳桥村委会"]
    assert all(effect.moves for effect in row.effects)
    assert "计时暂停" in row.headline
    decide(client, case, "grant", "同意")
    assert (Case.objects.get().state, Case.objects.get().resume_at) == ("suspended", row.request.until)


def test_a_refusal_needs_words_and_keeps_what_was_typed(world: World, sign_in: SignIn):
    case = asks_for_extension(world)
    client = sign_in(world.leader)
    refused = decide(client, case, "refuse")
    assert refused.status_code == 422
    assert refused.context["rows"][0].error
    decide(client, case, "refuse", "材料已齐")
    assert TimeRequest.objects.get().is_granted is False


def test_a_case_that_moved_meanwhile_is_shown_afresh_with_what_was_typed(world: World, sign_in: SignIn):
    case = asks_for_extension(world)
    actions.annotate(case.pk, actor=world.operator, at=timezone.now(), note="已电话核实")
    stale = decide(sign_in(world.leader), case, "refuse", "材料已齐")
    assert stale.status_code == 409
    row = stale.context["rows"][0]
    assert (row.typed, row.case.version) == ("材料已齐", case.version + 1)
    assert TimeRequest.objects.get().decided_at is None


def test_nobody_decides_what_they_asked_for_nor_twice(world: World, sign_in: SignIn):
    case = asks_for_extension(world)
    TimeRequest.objects.update(asked_by=world.leader.user_id)
    client = sign_in(world.leader)
    assert client.get(reverse("oversight:times")).context["rows"][0].why_not
    assert decide(client, case, "grant").status_code == 409
    TimeRequest.objects.update(asked_by=world.handler.user_id)
    assert decide(client, case, "grant").status_code == 302
    assert decide(client, case, "grant").status_code == 404


def test_the_filters_and_the_statements(world: World, sign_in: SignIn, django_assert_max_num_queries):
    for _n in range(4):
        asks_for_extension(world)
    waits = asks_for_suspension(world)
    client = sign_in(world.leader)
    page = reverse("oversight:times")
    assert [row.case.pk for row in client.get(f"{page}?kind=suspension").context["rows"]] == [waits.pk]
    assert client.get(f"{page}?is_late=on").context["rows"] == []
    with django_assert_max_num_queries(6):
        assert len(client.get(page).context["rows"]) == 5
