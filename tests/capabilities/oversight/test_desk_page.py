"""The oversight desk: what is late, where and whose; slips and reminders from it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from gridloop.capabilities.oversight.actions import supervise, sweep
from gridloop.capabilities.oversight.models import Reminder, Supervision
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import DAY, HOUR, World, handling, registered, reported
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(world: World):
    """A town in which the office is late with one case, and the centre with another; a third is fresh."""
    now = timezone.now()
    cases = handling(world, now - 20 * DAY), registered(world, now - 20 * DAY), reported(world, now)
    sweep(at=now)
    return cases


def titles(response) -> list[str]:
    return sorted(row.clock.case.number for row in response.context["rows"])


def test_it_shows_what_is_late_where_and_whose(world: World, sign_in: SignIn, late):
    page = sign_in(world.leader).get(reverse("oversight:watched"))
    assert titles(page) == [late[0].number, late[1].number]
    named = {
        name: [(line.name, line.late) for line in lines]
        for _title, name, lines in page.context["board"]["breakdowns"]
    }
    assert named["stage"] == [("派遣", 1), ("处置", 1)]
    assert sorted(named["unit"]) == [("指挥中心", 1), ("综合执法局", 1)]
    assert named["region"] == [("柳桥村", 2)]


def test_the_filters_stand_in_the_address(world: World, sign_in: SignIn, late):
    client = sign_in(world.leader)
    found = {
        query: titles(client.get(f"{reverse('oversight:watched')}?{query}"))
        for query in ("stage=handle", f"unit={world.lead_unit}", "unit=0", "tone=soon", "region=99999")
    }
    assert found == {
        "stage=handle": [late[0].number],
        f"unit={world.lead_unit}": [late[0].number],
        "unit=0": [late[1].number],
        "tone=soon": [],
        "region=99999": [late[0].number, late[1].number],
    }


def test_whoever_answers_for_a_unit_sees_the_units_own(world: World, sign_in: SignIn, late):
    page = sign_in(world.actors[Role.UNIT_LEAD]).get(reverse("oversight:watched"))
    assert titles(page) == [late[0].number]
    assert page.context["board"]["late"] == 1
    village = sign_in(world.actors[Role.SECRETARY]).get(reverse("oversight:watched"))
    assert len(titles(village)) == 2


def test_it_asks_no_more_than_eight_statements_however_much_is_late(
    world: World, sign_in: SignIn, django_assert_max_num_queries
):
    now = timezone.now()
    for n in range(12):
        handling(world, now - 20 * DAY + n * HOUR)
    sweep(at=now)
    for role in (Role.LEADER, Role.UNIT_LEAD, Role.SECRETARY):
        client = sign_in(world.actors[role])
        client.get(reverse("oversight:watched"))
        with django_assert_max_num_queries(8):
            client.get(reverse("oversight:watched"))


def test_those_chosen_are_reminded_of_together(world: World, sign_in: SignIn, late):
    client = sign_in(world.operator)
    here = reverse("oversight:watched") + "?stage=handle"
    chosen = [late[0].pk, late[1].pk]
    answer = client.post(
        reverse("oversight:remind"), {"case": chosen, "cause": "overdue", "back": here}, follow=True
    )
    assert answer.redirect_chain[0][0] == here
    assert Reminder.objects.count() == 2
    again = client.post(reverse("oversight:remind"), {"case": chosen, "cause": "overdue"}, follow=True)
    assert "无需重复" in again.content.decode()
    assert Reminder.objects.count() == 2
    away = client.post(reverse("oversight:remind"), {"case": [], "back": "https://example.com/"})
    assert away["Location"] == reverse("oversight:watched")


def test_a_slip_is_issued_answered_and_released_on_its_pages(world: World, sign_in: SignIn, late):
    leader, handler = sign_in(world.leader), sign_in(world.handler)
    new = reverse("oversight:new_slip", args=[late[0].pk])
    assert leader.get(f"{new}?cause=overdue").context["form"].initial["cause"] == "overdue"
    given = {
        "unit_id": world.lead_unit, "cause": "overdue", "matter": "垃圾清运", "demand": "",
        "reply_by": (timezone.localdate() + 3 * DAY).isoformat(),
    }  # fmt: skip
    refused = leader.post(new, given)
    assert (refused.status_code, refused.context["form"]["matter"].value()) == (422, "垃圾清运")
    leader.post(new, given | {"demand": "三日内清运"})
    slip = Supervision.objects.get()
    page = reverse("oversight:slip", args=[slip.pk])
    move = {
        step: reverse("oversight:move_slip", args=[slip.pk, step]) for step in ("reply", "return", "release")
    }

    assert [name for name, *_ in handler.get(page).context["moves"]] == ["reply"]
    assert handler.post(move["reply"], {"text": ""}).status_code == 422
    handler.post(move["reply"], {"text": "已清运"})
    assert [name for name, *_ in leader.get(page).context["moves"]] == ["return", "release"]
    leader.post(move["release"], {"text": "现场看过"})
    assert Supervision.objects.get().state == "released"
    assert leader.get(page).context["moves"] == []
    word = leader.get(reverse("oversight:slip_word", args=[slip.pk]))
    assert b"".join(word.streaming_content).startswith(b"PK")


def test_a_slip_opens_for_its_unit_and_for_nobody_elses(world: World, sign_in: SignIn, late):
    slip = supervise(
        late[0].pk, actor=world.leader, at=timezone.now(), unit_id=world.lead_unit, cause="overdue",
        demand="清运", reply_by=timezone.localdate() + 3 * DAY,
    )  # fmt: skip
    page = reverse("oversight:slip", args=[slip.pk])
    stranger = factories.add_person(world, Role.HANDLER, "committee", "village", name="zhao")
    opened = {
        role: sign_in(actor).get(page).status_code
        for role, actor in (("handler", world.handler), ("leader", world.leader), ("stranger", stranger))
    }
    assert opened == {"handler": 200, "leader": 200, "stranger": 404}


def test_the_case_page_shows_what_was_said_and_offers_it_to_those_entitled(
    world: World, sign_in: SignIn, late
):
    page = reverse("desk:case", args=[late[0].pk])
    sign_in(world.leader).post(reverse("oversight:remind"), {"case": [late[0].pk], "cause": "overdue"})
    for_leader = sign_in(world.leader).get(page).content.decode()
    assert 'id="do-supervise"' in for_leader
    assert "催办：已经超期" in for_leader
    for_handler = sign_in(world.handler).get(page).content.decode()
    assert 'id="do-remind"' not in for_handler
    assert "催办：已经超期" in for_handler
