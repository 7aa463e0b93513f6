"""The pages, as people open them."""

import io

import docx
import pytest
from django.urls import reverse
from PIL import Image

from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.models import Call, Callee, Incident, Resource
from gridloop.core.org.permissions import Role
from tests.capabilities.incidents.factories import (
    AT,
    MINUTE,
    SPOT,
    called,
    incident,
    plan,
    resource,
    sandbags,
)
from tests.core.cases import factories


def test_a_leader_opens_from_a_case_and_calls_whom_the_board_offers(world, sign_in):
    team = resource(world, "抢修一班", skills=("gas_repair",))
    case = factories.registered(world, lon=SPOT[0], lat=SPOT[1], region_id=None, address="柳桥路 8 号")
    leader = sign_in(world.leader)
    page = leader.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert f"{reverse('incidents:open')}?case={case.pk}" in page
    form = leader.get(reverse("incidents:open"), {"case": case.pk}).context["form"]
    said = {name: form[name].value() or "" for name in form.fields} | {"kind": "gas", "is_drill": ""}
    assert said["title"].startswith("柳桥第1网格")
    assert "建筑垃圾" not in said["title"] + str(said["brief"]), "the reporter's words stay in the case"
    answer = leader.post(reverse("incidents:open"), said)
    opened = Incident.objects.get()
    assert answer.headers["Location"] == reverse("incidents:board", args=[opened.pk])
    board = leader.get(answer.headers["Location"]).content.decode()
    assert "抢修一班" in board
    assert "绕行系数 1.3" in board
    leader.post(reverse("incidents:call", args=[opened.pk]), {"pick": [f"{team.pk}|抢修|gas_repair"]})
    assert Call.objects.get().role == "抢修"
    assert "正在" not in leader.get(reverse("desk:case", args=[case.pk])).context["side_panels"][0]
    assert "已呼叫 1，未应答 1，已到场 0" in "".join(
        leader.get(reverse("desk:case", args=[case.pk])).context["side_panels"]
    )


def test_the_same_form_sent_twice_is_one_incident(world, sign_in):
    leader = sign_in(world.leader)
    form = leader.get(reverse("incidents:open")).context["form"]
    said = {
        "key": form["key"].value(),
        "kind": "fire",
        "level": "4",
        "title": "厂房起火",
        "lon": SPOT[0],
        "lat": SPOT[1],
    }
    places = {leader.post(reverse("incidents:open"), said).headers["Location"] for _time in range(2)}
    assert places == {reverse("incidents:board", args=[Incident.objects.get().pk])}


def test_a_form_with_mistakes_keeps_what_was_typed(world, sign_in):
    answer = sign_in(world.leader).post(
        reverse("incidents:open"), {"kind": "fire", "title": "厂房起火", "level": "4"}
    )
    assert answer.status_code == 422
    assert "厂房起火" in answer.content.decode()
    assert not Incident.objects.exists()


def test_the_board_takes_steps_notes_photos_level_plan_and_the_telephone(world, sign_in):
    opened, (call,) = called(world, resource(world, "抢修一班", contact="10087654321"))
    made, leader = plan(world), sign_in(world.leader)

    def post(name, *args, **said):
        return leader.post(reverse(f"incidents:{name}", args=args), said)

    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "JPEG")
    picture.seek(0)
    picture.name = "现场.jpg"
    assert post("note", opened.pk, note="", files=[]).status_code == 422
    assert post("note", opened.pk, note="浓烟", files=picture).status_code == 302
    assert post("follow", opened.pk, plan=made.pk).status_code == 302
    assert post("level", opened.pk, level="3").status_code == 302
    assert post("tick", opened.steps.first().pk, done="1").status_code == 302
    assert post("steer", call.pk, "acknowledge").status_code == 302
    assert post("steer", call.pk, "jump").status_code == 404
    assert "10087654321" in post("contact", call.pk).content.decode()
    page = leader.get(reverse("incidents:board", args=[opened.pk])).content.decode()
    for words in ("浓烟", "较大（Ⅲ级）", "电话告知，指挥中心代记", "查看联系电话 抢修一班", "现场.jpg"):
        assert words in page
    assert "10087654321" not in page
    photo = leader.get(reverse("incidents:file", args=[opened.files.get().pk]))
    assert photo.headers["Content-Type"] == "image/jpeg"
    assert (
        sign_in(world.handler).get(reverse("incidents:file", args=[opened.files.get().pk])).status_code == 403
    )


