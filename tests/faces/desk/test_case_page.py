"""One case as its reader may see it."""

import io
import json
from html.parser import HTMLParser

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from gridloop.base.common.files import inspect, storage_name, store
from gridloop.core.cases import actions, kinds, panels
from gridloop.core.cases.actions import Part, ReporterData
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.workflow import State
from gridloop.core.org.models import User
from gridloop.core.org.permissions import Role
from tests.conftest import shared_data
from tests.core.cases import factories
from tests.core.cases.factories import AT, IN_STATE, MINUTE, World
from tests.core.org.factories import SignIn, make_post

pytestmark = pytest.mark.django_db


def address(case: Case) -> str:
    return reverse("desk:case", args=[case.pk])


class _Tags(HTMLParser):
    """Collects every element with the names of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[str, ...]]] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.found.add((tag, tuple(sorted(name for name, _value in attrs))))


def tags(content: str) -> set[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(content)
    return parser.found


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    file.seek(0)
    return file


def with_picture(world: World, case: Case) -> Attachment:
    checked = inspect(picture())
    store(checked)
    actions.attach(case.pk, actor=world.operator, at=AT + MINUTE, files=[("现场.png", checked)])
    return Attachment.objects.get(case=case)


@pytest.mark.parametrize("state", State)
def test_a_case_in_any_state_opens_for_the_leader(world: World, sign_in: SignIn, state: State):
    case = IN_STATE[state](world)
    response = sign_in(world.leader).get(address(case))
    assert response.status_code == 200
    assert case.number in response.content.decode()


def test_a_case_that_is_not_mine_to_see_is_not_there(world: World, sign_in: SignIn):
    case = factories.reported(world)
    outsider = factories.add_person(world, Role.HANDLER, "office", "town", name="zhao")
    assert sign_in(outsider).get(address(case)).status_code == 404


def test_buttons_are_exactly_the_verbs_that_can_be_made(world: World, sign_in: SignIn):
    case = factories.handled(world)
    bar = sign_in(world.operator).get(address(case)).context["bar"]
    assert {b.name for b in bar.front if b.enabled} == {"verify_pass", "verify_fail"}
    waiting = {b.name: b.why_not for b in (*bar.front, *bar.greyed) if not b.enabled}
    assert waiting == {"close": "须先由处置单位以外的人员核查通过。"}


def test_several_greyed_buttons_are_folded_away_with_their_reasons(world: World, sign_in: SignIn):
    case = factories.verified(world)
    response = sign_in(world.operator).get(address(case))
    bar = response.context["bar"]
    assert [b.name for b in bar.front] == ["close"]
    assert {"verify_pass", "verify_fail"} <= {b.name for b in bar.greyed}
    assert "已核查通过，请结案。" in response.content.decode()


def test_whoever_reviews_has_both_answers_in_front(world: World, sign_in: SignIn):
    case = factories.closed(world, reporter=ReporterData("", "13812345678"))
    actions.call_back(case.pk, actor=world.operator, at=AT + 9 * MINUTE, is_reached=True, result=1)
    bar = sign_in(world.leader).get(address(case)).context["bar"]
    assert {"uphold", "reopen"} <= {b.name for b in (*bar.front, *bar.greyed)}
    assert "uphold" in {b.name for b in bar.front}
    assert "reopen" not in {b.name for b in bar.more}


def test_the_log_tells_states_units_and_reasons_in_words(world: World, sign_in: SignIn):
    case = factories.dispatched(world, assistants=(world.town.committee.pk,))
    factories.send_back(world, case, AT + 4 * MINUTE)
    content = sign_in(world.operator).get(address(case)).content.decode()
    for words in ("待受理 → 已立案", "柳桥村委会", "不在本单位履职清单内", "履职清单中由城管办负责"):
        assert words in content
    for code in ("not_listed", "registered →", "dispatched", "assist_unit"):
        assert code not in content


def test_a_correction_tells_what_was_there_before(world: World, sign_in: SignIn):
    case = factories.reported(world)
    actions.amend(
        case.pk,
        actor=world.operator,
        at=AT + MINUTE,
        category_id=world.catalogue.weeds.pk,
        address="柳桥路1号",
    )
    items = sign_in(world.operator).get(address(case)).context["items"]
    assert dict(items[0].details) == {"类别": "暴露垃圾 → 杂草丛生", "地址": "未填 → 柳桥路1号"}


def test_a_long_log_shows_its_end_and_the_rest_on_demand(world: World, sign_in: SignIn):
    case = factories.reported(world)
    for n in range(45):
        actions.annotate(case.pk, actor=world.operator, at=AT + n * MINUTE, note=f"第{n}条")
    client = sign_in(world.operator)
    short, whole = client.get(address(case)), client.get(address(case), {"log": "all"})
    assert (len(short.context["items"]), short.context["hidden_lines"]) == (40, 6)
    assert len(whole.context["items"]) == 46


def test_the_reporter_is_masked_and_shown_in_full_only_for_a_reason_that_is_logged(
    world: World, sign_in: SignIn
):
    case = factories.reported(world, reporter=ReporterData("张小明", "13812345678"))
    client = sign_in(world.operator)
    page = client.get(address(case)).content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page
    reveal = reverse("desk:reporter", args=[case.pk])
    assert "13812345678" not in client.get(reveal).content.decode()
    assert client.post(reveal, {"note": ""}).status_code == 422
    answer = client.post(reveal, {"note": "核实地点"})
    assert "13812345678" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "核实地点" in client.get(address(case)).content.decode()


def test_the_unit_that_handles_a_case_never_sees_who_reported(world: World, sign_in: SignIn):
    case = factories.dispatched(world, reporter=ReporterData("张小明", "13812345678"))
    page = sign_in(world.handler).get(address(case)).content.decode()
    assert "138****5678" not in page
    assert sign_in(world.handler).get(reverse("desk:reporter", args=[case.pk])).status_code == 403


def test_the_tracking_code_is_kept_from_the_unit_that_could_act_as_the_reporter_by_it(
    world: World, sign_in: SignIn
):
    case = factories.dispatched(world)
    code = case.shown_tracking_code
    assert code in sign_in(world.operator).get(address(case)).content.decode()
    assert code not in sign_in(world.handler).get(address(case)).content.decode()


def test_whoever_took_the_report_down_finds_its_code_again(world: World, sign_in: SignIn):
    case = factories.reported(world)
    assert case.shown_tracking_code in sign_in(world.worker).get(address(case)).content.decode()


def test_of_one_who_asked_not_to_be_named_the_page_shows_nothing_but_that_there_is_somebody(
    world: World, sign_in: SignIn
):
    case = factories.reported(world, reporter=ReporterData("张小明", "13812345678"), is_confidential=True)
    page = sign_in(world.leader).get(address(case)).content.decode()
    assert "要求保密" in page
    assert "张" not in page
    assert "5678" not in page


def test_a_second_post_in_the_handling_unit_hides_the_masked_reporter_too(world: World, sign_in: SignIn):
    case = factories.dispatched(world, reporter=ReporterData("张小明", "13812345678"))
    person = User.objects.get(pk=world.operator.user_id)
    make_post(person, world.town.office, Role.HANDLER, world.town.town)
    assert "138****5678" not in sign_in(world.operator).get(address(case)).content.decode()


def test_the_panel_of_a_kind_stands_on_its_cases_and_on_no_other(
    world: World, sign_in: SignIn, settings, tmp_path, monkeypatch
):
    (tmp_path / "panel.html").write_text("<section>{{ who }}</section>", encoding="utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    monkeypatch.setattr(kinds, "_kinds", dict(kinds.kinds()))
    panel = kinds.Panel("panel.html", lambda case, actor: {"who": f"{case.number}<{actor.role}>"})
    kinds.register(kinds.Kind("dispute", "矛盾纠纷", panel))
    case, other = factories.reported(world, kind="dispute"), factories.reported(world)
    client = sign_in(world.operator)
    assert f"<section>{case.number}&lt;operator&gt;</section>" in client.get(address(case)).content.decode()
    assert "&lt;operator&gt;" not in client.get(address(other)).content.decode()


def test_a_capability_shows_its_part_in_its_column_and_nothing_where_it_has_nothing(
    world: World, sign_in: SignIn, settings, tmp_path, monkeypatch
):
    (tmp_path / "part.html").write_text("<aside>{{ case.number }} {{ who }}</aside>", encoding="utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    monkeypatch.setattr(panels, "_panels", {})
    case = factories.reported(world)

    def who(file, actor, now):
        return {"who": "<b>"} if file.case.pk == case.pk else None

    panels.register(panels.CasePanel("main", "part.html", who))
    panels.register(panels.CasePanel("side", "part.html", who, is_beside=True))
    client = sign_in(world.operator)
    shown = client.get(address(case)).content.decode()
    assert shown.count(f"<aside>{case.number} &lt;b&gt;</aside>") == 2
    assert "<aside>" not in client.get(address(factories.reported(world))).content.decode()


def test_what_hangs_together_is_listed_with_how(world: World, sign_in: SignIn):
    case, other = factories.registered(world), factories.reported(world)
    actions.merge(factories.reported(world).pk, actor=world.operator, at=AT + 2 * MINUTE, into=case.pk)
    actions.link(case.pk, actor=world.operator, at=AT + 3 * MINUTE, other=other.pk)
    actions.split(case.pk, actor=world.operator, at=AT + 4 * MINUTE, parts=[Part("清垃圾"), Part("修围挡")])
    related = sign_in(world.operator).get(address(case)).context["related"]
    assert [one["key"] for one in related] == ["child", "child", "duplicate", "link"]
    back = sign_in(world.operator).get(address(other)).context["related"]
    assert [(one["key"], one["case"].pk) for one in back] == [("link", case.pk)]


def test_the_case_page_asks_a_bounded_number_of_statements(
    world: World, sign_in: SignIn, django_assert_max_num_queries
):
    case = factories.dispatched(world, assistants=(world.town.committee.pk,))
    for n in range(30):
        actions.annotate(case.pk, actor=world.operator, at=AT + n * MINUTE, note=f"第{n}条")
    with_picture(world, case)
    client = sign_in(world.operator)
    client.get(address(case))
    with django_assert_max_num_queries(14 + sum(panel.statements for panel in panels.panels())):
        client.get(address(case))


def test_a_file_opens_only_with_its_case(world: World, sign_in: SignIn):
    row = with_picture(world, factories.reported(world))
    url = reverse("desk:attachment", args=[row.pk])
    answer = sign_in(world.operator).get(url)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "image/png")
    assert "sandbox" in answer["Content-Security-Policy"]
    outsider = factories.add_person(world, Role.HANDLER, "office", "town", name="zhao")
    assert sign_in(outsider).get(url).status_code == 404


def test_a_file_that_the_storage_has_lost_is_told_kindly(world: World, sign_in: SignIn):
    row = with_picture(world, factories.reported(world))
    default_storage.delete(storage_name(row.sha256))
    answer = sign_in(world.operator).get(reverse("desk:attachment", args=[row.pk]))
    assert answer.status_code == 404
    assert "备份" in answer.content.decode()


def test_whatever_residents_write_is_shown_as_text(world: World, sign_in: SignIn):
    client = sign_in(world.operator)
    naughty = json.loads((shared_data("naughty") / "blns.json").read_text(encoding="utf-8"))
    texts = [text.replace("\0", "") for text in naughty if text.strip("\0 \t\n\r\x0b\x0c\ufeff")]
    plain = factories.reported(world, description="第一行\n第二行", address="柳桥路")
    actions.annotate(plain.pk, actor=world.operator, at=AT, note="第一行\n第二行")
    known = tags(client.get(address(plain)).content.decode())
    chunks = [texts[n : n + 40] for n in range(0, len(texts), 40)]
    for chunk in chunks:
        case = factories.reported(world, description="\n".join(chunk)[:4000], address=chunk[0][:200])
        actions.annotate(case.pk, actor=world.operator, at=AT, note="\n".join(chunk)[:2000])
        response = client.get(address(case))
        assert response.status_code == 200
        content = response.content.decode()
        assert tags(content) <= known
