"""Rooms and meetings as people see them in the browser, and what they cannot see."""

import io
from datetime import timedelta
from uuid import UUID

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridloop.base.common.ids import new_id
from gridloop.capabilities.rooms import actions
from gridloop.capabilities.rooms.actions import Plan, Wish
from gridloop.capabilities.rooms.models import Meeting, Message, Resolution, Room, RoomTask
from gridloop.capabilities.rooms.present.calendarfile import calendar
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.capabilities.rooms.test_rooms import add_task, say
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(world: World, case: Case) -> Meeting:
    begins = timezone.now() + timedelta(days=2)
    plan = Plan(
        title="路口垃圾；由谁清，怎么清",
        venue="二楼会议室",
        starts_at=begins,
        ends_at=begins + HOUR,
        case_ids=(case.pk,),
        unit_ids=(world.lead_unit, world.town.committee.pk),
        agenda="先看现场\n再定主办",
    )
    return actions.call_meeting(plan, actor=world.leader, at=timezone.now())


def page(client: Client, name: str, *args, **query) -> str:
    answer = client.get(reverse(f"rooms:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def send(client: Client, name: str, *args, **given):
    return client.post(reverse(f"rooms:{name}", args=args), {"form_key": new_id(), **given})


def statements(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


class TestRoom:
    def test_one_opens_it_another_speaks_and_all_read_it(self, world, secretary, committee, sign_in):
        made = factories.handling(world, assistants=(committee,))
        operator, handler = sign_in(world.operator), sign_in(world.handler)
        assert "开设联合处置室" in operator.get(reverse("desk:case", args=[made.pk])).content.decode()
        assert "联合处置" not in handler.get(reverse("desk:case", args=[made.pk])).content.decode()
        assert send(operator, "open", made.pk).status_code == 302
        answer = send(handler, "say", made.pk, body="已到现场，@柳桥村委会 请围挡")
        assert answer.headers["Location"] == reverse("rooms:room", args=[made.pk])
        for actor in (world.operator, secretary):
            text = page(sign_in(actor), "room", made.pk)
            assert "已到现场" in text
            assert '<mark class="gl-call">@柳桥村委会</mark>' in text
            assert 'data-module="toast"' not in text, "what was said is no notice of the page"
        assert "已到现场" in operator.get(reverse("desk:case", args=[made.pk])).content.decode()

    def test_who_has_no_seat_finds_no_room(self, world, case, sign_in):
        client = sign_in(world.actors[Role.AUDITOR])
        assert client.get(reverse("desk:case", args=[case.pk])).status_code == 200
        assert client.get(reverse("rooms:room", args=[case.pk])).status_code == 404
        assert send(client, "say", case.pk, body="x").status_code == 404

    def test_a_task_is_given_done_and_shown(self, world, case, committee, secretary, sign_in):
        client = sign_in(world.operator)
        day = timezone.localdate()
        assert (
            send(client, "add_task", case.pk, title="设围挡", unit_id=committee, due_on=day).status_code
            == 302
        )
        task = RoomTask.objects.get()
        assert "设围挡" in page(client, "room", case.pk)
        assert send(sign_in(secretary), "end_task", task.pk, note="已设好").status_code == 302
        assert "已设好" in page(client, "room", case.pk)

    def test_what_is_late_says_by_how_much(self, world, case, committee, sign_in):
        add_task(case, world.operator, committee)
        days = (timezone.localdate() - timezone.localdate(AT)).days
        assert f"逾期 {days} 天" in page(sign_in(world.operator), "room", case.pk)

    def test_a_slip_keeps_what_was_typed(self, world, case, committee, sign_in):
        client = sign_in(world.handler)
        answer = send(client, "add_task", case.pk, title="设围挡", unit_id=committee, due_on="2020-01-01")
        assert answer.status_code == 422
        assert 'value="设围挡"' in answer.content.decode()
        assert "完成期限不能早于今天" in answer.content.decode()
        assert send(client, "say", case.pk, body="").status_code == 422

    def test_what_people_write_cannot_become_markup(self, world, case, sign_in):
        say(case, world.handler, "<script>alert(1)</script> @柳桥村委会")
        text = page(sign_in(world.operator), "room", case.pk)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text

    def test_it_fetches_only_what_lives_and_no_more_statements_for_a_longer_talk(self, world, case, sign_in):
        client = sign_in(world.handler)
        url = reverse("rooms:room", args=[case.pk])
        say(case, world.handler)
        few = statements(client, url)
        for n in range(25):
            say(case, world.handler, f"进展{n} @柳桥村委会")
            add_task(case, world.operator, world.lead_unit)
        assert statements(client, url) <= few + 2 <= 18
        fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
        assert 'id="room-live"' in fragment
        assert "<html" not in fragment

    def test_older_messages_are_a_page_further(self, world, case, sign_in):
        for n in range(35):
            say(case, world.handler, f"第{n}条", at=AT + HOUR + timedelta(minutes=n))
        text = page(sign_in(world.handler), "room", case.pk)
        assert "第34条" in text
        assert "第2条" not in text
        assert "下一页" in text


class TestMeetings:
    def test_it_is_called_from_the_room_with_the_case_and_its_units(self, world, case, sign_in):
        client = sign_in(world.operator)
        form = page(client, "call", case=str(case.pk))
        assert case.number in form
        begins = timezone.localtime() + timedelta(days=1)
        answer = send(
            client,
            "call",
            title="会商一下",
            venue="会议室",
            starts_at=f"{begins:%Y-%m-%dT%H:%M}",
            ends_at=f"{begins + HOUR:%Y-%m-%dT%H:%M}",
            case_numbers=case.number,
            unit_ids=[world.lead_unit],
        )
        assert answer.status_code == 302
        assert "会商一下" in page(client, "meetings")
        assert "会商一下" in page(client, "room", case.pk)

    def test_an_unknown_case_is_named_and_nothing_typed_is_lost(self, world, case, sign_in):
        answer = send(sign_in(world.operator), "call", title="会商一下", case_numbers=f"{case.number} 99")
        assert answer.status_code == 422
        assert "没有找到案件：99" in answer.content.decode()
        assert 'value="会商一下"' in answer.content.decode()

    def test_the_list_shows_what_one_is_asked_to_by_days_and_filters(self, world, case, meeting, sign_in):
        client = sign_in(world.actors[Role.UNIT_LEAD])
        assert meeting.title in page(client, "meetings", mine="1")
        assert meeting.title not in page(client, "meetings", when="past")
        assert meeting.title not in page(client, "meetings", state="held")
        assert meeting.title in page(sign_in(world.leader), "meetings")
        assert meeting.title not in page(sign_in(world.leader), "meetings", mine="1")
        assert meeting.title not in page(sign_in(world.actors[Role.AUDITOR]), "meetings")
        answer = sign_in(world.actors[Role.AUDITOR]).get(reverse("rooms:meeting", args=[meeting.pk]))
        assert answer.status_code == 404

    def test_who_is_asked_and_does_not_see_the_case_reads_no_word_of_it(self, world, sign_in):
        other = factories.handling(world, region_id=world.town.other_village.pk, description="东塘的事")
        begins = timezone.now() + timedelta(days=1)
        plan = Plan(
            title="碰头", venue="村里", starts_at=begins, ends_at=begins + HOUR, case_ids=(other.pk,),
            unit_ids=(world.town.committee.pk,),
        )  # fmt: skip
        made = actions.call_meeting(plan, actor=world.leader, at=timezone.now())
        wish = Wish("由执法局继续办", "dispatch", other.pk, world.lead_unit)
        actions.decide(made.pk, wish, actor=world.leader, at=timezone.now())
        text = page(sign_in(world.actors[Role.SECRETARY]), "meeting", made.pk)
        assert "碰头" in text
        assert "东塘的事" not in text
        assert other.number not in text

    def test_from_minutes_and_decisions_to_work_orders(self, world, case, meeting, sign_in):
        client = sign_in(world.leader)
        asked = meeting.invitations.order_by("pk").first()
        answer = send(
            client, "minutes", meeting.pk, version=meeting.version, minutes="同意增加协办。",
            **{f"present_{asked.pk}": "yes", f"attendee_{asked.pk}": "张副局长"},
        )  # fmt: skip
        assert answer.status_code == 302
        centre = world.town.centre.pk
        send(
            client,
            "decide",
            meeting.pk,
            text="中心协助",
            kind="add_assistant",
            case_id=case.pk,
            unit_id=centre,
        )
        send(client, "decide", meeting.pk, text="再派一次", kind="dispatch", case_id=case.pk, unit_id=centre)
        assert not case.orders.filter(unit=centre).exists(), "nothing is done before it is confirmed"
        client.post(reverse("rooms:carry_out", args=[meeting.pk]))
        assert case.orders.filter(unit=centre, role="assist").exists()
        text = page(client, "meeting", meeting.pk)
        assert "未能落实" in text
        assert "再次落实未完成的决定" in text
        failed = Resolution.objects.get(state="failed")
        assert failed.reason in text
        client.post(reverse("rooms:undecide", args=[meeting.pk, failed.pk]))
        assert "再次落实" not in page(client, "meeting", meeting.pk)

    def test_a_stale_form_is_refused_and_kept(self, world, meeting, sign_in):
        client = sign_in(world.leader)
        answer = send(client, "minutes", meeting.pk, version=0, minutes="写好的纪要")
        assert answer.status_code == 409
        assert "写好的纪要" in answer.content.decode()

    def test_changing_and_cancelling(self, world, case, meeting, sign_in):
        client = sign_in(world.operator)
        assert meeting.venue in page(client, "change", meeting.pk)
        assert "确定取消会商" in page(client, "cancel", meeting.pk)
        send(client, "cancel", meeting.pk, version=meeting.version, reason="已协商一致")
        assert "已协商一致" in page(client, "meeting", meeting.pk)
        assert client.get(reverse("rooms:change", args=[meeting.pk])).status_code == 409

    def test_a_handler_is_shown_no_button_of_the_centre_and_refused(self, world, meeting, sign_in):
        client = sign_in(world.actors[Role.UNIT_LEAD])
        assert "取消会商" not in page(client, "meeting", meeting.pk)
        for name in ("change", "cancel", "minutes", "decide"):
            assert client.get(reverse(f"rooms:{name}", args=[meeting.pk])).status_code == 403
        assert client.post(reverse("rooms:carry_out", args=[meeting.pk])).status_code == 403

    def test_a_longer_list_costs_no_more_statements(self, world, case, sign_in):
        client, url = sign_in(world.leader), reverse("rooms:meetings")

        def call(count: int) -> None:
            for n in range(count):
                begins = timezone.now() + timedelta(days=1, minutes=n)
                plan = Plan(
                    title=f"会商{n}", venue="室", starts_at=begins, ends_at=begins + HOUR,
                    case_ids=(case.pk,), unit_ids=(world.lead_unit,),
                )  # fmt: skip
                actions.call_meeting(plan, actor=world.leader, at=timezone.now())

        call(2)
        few = statements(client, url)
        call(12)
        assert statements(client, url) == few <= 6


class TestPapers:
    def test_word_and_pdf(self, world, case, meeting, sign_in):
        actions.record_minutes(
            meeting.pk, actor=world.leader, at=timezone.now(), chair="值班领导", minutes="由执法局主办。",
            attendance={},
        )  # fmt: skip
        client = sign_in(world.leader)
        answer = client.get(reverse("rooms:paper", args=[meeting.pk, "docx"]))
        paper = docx.Document(io.BytesIO(answer.content))
        text = "\n".join(p.text for p in paper.paragraphs)
        cells = "\n".join(c.text for t in paper.tables for row in t.rows for c in row.cells)
        assert "由执法局主办。" in text
        assert case.number in cells
        assert "综合执法局" in cells
        pdf = client.get(reverse("rooms:paper", args=[meeting.pk, "pdf"]))
        assert pdf.content.startswith(b"%PDF")
        assert client.get(reverse("rooms:paper", args=[meeting.pk, "exe"])).status_code == 404

    def test_a_calendar_file_says_when_and_where_in_lines_that_every_calendar_reads(
        self, world, meeting, sign_in
    ):
        answer = sign_in(world.actors[Role.UNIT_LEAD]).get(reverse("rooms:calendar", args=[meeting.pk]))
        assert answer.headers["Content-Type"].startswith("text/calendar")
        lines = answer.content.split(b"\r\n")
        assert all(len(line) <= 75 for line in lines)
        fields = unfolded(answer.content.decode())
        assert fields["UID"].startswith(str(meeting.pk))
        assert fields["SUMMARY"] == "路口垃圾；由谁清，怎么清"
        assert fields["DESCRIPTION"] == "先看现场\\n再定主办"
        assert fields["DTSTART"] == f"{meeting.starts_at:%Y%m%dT%H%M%SZ}"
        assert fields["STATUS"] == "CONFIRMED"

    def test_a_calendar_subscribes_to_one_person_s_meetings_without_signing_in(self, world, meeting, sign_in):
        lead = world.actors[Role.UNIT_LEAD]
        text = page(sign_in(lead), "meetings")
        address = text.split('id="feed" value="')[1].split('"')[0].partition("testserver")[2]
        answer = Client().get(address)
        assert str(meeting.pk) in answer.content.decode()
        assert Client().get(address.replace("feed/", "feed/x")).status_code == 404
        from gridloop.core.org.actions import set_password

        set_password(lead.user_id, "another-long-one-77")
        assert Client().get(address).status_code == 404

    def test_words_with_marks_of_the_format_are_escaped_and_long_ones_folded(self, meeting):
        meeting.title = "甲;乙,丙\\丁" + "长" * 100
        text = calendar([meeting], host="town.example")
        assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
        assert unfolded(text)["SUMMARY"] == "甲\\;乙\\,丙\\\\丁" + "长" * 100


def unfolded(text: str) -> dict[str, str]:
    """The fields of the first entry, before its alarm."""
    entry = text.replace("\r\n ", "").partition("BEGIN:VALARM")[0]
    return dict(line.partition(":")[::2] for line in entry.split("\r\n") if line)


def test_the_room_of_a_case_that_is_not_there_is_not_found(world, sign_in):
    client = sign_in(world.operator)
    assert client.get(reverse("rooms:room", args=[UUID(int=1)])).status_code == 404
    made = factories.handling(world)
    assert "还没有开设" in page(client, "room", made.pk)
    assert not Room.objects.exists()
    assert not Message.objects.exists()