def test_the_live_part_comes_by_itself_in_a_number_of_statements_that_does_not_grow(
    world, sign_in, django_assert_max_num_queries
):
    rows = [resource(world, f"队{n}", steps=n) for n in range(1, 9)]
    opened, _calls = called(world, *rows, to=incident(world))
    leader = sign_in(world.leader)
    url = reverse("incidents:board", args=[opened.pk])
    leader.get(url)
    with django_assert_max_num_queries(12):
        answer = leader.get(url, {"part": "live"}, headers={"HX-Request": "true"})
    assert answer.content.decode().count("data-call=") == 8
    assert "<html" not in answer.content.decode()
    with django_assert_max_num_queries(20):
        leader.get(url)


def test_the_called_person_answers_by_the_code_without_signing_in(world, client):
    _opened, (call,) = called(world, resource(world, "抢修一班"))
    url = reverse("incidents:by_code", args=[Callee.objects.get().code])
    page = client.get(url)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "收到，已接" in page.content.decode()
    for answer in ("acknowledge", "set_out", "arrive"):
        assert client.post(url, {"do": answer}).status_code == 302
    call.refresh_from_db()
    assert call.state == "on_spot"
    assert client.post(url, {"do": "ask", "note": "再来一台抽水泵"}).status_code == 302
    assert call.asks.get().text == "再来一台抽水泵"


def test_the_code_opens_this_call_and_nothing_else(world, client):
    opened, _calls = called(world, resource(world, "抢修一班"))
    client.get(reverse("incidents:by_code", args=[Callee.objects.get().code]))
    assert client.get(reverse("incidents:board", args=[opened.pk])).status_code == 302  # to the login
    assert client.get(reverse("incidents:by_code", args=["AAAABBBBCCCCDDDD"])).status_code == 404


def test_somebody_else_does_not_learn_of_a_call(world, sign_in):
    _opened, (call,) = called(world, resource(world, "抢修一班"))
    url = reverse("incidents:answer", args=[call.pk])
    assert sign_in(world.handler).get(url).status_code == 200
    outsider = sign_in(world.worker)
    assert outsider.get(url).status_code == 404
    assert outsider.post(url, {"do": "acknowledge"}).status_code == 404
    assert "柳桥村燃气泄漏" not in outsider.get(reverse("incidents:calls")).content.decode()


def test_an_answer_after_the_replacement_says_so(world, client):
    _opened, (call,) = called(world, resource(world, "抢修一班"))
    resource(world, "抢修二班", steps=2)
    actions.replace(call.pk, actor=world.leader, at=AT + 6 * MINUTE)
    url = reverse("incidents:by_code", args=[call.callees.get().code])
    answer = client.post(url, {"do": "acknowledge"})
    assert answer.status_code == 409
    assert "您无需前往" in answer.content.decode()


