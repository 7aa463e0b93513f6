"""What a resident sees and does with a tracking code, and what stays hidden."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gridloop.base.common.files import inspect, store
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.labels import Channel, RejectReason
from gridloop.core.cases.models import Case, Feedback
from gridloop.core.cases.workflow import ENDED, TRANSITIONS, State
from gridloop.faces.portal.progress import OWN_VERBS, PUBLIC_VERBS, expected_end
from tests.core.cases import factories
from tests.core.cases.factories import AT, IN_STATE, MINUTE, World, holder_of
from tests.faces.portal.conftest import photo

pytestmark = pytest.mark.django_db
SECRETS = {"reporter": ("王小明", "13800001234"), "note": "内部说明勿外传"}


def page_of(client: Client, case: Case, path: str = "") -> str:
    answer = client.get(f"/t/{case.tracking_code}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, case: Case, verb: str, **data: Any) -> Any:
    return client.post(f"/t/{case.tracking_code}/{verb}/", data)


def closed_lately(world: World, **changes: Any) -> Case:
    return factories.closed(world, timezone.now() - timedelta(hours=1), **changes)


# Looking up


def test_a_code_is_found_however_it_is_typed(world: World, resident: Client):
    case = factories.reported(world)
    typed = f" {case.shown_tracking_code.lower().replace('-', ' - ')} "
    answer = resident.get("/track/", {"code": typed})
    assert answer.headers["Location"] == f"/t/{case.tracking_code}/"


@pytest.mark.parametrize("path", ["/track/?code=7KQ2MPXA93TD", "/t/7KQ2MPXA93TD/", "/t/7KQ2MPXA93TD/thanks/"])
def test_a_code_that_nobody_has_is_told_kindly_with_what_was_typed(world: World, resident: Client, path: str):
    answer = resident.get(path)
    assert answer.status_code == 404
    assert "没有找到查询码 7KQ2-MPXA-93TD" in answer.content.decode()
    assert 'value="7KQ2MPXA93TD"' in answer.content.decode()


def test_a_code_cut_short_is_told_its_length(world: World, resident: Client):
    answer = resident.get("/track/", {"code": "7KQ2"})
    assert (answer.status_code, "您输入了 4 位" in answer.content.decode()) == (404, True)


def test_nobody_can_try_codes_without_end(world: World, resident: Client, monkeypatch: Any):
    case = factories.reported(world)
    monkeypatch.setattr("gridloop.faces.portal.views.MISSES", "2/m/ip")
    answers = [resident.get("/t/7KQ2MPXA93TD/").status_code for _try in range(3)]
    assert answers == [404, 404, 429]
    assert resident.get("/track/", {"code": case.tracking_code}).status_code == 429
    assert resident.get(f"/t/{case.tracking_code}/").status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.99").get(f"/t/{case.tracking_code}/").status_code == 200


def test_pages_behind_a_code_are_neither_stored_nor_indexed(world: World, resident: Client):
    case = factories.reported(world)
    for path in ("", "thanks/", "supplement/"):
        answer = resident.get(f"/t/{case.tracking_code}/{path}")
        assert "no-store" in answer.headers["Cache-Control"]
        assert "noindex" in answer.headers["X-Robots-Tag"]


# What is told


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_page_in_plain_words(world: World, resident: Client, state: State):
    case = IN_STATE[state](world)
    shown = case if state != State.MERGED else Case.objects.get(pk=case.merged_into_id)
    assert shown.public_state_label in page_of(resident, case)


@pytest.mark.parametrize("state", State)
def test_no_page_names_staff_reporter_or_what_units_write_to_each_other(
    world: World, resident: Client, state: State
):
    name, phone = SECRETS["reporter"]
    case = IN_STATE[state](world, reporter=actions.ReporterData(name, phone))
    actions.annotate(case.pk, actor=world.operator, at=AT + 20 * MINUTE, note=SECRETS["note"])
    page = page_of(resident, case) + page_of(resident, case, "thanks/")
    hidden = [name, phone, SECRETS["note"], *(actor.label for actor in world.actors.values())]
    hidden += [actor.label.split(" ")[0] for actor in world.actors.values()]
    for entry in Entry.objects.filter(stream=case.pk):
        is_outcome = entry.note == case.outcome and state in ENDED  # written for the reporter
        hidden += [entry.note] if entry.note and not is_outcome else []
    assert not [text for text in hidden if text in page]


def test_every_verb_of_the_loop_is_either_told_or_kept_on_purpose(world: World):
    among_staff = {
        *("amend", "annotate", "attach", "recall", "reveal_reporter", "supplement", "link", "unlink"),
        *("add_assistant", "request_extension", "request_suspension", "refuse_time"),
        *("take_in", "let_go", "child_ended", "withdraw", "rate"),
    }
    assert set(PUBLIC_VERBS) | among_staff == set(TRANSITIONS)
    assert not set(PUBLIC_VERBS) & among_staff
    assert set(OWN_VERBS) <= among_staff


def test_the_unit_at_work_and_the_expected_day_are_told(world: World, resident: Client):
    case = factories.handling(world, timezone.now() - 10 * MINUTE)
    page = page_of(resident, case)
    assert "承办单位：<strong>综合执法局" in page
    expected = expected_end(open_file(Case.objects.select_related("region").get(pk=case.pk)))
    assert expected is not None
    local = timezone.localtime(expected)
    assert f"{local.year}年{local.month}月{local.day}日" in page


def test_the_expected_day_moves_with_the_deadlines_that_lie_ahead(world: World):
    case = factories.reported(world)  # Monday nine: accept by Tuesday's close, then 2 h, 2 h, 4 h, a day
    end = expected_end(open_file(case))
    assert end is not None
    assert timezone.localtime(end).strftime("%m-%d %H:%M") == "03-05 18:00"
    later = factories.handling(world)
    end = expected_end(open_file(Case.objects.select_related("region").get(pk=later.pk)))
    assert timezone.localtime(end).strftime("%m-%d %H:%M") == "03-03 18:00"


def test_a_case_that_is_late_says_so(world: World, resident: Client):
    assert "现在已经超过" in page_of(resident, factories.handling(world))


def test_a_rejected_report_is_told_the_right_channel_and_why(world: World, resident: Client):
    case = factories.reported(world)
    reason = RejectReason.DISCIPLINE
    actions.reject(case.pk, actor=world.operator, at=AT + MINUTE, reason=reason, note="村干部的事请找纪委")
    page = page_of(resident, case)
    assert str(reason.label) in page
    assert "村干部的事请找纪委" in page


def test_the_outcome_of_a_closed_case_is_told(world: World, resident: Client):
    case = factories.verified(world)
    actions.close(case.pk, actor=world.operator, at=AT + 10 * MINUTE, note="垃圾已清运，加装了监控")
    assert "垃圾已清运，加装了监控" in page_of(resident, case)


def test_the_reporter_of_a_merged_case_reads_how_the_leading_one_goes(world: World, resident: Client):
    master = factories.registered(
        world, description="别人的原话", reporter=actions.ReporterData("李四", "13900000000")
    )
    case = factories.reported(world)
    actions.supplement(master.pk, actor=holder_of(master), at=AT + MINUTE, text="别人的补充")
    actions.merge(case.pk, actor=world.operator, at=AT + 2 * MINUTE, into=master.pk)
    actions.dispatch(master.pk, actor=world.operator, at=AT + 3 * MINUTE, lead_unit_id=world.lead_unit)
    actions.sign_for(master.pk, actor=world.handler, at=AT + 4 * MINUTE)
    actions.submit_result(master.pk, actor=world.handler, at=AT + 5 * MINUTE, note="清运")
    page = page_of(resident, case)
    assert "已办理，正在核查" in page
    assert "承办单位已接手" in page
    actions.verify_pass(master.pk, actor=world.operator, at=AT + 6 * MINUTE)
    actions.close(master.pk, actor=world.operator, at=AT + 7 * MINUTE, note="已全部清理")
    page = page_of(resident, case)
    assert "已全部清理" in page
    assert not [
        text for text in ("别人的原话", "别人的补充", "李四", "13900000000", master.number) if text in page
    ]


def test_a_split_case_tells_how_many_parts_are_done(world: World, resident: Client):
    case = factories.registered(world)
    parts = [actions.Part("清运垃圾"), actions.Part("修补围墙")]
    actions.split(case.pk, actor=world.operator, at=AT + 5 * MINUTE, parts=parts)
    assert "问题分成 2 项办理，已办好 0 项" in page_of(resident, case)


# Files


def attach(case: Case, actor: Any, *, colour: str, is_public: bool = False) -> None:
    checked = inspect(photo(colour))
    store(checked)
    actions.attach(
        case.pk, actor=actor, at=AT + MINUTE, files=[(f"{colour}.png", checked)], is_public=is_public
    )


def test_only_files_that_are_public_are_shown_and_served(world: World, resident: Client):
    case = factories.reported(world)
    attach(case, world.operator, colour="red", is_public=True)
    attach(case, world.operator, colour="blue")
    page = page_of(resident, case)
    assert ("red.png" in page, "blue.png" in page) == (True, False)
    answers = {
        row.name: resident.get(f"/t/{case.tracking_code}/files/{row.pk}/").status_code
        for row in case.attachments.all()
    }
    assert answers == {"red.png": 200, "blue.png": 404}


def test_the_code_of_one_case_opens_no_file_of_another(world: World, resident: Client):
    case, other = factories.reported(world), factories.reported(world)
    attach(other, world.operator, colour="red", is_public=True)
    row = other.attachments.get()
    assert resident.get(f"/t/{case.tracking_code}/files/{row.pk}/").status_code == 404
    assert resident.get(f"/t/{other.tracking_code}/files/{row.pk}/").status_code == 200


def test_of_the_leading_case_only_what_staff_published_is_shown(world: World, resident: Client):
    master = factories.registered(world)
    attach(master, holder_of(master), colour="red")
    attach(master, world.operator, colour="green", is_public=True)
    case = factories.reported(world)
    actions.merge(case.pk, actor=world.operator, at=AT + 3 * MINUTE, into=master.pk)
    page = page_of(resident, case)
    assert ("red.png" in page, "green.png" in page) == (False, True)


# Acting


def test_the_reporter_adds_to_the_report(world: World, resident: Client):
    case = factories.reported(world)
    assert post(resident, case, "supplement", text="今天又多了一车").status_code == 302
    page = page_of(resident, case)
    assert "补充的内容已经收到" in page
    assert "今天又多了一车" in page


def test_the_same_words_sent_twice_are_added_once(world: World, resident: Client):
    case = factories.reported(world)
    answers = [post(resident, case, "supplement", text="今天又多了一车").status_code for _press in range(2)]
    assert answers == [302, 302]
    assert Entry.objects.filter(stream=case.pk, verb="supplement").count() == 1


def test_what_staff_add_in_the_case_is_not_shown(world: World, resident: Client):
    case = factories.reported(world)
    actions.supplement(case.pk, actor=world.operator, at=AT + MINUTE, text="来电人情绪激动")
    assert "来电人情绪激动" not in page_of(resident, case)


def test_the_reporter_adds_photos(world: World, resident: Client):
    case = factories.reported(world)
    assert post(resident, case, "attach", photos=[photo("red"), photo("blue")]).status_code == 302
    assert case.attachments.filter(is_public=True).count() == 2


def test_adding_nothing_is_told(world: World, resident: Client):
    case = factories.reported(world)
    assert post(resident, case, "attach").status_code == 422
    assert post(resident, case, "supplement", text=" ").status_code == 422


def test_withdrawing_asks_first_and_then_ends_the_case(world: World, resident: Client):
    case = factories.reported(world)
    assert "确定撤回吗" in page_of(resident, case, "withdraw/")
    assert post(resident, case, "withdraw").status_code == 302
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN
    assert "已撤回" in page_of(resident, case)


def test_what_can_no_longer_be_done_is_said_with_a_conflict(world: World, resident: Client):
    case = factories.closed(world)
    answer = post(resident, case, "supplement", text="还有一件事要说")
    assert answer.status_code == 409
    assert "还有一件事要说" in answer.content.decode()
    assert "现在不能这样做了" in page_of(resident, case, "withdraw/")


def test_a_closed_case_is_rated_with_plain_buttons(world: World, resident: Client):
    case = closed_lately(world)
    page = page_of(resident, case)
    assert page.count('type="radio" name="result"') == 5
    assert post(resident, case, "rate", result="5", attitude="4", comment="谢谢").status_code == 302
    row = Feedback.objects.get()
    assert (row.result, row.attitude, row.comment, row.by) == (5, 4, "谢谢", None)
    assert "非常满意" in page_of(resident, case)


def test_who_is_dissatisfied_reads_that_somebody_else_will_look_at_it(world: World, resident: Client):
    case = closed_lately(world)
    post(resident, case, "rate", result="1", attitude="3")
    case.refresh_from_db()
    assert case.needs_review
    assert "会由另外的人员重新核实；需要重新办理的" in page_of(resident, case)


def test_a_rating_without_a_score_is_asked_for_again(world: World, resident: Client):
    case = closed_lately(world)
    answer = post(resident, case, "rate", comment="还行")
    assert answer.status_code == 422
    assert "请选择一项" in answer.content.decode()
    assert "还行" in answer.content.decode()
    assert post(resident, case, "rate", result="9", attitude="1").status_code == 422


def test_ratings_are_limited_per_address(world: World, resident: Client, monkeypatch: Any):
    monkeypatch.setattr("gridloop.faces.portal.views.ACTS", "1/h/ip")
    case = closed_lately(world)
    answers = [post(resident, case, "rate", result="5", attitude="5").status_code for _try in range(2)]
    assert answers == [302, 429]


def test_a_verb_of_the_staff_is_no_page_of_the_portal(world: World, resident: Client):
    case = factories.reported(world)
    assert post(resident, case, "register").status_code == 404


def test_a_code_gives_no_way_to_the_desk(world: World, resident: Client):
    case = factories.reported(world)
    assert resident.get(f"/desk/cases/{case.pk}/").headers["Location"].startswith("/accounts/login/")


def test_the_page_of_a_case_costs_a_known_number_of_statements(
    world: World, resident: Client, django_assert_max_num_queries: Any
):
    case = factories.handling(world, channel=Channel.PORTAL)
    for n in range(5):
        actions.supplement(case.pk, actor=holder_of(case), at=AT + (5 + n) * MINUTE, text=f"补充{n}")
    resident.get(f"/t/{case.tracking_code}/")
    with django_assert_max_num_queries(8):
        page_of(resident, case)


def test_the_code_of_a_drill_opens_no_public_page(world: World, resident: Client):
    case = factories.reported(world, is_drill=True)
    assert resident.get(f"/t/{case.tracking_code}/").status_code == 404
