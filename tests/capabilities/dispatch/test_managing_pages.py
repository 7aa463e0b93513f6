"""The pages on which a change is tried dry, and automatic dispatch is switched on and off."""

from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.dispatch.actions import automatic
from gridloop.capabilities.dispatch.actions.automatic import dispatch_waiting
from gridloop.capabilities.dispatch.actions.learning import learn_pending
from gridloop.capabilities.dispatch.models import AutoDispatch, DispatchRule, DryRun
from gridloop.capabilities.dispatch.present.automatic import failures, settings
from gridloop.core.cases.errors import StaleCase
from tests.core.cases import factories
from tests.core.cases.factories import DAY, MINUTE, World
from tests.core.org.factories import SignIn

RUNS, AUTOMATIC = "/dispatch/dry-runs/", "/dispatch/automatic/"


@pytest.fixture
def leader(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.leader)


def period() -> dict[str, str]:
    today = timezone.localdate()
    return {"since": str(today - 10 * DAY), "until": str(today)}


def dispatched_lately(world: World, count: int) -> None:
    for _n in range(count):
        factories.dispatched(world, timezone.now() - DAY)


def test_another_lead_in_the_duty_list_is_tried_dry_listed_by_flow_and_exported(world: World, leader: Client):
    dispatched_lately(world, 3)
    wanted = {"category": world.catalogue.litter.pk, "unit": world.town.committee.pk}
    page = leader.post(RUNS, period() | wanted, follow=True)
    text = page.content.decode()
    assert "3 件派遣中，3 件会换单位" in text
    assert "“暴露垃圾”在全镇由柳桥村委会主办" in text
    flow = page.context["flows"][0]
    assert (flow.source, flow.target, flow.count) == ("综合执法局", "柳桥村委会", 3)
    run = DryRun.objects.get()
    narrowed = leader.get(reverse("dispatch:dry_run", args=[run.pk]) + f"?{flow.query}")
    assert len(narrowed.context["page"].rows) == 3
    assert not leader.get(reverse("dispatch:dry_run", args=[run.pk]) + "?target=none").context["page"].rows
    sheet = leader.get(reverse("dispatch:export_dry_run", args=[run.pk]) + f"?{flow.query}")
    rows = list(openpyxl.load_workbook(BytesIO(b"".join(sheet.streaming_content))).active.values)
    assert len(rows) == 4
    assert rows[1][3:6] == ("综合执法局", "柳桥村委会", "综合执法局")


def test_a_rule_is_tried_dry_from_its_form_without_being_saved(world: World, leader: Client):
    dispatched_lately(world, 2)
    said = {
        "name": "垃圾派村委会",
        "lead_id": world.town.committee.pk,
        "words": "垃圾",
        "beats_duty": "on",
        "rule": "new",
    }
    text = leader.post(reverse("dispatch:try_rule"), period() | said, follow=True).content.decode()
    assert "2 件派遣中，2 件会换单位" in text
    assert "按规则“垃圾派村委会”" in text
    assert not DispatchRule.objects.exists()
    wrong = leader.post(reverse("dispatch:try_rule"), period() | said | {"lead_id": ""})
    assert wrong.status_code == 422
    assert 'value="垃圾派村委会"' in wrong.content.decode()


@pytest.mark.parametrize("posted", [{}, {"category": "1"}, {"since": "x"}])
def test_a_dry_run_of_nothing_is_refused_kindly(world: World, leader: Client, posted: dict[str, str]):
    answer = leader.post(RUNS, period() | posted)
    assert answer.status_code == 422
    assert not DryRun.objects.exists()


def test_automatic_dispatch_is_off_until_switched_on_and_shows_what_it_did(world: World, leader: Client):
    case = factories.registered(world, timezone.now() - 5 * MINUTE)
    assert dispatch_waiting(at=timezone.now()) == 0
    assert "没有小类开启自动派遣" in leader.get(AUTOMATIC).content.decode()
    said = {
        "category_id": world.catalogue.litter.pk,
        "is_on": "on",
        "threshold": 50,
        "most_returned": 10,
    }
    leader.post(AUTOMATIC, said)
    assert AutoDispatch.objects.get().is_on
    assert dispatch_waiting(at=timezone.now()) == 1
    learn_pending()
    page = leader.get(AUTOMATIC).content.decode()
    assert case.number in page
    assert reverse("desk:act", args=[case.pk, "recall"]) in page
    leader.post(AUTOMATIC, said | {"is_on": ""})
    assert not AutoDispatch.objects.get().is_on
    assert leader.post(AUTOMATIC, said | {"threshold": 101}).status_code == 422


def test_what_was_tried_and_could_not_be_done_is_counted_with_its_reason_and_its_case(
    world: World, leader: Client, monkeypatch: pytest.MonkeyPatch
):
    now = timezone.now()
    cases = {why: factories.registered(world, now - 5 * MINUTE) for why in ("broken", "refused", "changed")}
    raised = {
        cases["broken"].pk: KeyError("lon"),
        cases["refused"].pk: InvalidInput("承办单位已停用"),
        cases["changed"].pk: StaleCase("案件刚刚被他人更新"),
    }

    def dispatch(case_id, **_how):
        raise raised[case_id]

    monkeypatch.setattr(automatic, "dispatch", dispatch)
    automatic.set_automatic(world.catalogue.litter.pk, is_on=True, actor=world.leader, at=now, threshold=0.5)
    for _run in range(2):
        assert dispatch_waiting(at=now) == 0
    page = leader.get(AUTOMATIC)
    found = {one.case.pk: one.why for one in page.context["failures"]}
    assert found == {
        cases["broken"].pk: "系统出错（KeyError），请人工派遣",
        cases["refused"].pk: "承办单位已停用",
    }
    text = page.content.decode()
    assert "近 30 天没有派成的 2 件" in text
    assert reverse("desk:case", args=[cases["broken"].pk]) in text
    assert failures(settings(), world.leader, now + 31 * DAY) == []
    assert failures(settings(), world.handler, now) == []


def test_these_pages_are_for_who_manages_dispatch(world: World, sign_in: SignIn):
    operator = sign_in(world.operator)
    assert {operator.get(path).status_code for path in (RUNS, AUTOMATIC, "/dispatch/limits/")} == {403}


@pytest.mark.parametrize("key", ["²", "9" * 30, "-1", "一"])
def test_a_key_that_is_none_is_read_as_none_given(world: World, leader: Client, key: str):
    dispatched_lately(world, 1)
    wanted = {"category": world.catalogue.litter.pk, "unit": world.town.committee.pk}
    leader.post(RUNS, period() | wanted)
    found = DryRun.objects.get()
    assert leader.get(reverse("dispatch:dry_run", args=[found.pk]), {"source": key}).status_code == 200
    assert leader.post(reverse("dispatch:try_rule"), {"rule": key}).status_code == 422