ENDINGS = {
    "done": lambda world, call: [
        actions.answer(call.pk, said, actor=world.handler, at=AT + MINUTE) for said in ("arrive", "finish")
    ],
    "declined": lambda world, call: actions.answer(
        call.pk, "decline", actor=world.handler, at=AT + MINUTE, note="车坏了"
    ),
    "released": lambda world, call: actions.release(call.pk, actor=world.leader, at=AT + MINUTE),
    "incident closed": lambda world, call: actions.close(
        call.incident_id, actor=world.leader, at=AT + MINUTE, outcome="已处置"
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_link_of_a_call_that_is_over_says_no_more_than_that(world, client, sign_in, ending):
    brief = {"title": "柳桥村燃气泄漏", "brief": "王某家中，门牌 12 号", "address": "柳桥村 12 号"}
    _opened, (call,) = called(world, resource(world, "抢修一班"), to=incident(world, **brief))
    url = reverse("incidents:by_code", args=[call.callees.get().code])
    assert all(words in client.get(url).content.decode() for words in brief.values())
    ENDINGS[ending](world, call)
    page = client.get(url)
    assert page.status_code == 200
    assert not [w for w in [*brief.values(), "抢修一班", "data-lon"] if w in page.content.decode()]
    mine = sign_in(world.handler).get(reverse("incidents:answer", args=[call.pk])).content.decode()
    assert brief["brief"] in mine


def test_closing_with_a_review_leads_to_a_report_that_word_opens(world, sign_in):
    opened, (call,) = called(world, resource(world, "抢修一班"), to=incident(world, plan_id=plan(world).pk))
    for n, answer in enumerate(("acknowledge", "set_out", "arrive", "finish"), 1):
        actions.answer(call.pk, answer, actor=world.handler, at=AT + n * 3 * MINUTE)
    leader = sign_in(world.leader)
    said = {"outcome": "阀门已更换，无人受伤", "worked": "抢修队 12 分钟到场", "failed": "疏散广播太晚"}
    said |= {"tasks-TOTAL_FORMS": "1", "tasks-INITIAL_FORMS": "0", "tasks-0-text": "加装广播"}
    assert leader.post(reverse("incidents:close", args=[opened.pk]), said).status_code == 302
    answer = leader.get(reverse("incidents:report", args=[opened.pk]))
    paper = docx.Document(io.BytesIO(answer.content))
    text = "\n".join(p.text for p in paper.paragraphs)
    cells = "\n".join(cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    assert "应急处置报告" in text
    assert "阀门已更换，无人受伤" in text
    assert "疏散广播太晚" in text
    assert "加装广播" in cells
    assert "关闭阀门" in cells
    minutes = [
        [c.text for c in row.cells]
        for t in paper.tables
        for row in t.rows
        if t.cell(0, 1).text == "应答（分钟）"
    ]
    assert minutes[1][:4] == ["抢修一班", "3.0", "3.0", "9.0"]


def test_a_page_of_a_drill_says_so_everywhere(world, sign_in):
    opened, (call,) = called(world, resource(world, "抢修一班"), to=incident(world, is_drill=True))
    leader = sign_in(world.leader)
    for name, args in (("board", [opened.pk]), ("close", [opened.pk])):
        assert "演练：这不是真实事件" in leader.get(reverse(f"incidents:{name}", args=args)).content.decode()
    page = sign_in(world.handler).get(reverse("incidents:answer", args=[call.pk])).content.decode()
    assert "演练：这不是真实事件" in page
    report = leader.get(reverse("incidents:report", args=[opened.pk])).content
    assert "【演练】" in "\n".join(p.text for p in docx.Document(io.BytesIO(report)).paragraphs)


def test_resources_are_added_listed_and_exported_without_their_numbers(world, sign_in):
    leader = sign_in(world.leader)
    said = {
        "code": "WZ-1",
        "kind": "store",
        "name": "防汛物资库",
        "unit": world.town.office.pk,
        "lon": SPOT[0],
        "lat": SPOT[1],
    }
    said |= {
        "stock": "沙袋 500只\n抽水泵 3台",
        "duty": "周一至周五 8:30-17:30",
        "contact": "10012345678",
        "is_active": "on",
    }
    assert leader.post(reverse("incidents:add_resource"), said).status_code == 302
    row = Resource.objects.get()
    assert (row.duty, row.contact, row.region) == ("周一至周五 08:30-17:30", "10012345678", world.town.grid)
    listed = leader.get(reverse("incidents:resource_list"), {"kind": "store"}).content.decode()
    assert "沙袋 500只" in listed
    assert (
        "防汛物资库" not in leader.get(reverse("incidents:resource_list"), {"kind": "team"}).content.decode()
    )
    page = leader.get(reverse("incidents:resource", args=[row.pk])).content.decode()
    assert "100****5678" in page
    assert "10012345678" not in page
    assert "10012345678" in leader.post(reverse("incidents:resource_contact", args=[row.pk])).content.decode()
    sheet = leader.get(reverse("incidents:export")).content
    assert b"10012345678" not in sheet
    row.delete()
    file = io.BytesIO(sheet)
    file.name = "资源.xlsx"
    assert leader.post(reverse("incidents:import"), {"file": file}).status_code == 302
    again = Resource.objects.get()
    assert (again.code, again.duty, str(again.stock.get(item="抽水泵"))) == ("WZ-1", row.duty, "抽水泵 3台")


def test_a_sheet_with_mistakes_names_row_and_column_and_writes_nothing(world, sign_in):
    lines = [
        "编号,类型,名称,单位代码,经度,纬度,技能,值守时间,库存",
        "A1,队伍,好队,office,120.005,31.005,燃气抢修,全天,",
        "A2,飞船,坏队,nowhere,31.7,120.1,飞行,随时,一堆",
        "A1,队伍,又来,office,120.005,31.005,,,",
    ]
    file = io.BytesIO("\n".join(lines).encode())
    file.name = "资源.csv"
    answer = sign_in(world.leader).post(reverse("incidents:import"), {"file": file})
    found = {(m.row, m.column) for m in answer.context["mistakes"]}
    wrong = {"类型", "单位代码", "经度", "技能", "值守时间", "库存"}
    assert answer.status_code == 422
    assert found == {(3, column) for column in wrong} | {(4, "编号")}
    assert not Resource.objects.exists()


def test_the_map_gets_resources_by_kind_window_and_nearness(world, sign_in):
    resource(world, "远队", steps=3)
    resource(world, "近队", steps=1)
    resource(world, "仓库", kind="store", stock=(sandbags(),))
    leader = sign_in(world.leader)
    url = reverse("incidents:resources")
    near = leader.get(url, {"kinds": "team", "near": f"{SPOT[0]},{SPOT[1]}"}).json()
    assert [f["properties"]["name"] for f in near["features"]] == ["近队", "远队"]
    assert near["features"][0]["properties"]["distance_m"] == pytest.approx(190 * 1.3, rel=0.02)
    window = leader.get(url, {"bbox": f"{SPOT[0]},31,{SPOT[0] + 0.003},31.1"}).json()
    assert {f["properties"]["name"] for f in window["features"]} == {"近队", "仓库"}
    assert leader.get(url, {"kinds": "dragon"}).status_code == 422


def test_the_map_names_a_person_to_those_alone_who_may_call_them(world, sign_in):
    resource(world, "王医生", kind="person", code="R-1")
    url = reverse("incidents:resources")
    named, unnamed = (
        sign_in(world.actors[role]).get(url).json()["features"][0]["properties"]
        for role in (Role.OPERATOR, Role.UNIT_LEAD)
    )
    assert named["name"] == "王医生"
    assert "王医生" not in str(unnamed)
    assert unnamed["name"].startswith("综合执法局 · ")


def test_the_editor_of_a_plan_writes_versions_and_keeps_what_is_typed(world, sign_in):
    made = plan(world)
    leader = sign_in(world.leader)
    url = reverse("incidents:plan", args=[made.pk])
    context = leader.get(url).context
    said = sent(context)
    more = leader.post(url, said | {"more": "steps", "steps-3-text": "还没写完"})
    assert "还没写完" in more.content.decode()
    assert more.context["steps"].total_form_count() == 9
    answer = leader.post(url, said | {"steps-3-text": "通知燃气公司", "remark": "演练后修订"})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.version == 2
    assert [s["text"] for s in made.versions.get(number=2).steps][-1] == "通知燃气公司"
    assert leader.post(url, said).status_code == 409, "somebody else's version is not written over"
    assert "第 1 版" in leader.get(url).content.decode()


def sent(context) -> dict[str, object]:
    """What a browser would send of the editor as it stands."""
    said: dict[str, object] = {}
    forms = [context["head"], context["roles"].management_form, context["steps"].management_form]
    for form in (*forms, *context["roles"], *context["steps"]):
        for field in form:
            value = field.value()
            if value not in (None, "", False, []) and not field.html_name.endswith("documents"):
                said[field.html_name] = "on" if value is True else value
    return said


def test_settings_and_skills_are_the_towns_own(world, sign_in):
    leader = sign_in(world.leader)
    url = reverse("incidents:settings")
    said = {"what": "settings", "answer_minutes": 3, "detour": 1.5, "reach_m": 8000, "is_automatic": "on"}
    assert leader.post(url, said).status_code == 302
    assert leader.post(url, {"what": "skill", "code": "drone", "name": "无人机"}).status_code == 302
    page = leader.get(url)
    assert page.context["form"]["answer_minutes"].value() == 3
    assert "无人机" in page.content.decode()
    assert leader.post(url, {"what": "skill", "code": "无", "name": "x"}).status_code == 422
