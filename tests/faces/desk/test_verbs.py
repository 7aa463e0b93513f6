"""Making a verb from its page: what is asked, what is refused, and that nothing typed is lost."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.org import actions as org
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, MINUTE, World
from tests.core.catalogue.factories import make_duty
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db


def page(case: Case, verb: str) -> str:
    return reverse("desk:act", args=[case.pk, verb])


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "PNG")
    file.seek(0)
    file.name = "现场.png"
    return file


def test_a_verb_that_needs_nothing_is_made_at_one_press(world: World, sign_in: SignIn):
    case = factories.reported(world)
    response = sign_in(world.operator).post(page(case, "register"), {"version": case.version}, follow=True)
    assert state_of(case) == State.REGISTERED
    assert "已办理：立案。案件现为“已立案”。" in response.content.decode()


def test_the_whole_loop_is_made_from_the_pages(world: World, sign_in: SignIn):
    case = factories.reported(world)
    operator, handler = sign_in(world.operator), sign_in(world.handler)
    steps = (
        (operator, "register", {}),
        (operator, "dispatch", {"lead_unit_id": world.lead_unit}),
        (handler, "sign_for", {}),
        (handler, "submit_result", {"note": "已清运", "evidence": photo()}),
        (operator, "verify_pass", {}),
        (operator, "close", {"note": "已清运并加强巡查"}),
    )
    for client, verb, given in steps:
        version = Case.objects.get(pk=case.pk).version
        answer = client.post(page(case, verb), {"version": version, **given})
        assert answer.status_code == 302, (verb, answer.context["form"].errors)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, "已清运并加强巡查")
    assert case.attachments.count() == 1


def test_who_changed_nothing_meanwhile_may_send_a_page_without_a_version(world: World, sign_in: SignIn):
    case = factories.reported(world)
    assert sign_in(world.operator).post(page(case, "register")).status_code == 302


def test_a_stale_page_is_told_the_news_and_keeps_what_was_typed(world: World, sign_in: SignIn):
    case = factories.handled(world)
    actions.annotate(case.pk, actor=world.leader, at=AT + 9 * MINUTE, note="领导批示：从严")
    given = {"version": case.version, "note": "仍有残留，需返工"}
    response = sign_in(world.operator).post(page(case, "verify_fail"), given)
    content = response.content.decode()
    assert response.status_code == 409
    assert "领导批示：从严" in content
    assert "仍有残留，需返工" in content
    assert state_of(case) == State.HANDLED
    fresh = response.context["form"]["version"].value()
    given["version"] = fresh
    assert sign_in(world.operator).post(page(case, "verify_fail"), given).status_code == 302
    assert state_of(case) == State.HANDLING


def test_a_stale_dispatch_keeps_every_unit_that_was_chosen(world: World, sign_in: SignIn):
    case = factories.registered(world)
    actions.annotate(case.pk, actor=world.leader, at=AT + 9 * MINUTE, note="注意安全")
    given = {
        "version": case.version,
        "lead_unit_id": world.lead_unit,
        "assist_unit_ids": [world.town.committee.pk, world.town.centre.pk],
        "demand": "当日办结",
    }
    form = sign_in(world.operator).post(page(case, "dispatch"), given).context["form"]
    assert form["lead_unit_id"].value() == str(world.lead_unit)
    assert form["assist_unit_ids"].value() == [str(world.town.committee.pk), str(world.town.centre.pk)]
    assert form["demand"].value() == "当日办结"


def test_a_note_that_is_missing_is_asked_for_beside_its_field(world: World, sign_in: SignIn):
    case = factories.handled(world)
    response = sign_in(world.operator).post(page(case, "verify_fail"), {"version": case.version, "note": " "})
    assert response.status_code == 422
    assert response.context["form"].errors["note"]


def test_a_refusal_of_the_engine_stands_beside_its_field_with_what_was_typed(world: World, sign_in: SignIn):
    case = factories.registered(world)
    given = {
        "version": case.version,
        "lead_unit_id": world.lead_unit,
        "assist_unit_ids": [world.lead_unit],
        "demand": "请三日内办结",
    }
    response = sign_in(world.operator).post(page(case, "dispatch"), given)
    assert response.status_code == 422
    assert response.context["form"].errors["assist_unit_ids"] == ["与主办单位重复"]
    assert "请三日内办结" in response.content.decode()


def test_a_suspension_in_the_past_is_refused_beside_its_field(world: World, sign_in: SignIn):
    case = factories.handling(world)
    given = {"version": case.version, "note": "等许可", "until": "2026-01-01"}
    response = sign_in(world.handler).post(page(case, "request_suspension"), given)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["__all__", "until"])


def test_what_the_role_may_not_do_is_refused(world: World, sign_in: SignIn):
    case = factories.dispatched(world)
    client = sign_in(world.handler)
    assert client.get(page(case, "transfer")).status_code == 403
    assert client.post(page(case, "transfer"), {"note": "改派"}).status_code == 403
    assert state_of(case) == State.DISPATCHED


def test_a_verb_that_cannot_be_made_now_says_why_on_its_page(world: World, sign_in: SignIn):
    case = factories.handled(world)
    content = sign_in(world.operator).get(page(case, "close")).content.decode()
    assert "须先由处置单位以外的人员核查通过。" in content


@pytest.mark.parametrize("verb", ["report", "take_in", "../etc", "made_up"])
def test_what_is_no_verb_has_no_page(world: World, sign_in: SignIn, verb: str):
    case = factories.reported(world)
    url = reverse("desk:case", args=[case.pk]) + f"{verb}/"
    assert sign_in(world.operator).get(url).status_code == 404


def test_the_duty_list_proposes_units_and_says_on_what_ground(world: World, sign_in: SignIn):
    make_duty(
        world.catalogue.litter,
        world.town.office,
        assist_unit_ids=[world.town.committee.pk],
        basis="镇履职清单第12项",
    )
    case = factories.registered(world)
    response = sign_in(world.operator).get(page(case, "dispatch"))
    form, content = response.context["form"], response.content.decode()
    assert form["lead_unit_id"].value() == world.lead_unit
    assert form["assist_unit_ids"].value() == [world.town.committee.pk]
    for words in ("履职清单建议：综合执法局主办", "柳桥村委会协办", "镇履职清单第12项"):
        assert words in content


def test_a_dispatch_can_be_taken_back_from_its_own_message(world: World, sign_in: SignIn):
    case = factories.registered(world)
    given = {"version": case.version, "lead_unit_id": world.lead_unit}
    response = sign_in(world.operator).post(page(case, "dispatch"), given, follow=True)
    assert page(case, "recall") in response.content.decode().split("gl-verbs")[0]
    sign_in(world.operator).post(page(case, "recall"), {"note": "派错单位"})
    assert state_of(case) == State.REGISTERED


def test_a_merge_can_be_taken_back_from_its_own_message(world: World, sign_in: SignIn):
    master, case = factories.registered(world), factories.reported(world)
    response = sign_in(world.operator).post(page(case, "merge"), {"number": master.number}, follow=True)
    assert state_of(case) == State.MERGED
    assert page(case, "unmerge") in response.content.decode()


def test_another_case_is_named_by_its_number_and_only_if_it_can_be_seen(world: World, sign_in: SignIn):
    case = factories.registered(world)
    response = sign_in(world.operator).post(page(case, "link"), {"number": "209900000001"})
    assert response.status_code == 422
    assert "209900000001" in response.context["form"].errors["number"][0]


def test_evidence_is_in_the_case_before_the_result_and_both_are_in_the_log(world: World, sign_in: SignIn):
    case = factories.handling(world)
    given = {"version": case.version, "note": "已清运", "evidence": [photo()]}
    response = sign_in(world.handler).post(page(case, "submit_result"), given, follow=True)
    assert [item.label for item in response.context["items"]][:2] == ["提交结果", "上传附件"]


def test_a_file_that_is_not_what_its_name_says_is_refused_by_name(world: World, sign_in: SignIn):
    case = factories.handling(world)
    fake = io.BytesIO(b"MZ\x90\x00 not a picture")
    fake.name = "照片.jpg"
    response = sign_in(world.handler).post(page(case, "attach"), {"files": fake})
    assert response.status_code == 422
    assert "照片.jpg" in response.context["form"].errors["files"][0]


def test_a_case_is_split_into_parts_with_categories_of_their_own(world: World, sign_in: SignIn):
    case = factories.registered(world)
    given = {
        "version": case.version,
        "part_1": "清垃圾",
        "part_2": "除杂草",
        "category_2": world.catalogue.weeds.pk,
    }
    assert sign_in(world.operator).post(page(case, "split"), given).status_code == 302
    assert set(case.children.values_list("category", flat=True)) == {
        world.catalogue.litter.pk,
        world.catalogue.weeds.pk,
    }


def test_a_correction_of_the_title_leaves_the_place_alone(world: World, sign_in: SignIn):
    case = factories.reported(world, lon=120.005, lat=31.005)
    before = Case.objects.get(pk=case.pk)
    given = {
        "version": case.version,
        "title": "柳桥路口建筑垃圾",
        "category_id": before.category_id,
        "urgency": before.urgency,
        "demand": before.demand,
        "lon": f"{before.lon:.6f}",
        "lat": f"{before.lat:.6f}",
    }
    assert sign_in(world.operator).post(page(case, "amend"), given).status_code == 302
    after = Case.objects.get(pk=case.pk)
    assert (after.title, after.region_id, after.place_match) == (
        "柳桥路口建筑垃圾", before.region_id, before.place_match
    )  # fmt: skip


def test_the_call_back_records_scores_and_sends_the_dissatisfied_to_review(world: World, sign_in: SignIn):
    case = factories.closed(world, reporter=actions.ReporterData("张", "13812345678"))
    given = {
        "version": case.version,
        "is_reached": "on",
        "attitude": "4",
        "result": "1",
        "comment": "没扫干净",
    }
    assert sign_in(world.operator).post(page(case, "call_back"), given).status_code == 302
    case.refresh_from_db()
    assert (case.needs_review, case.needs_call_back) == (True, False)


def test_an_extension_is_asked_for_and_granted_from_the_pages(world: World, sign_in: SignIn):
    case = factories.handling(world, at=timezone.now() - timedelta(minutes=10))
    asked = sign_in(world.handler).post(page(case, "request_extension"), {"amount": "2", "note": "等配件"})
    assert asked.status_code == 302
    assert (
        "延期申请待审批" in sign_in(world.leader).get(reverse("desk:case", args=[case.pk])).content.decode()
    )
    assert sign_in(world.leader).post(page(case, "grant_extension"), {}).status_code == 302
    assert case.clocks.get(stopped_at=None).extensions == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.GRID_WORKER])
def test_roles_without_dispatch_see_no_button_for_it(world: World, sign_in: SignIn, role: Role):
    case = factories.registered(world)
    bar = sign_in(world.actors[role]).get(reverse("desk:case", args=[case.pk])).context["bar"]
    assert "dispatch" not in {b.name for b in (*bar.front, *bar.more, *bar.greyed)}


def test_a_person_is_named_where_the_unit_allows_it_and_a_drill_is_marked(world: World, sign_in: SignIn):
    case = factories.registered(world, is_drill=True)
    page = sign_in(world.operator)
    dispatch = reverse("desk:act", args=[case.pk, "dispatch"])
    assert "assignee_id" not in page.get(dispatch).context["form"].fields
    org.amend_unit(world.lead_unit, takes_named=True)
    given = {"lead_unit_id": world.lead_unit, "assignee_id": world.handler.user_id, "version": 2}
    assert page.post(dispatch, given).status_code == 302
    shown = page.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "演示handler" in shown
    assert "演练" in page.get(reverse("desk:cases"), {"drill": "only"}).content.decode()
