"""Every verb of the loop over HTTP: the whole way round, each refusal in HTTP's own words, each retry once."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image

from gridloop.core.cases import actions
from gridloop.core.cases.actions import VERBS
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.workflow import State
from gridloop.core.org import actions as org
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import IN_STATE, World
from tests.faces.exchange.factories import Program, program

pytestmark = pytest.mark.django_db


def as_role(world: World, role: Role) -> Program:
    """Return a program with a key of the post that this role has in the town."""
    return program(post=Post.objects.get(pk=world.actors[role].post_id), name=role.value)


def test_a_program_takes_a_case_the_whole_way_round(world: World, district: Program) -> None:
    office = as_role(world, Role.HANDLER)
    case = district.post("/cases", {"description": "垃圾堆", "region": world.town.grid.code}).json()
    path = f"/cases/{case['id']}"
    way: list[tuple[Program, str, dict[str, Any], str]] = [
        (district, "register", {}, "registered"),
        (district, "dispatch", {"lead_unit": "office", "assist_units": ["v1"]}, "dispatched"),
        (office, "sign_for", {}, "handling"),
        (office, "submit_result", {"note": "已清运"}, "handling"),
        (as_role(world, Role.SECRETARY), "sign_for", {}, "handling"),
        (as_role(world, Role.GRID_WORKER), "submit_result", {"note": "已协助"}, "handled"),
        (district, "verify_pass", {}, "handled"),
        (district, "close", {"note": "办结"}, "closed"),
        (district, "call_back", {"is_reached": True, "attitude": 5, "result": 4}, "closed"),
    ]
    for n, (who, verb, body, state) in enumerate(way, start=2):
        answer = who.post(f"{path}/{verb}", body)
        assert (answer.status_code, answer.json()["state"], answer["ETag"]) == (200, state, f'"{n}"')
    log = district.get(f"{path}/log").json()["items"]
    assert [line["verb"] for line in log] == ["report", *(verb for _who, verb, _body, _state in way)]
    assert {line["actor_kind"] for line in log} == {"program"}


# What each verb needs beside a case in one of its states, as the API spells it.
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "supplement": lambda w: {"text": "夜间也有"},
    "amend": lambda w: {"category": "0102", "lon": 120.005, "lat": 31.005},
    "reject": lambda w: {"reason": "outside"},
    "dispatch": lambda w: {"lead_unit": "office", "assist_units": ["v1"], "demand": "三日内"},
    "adjudicate": lambda w: {"lead_unit": "office"},
    "send_back": lambda w: {"reason": "other_unit"},
    "transfer": lambda w: {"from_unit": "office", "to_unit": "v1"},
    "add_assistant": lambda w: {"unit": "v1"},
    "request_extension": lambda w: {"amount": 2},
    "request_suspension": lambda w: {"until": (timezone.now() + timedelta(days=9)).isoformat()},
    "call_back": lambda w: {"is_reached": False},
    "rate": lambda w: {"attitude": 5, "result": 5},
    "escalate": lambda w: {"to": "区城管局"},
    "merge": lambda w: {"into": str(factories.registered(w).pk)},
    "link": lambda w: {"other": str(factories.registered(w).pk)},
    "unlink": lambda w: {"other": str(factories.registered(w).pk)},
    "split": lambda w: {"parts": [{"description": "垃圾"}, {"description": "杂草", "category": "0102"}]},
}
# By whom: what a program without a post cannot be is the unit that holds the order.
WHO = dict.fromkeys(
    ("sign_for", "send_back", "submit_result", "request_extension", "request_suspension"), Role.HANDLER
)


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"attach", "reveal_reporter"}))
def test_every_verb_has_a_route_that_makes_it_or_says_why_not(world: World, verb: str) -> None:
    who = as_role(world, WHO[verb]) if verb in WHO else program()
    source = min(VERBS[verb].rule.sources, key=lambda s: (s == State.SUSPENDED, list(State).index(s)))
    if verb in {"send_back", "sign_for"}:
        source = State.DISPATCHED
    if verb in {"submit_result", "request_extension", "request_suspension"}:
        source = State.HANDLING
    case = IN_STATE[source](world, timezone.now() - timedelta(minutes=30))
    body = BODIES.get(verb, lambda w: {})(world)
    answer = who.post(f"/cases/{case.pk}/{verb}", body | {"note": "说明"})
    case.refresh_from_db()
    if answer.status_code == 200:
        assert answer["ETag"] == f'"{case.version}"'
        assert actions_of(case)[-1] == verb
    else:
        # A rule of the case stands against it here: who reported, what was asked before, who has verified.
        assert answer.status_code in {403, 409, 422}
        assert verb in {
            "withdraw", "rate", "adjudicate", "grant_extension", "grant_suspension", "refuse_time", "close",
            "uphold", "unlink",
        }  # fmt: skip
        assert answer.json()["detail"]


def actions_of(case: Case) -> list[str]:
    from gridloop.core.audit.models import Entry

    return list(Entry.objects.filter(stream=case.pk).order_by("seq").values_list("verb", flat=True))


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_key_without_the_scope_makes_no_verb(world: World, verb: str) -> None:
    rule = VERBS[verb].rule
    looking = program("case.view", *({"case.note"} - {rule.permission}))
    source = min(rule.sources, key=list(State).index)
    case = IN_STATE[source](world)
    body = BODIES.get(verb, lambda w: {})(world) | {"note": "说明"}
    if verb == "attach":
        answer = looking.send_files(f"/cases/{case.pk}/attach", {"files": a_photo()})
    else:
        answer = looking.post(f"/cases/{case.pk}/{verb}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


def test_a_verb_out_of_turn_is_a_conflict_in_words(world: World, district: Program) -> None:
    case = factories.closed(world)
    answer = district.post(f"/cases/{case.pk}/register")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid-transition")
    assert "已结案" in answer.json()["detail"]


def test_a_verb_that_needs_words_names_the_field(world: World, district: Program) -> None:
    case = factories.reported(world)
    answer = district.post(f"/cases/{case.pk}/reject", {"reason": "outside"})
    assert (answer.status_code, answer.json()["errors"]) == (422, {"note": "必填"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lead_unit": "没有"}, "lead_unit"),
        ({}, "lead_unit"),
        ({"lead_unit": 5}, "lead_unit"),
        ({"lead_unit": "office", "assist_units": "v1"}, "assist_units"),
        ({"lead_unit": "office", "assist_units": ["v1", "没有"]}, "assist_units"),
        ({"lead_unit": "office", "lead": "office"}, "lead"),
    ],
)
def test_a_wrong_field_is_named(world: World, district: Program, body: Any, field: str) -> None:
    case = factories.registered(world)
    answer = district.post(f"/cases/{case.pk}/dispatch", body)
    assert answer.status_code == 422
    assert [name.split(".")[-1] for name in answer.json()["errors"]] == [field]


def test_where_nothing_has_to_be_said_the_body_may_be_left_out(world: World, district: Program) -> None:
    case = factories.reported(world)
    assert district.post(f"/cases/{case.pk}/register", b"").status_code == 200
    assert district.post(f"/cases/{case.pk}/dispatch", b"").status_code == 422


def test_if_match_lets_the_verb_pass_only_at_that_version(world: World, district: Program) -> None:
    case = factories.reported(world)
    seen = district.get(f"/cases/{case.pk}")["ETag"]
    actions.annotate(case.pk, actor=world.operator, at=factories.AT, note="电话核实")
    late = district.post(f"/cases/{case.pk}/register", If_Match=seen)
    assert (late.status_code, late.json()["version"]) == (412, 2)
    fresh = district.get(f"/cases/{case.pk}")["ETag"]
    assert district.post(f"/cases/{case.pk}/register", If_Match=fresh).status_code == 200
    assert district.post(f"/cases/{case.pk}/annotate", {"note": "好"}, If_Match="*").status_code == 200


@pytest.mark.parametrize("tag", ["3", "abc", '"3', '"99999999999999999999"'])
def test_an_if_match_that_we_never_gave_is_refused(world: World, district: Program, tag: str) -> None:
    case = factories.reported(world)
    assert district.post(f"/cases/{case.pk}/register", If_Match=tag).status_code == 412


def test_the_same_idempotency_key_gets_the_first_answer(world: World, district: Program) -> None:
    case = factories.reported(world)
    first = district.post(f"/cases/{case.pk}/annotate", {"note": "已电话联系"}, Idempotency_Key="a1")
    again = district.post(f"/cases/{case.pk}/annotate", {"note": "已电话联系"}, Idempotency_Key="a1")
    assert (again.status_code, again.content, again["ETag"]) == (200, first.content, first["ETag"])
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert actions_of(case) == ["report", "annotate"]


def test_an_idempotency_key_is_for_one_request_and_one_program(world: World, district: Program) -> None:
    case = factories.reported(world)
    district.post(f"/cases/{case.pk}/annotate", {"note": "甲"}, Idempotency_Key="a1")
    other = district.post(f"/cases/{case.pk}/annotate", {"note": "乙"}, Idempotency_Key="a1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    neighbour = program(name="另一平台").post(
        f"/cases/{case.pk}/annotate", {"note": "乙"}, Idempotency_Key="a1"
    )
    assert neighbour.status_code == 200


def test_a_refusal_is_not_kept_so_that_the_program_may_try_again(world: World, district: Program) -> None:
    case = factories.reported(world)
    path = f"/cases/{case.pk}/verify_pass"
    assert district.post(path, Idempotency_Key="a1").status_code == 409
    handled = factories.handled(world)
    again = district.post(f"/cases/{handled.pk}/verify_pass", Idempotency_Key="a1")
    assert again.status_code == 200


def a_photo(colour: str = "red") -> io.BytesIO:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
    picture.seek(0)
    picture.name = "现场.jpg"
    return picture


def test_files_are_sent_listed_and_read_back(world: World, district: Program) -> None:
    case = factories.reported(world)
    answer = district.send_files(
        f"/cases/{case.pk}/attach",
        {"files": [a_photo(), a_photo("blue")], "note": "现场照片", "is_public": "true"},
    )
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    files = district.get(f"/cases/{case.pk}").json()["attachments"]
    assert [file["content_type"] for file in files] == ["image/jpeg"] * 2
    assert set(Attachment.objects.values_list("is_public", flat=True)) == {True}
    got = district.get(f"/cases/{case.pk}/attachments/{files[0]['id']}")
    assert b"".join(got.streaming_content)[:3] == b"\xff\xd8\xff"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"]


def test_files_of_a_key_that_may_not_attach_never_reach_the_storage(world: World, monkeypatch) -> None:
    kept: list[object] = []
    monkeypatch.setattr("gridloop.base.common.files.store", kept.append)
    case = factories.reported(world)
    answer = program("case.view").send_files(f"/cases/{case.pk}/attach", {"files": a_photo()})
    assert (answer.status_code, kept) == (403, [])


def test_the_same_files_for_other_eyes_are_another_request(world: World, district: Program) -> None:
    path = f"/cases/{factories.reported(world).pk}/attach"
    district.send_files(path, {"files": a_photo()}, Idempotency_Key="k")
    other = district.send_files(path, {"files": a_photo(), "is_public": "true"}, Idempotency_Key="k")
    assert other.json()["code"] == "idempotency-key-reused"


def test_a_file_is_read_only_by_who_sees_its_case(world: World, district: Program) -> None:
    case, other = factories.dispatched(world), factories.reported(world)
    district.send_files(f"/cases/{other.pk}/attach", {"files": a_photo()})
    file = district.get(f"/cases/{other.pk}").json()["attachments"][0]["id"]
    office = as_role(world, Role.HANDLER)
    assert office.get(f"/cases/{other.pk}/attachments/{file}").status_code == 404
    assert office.get(f"/cases/{case.pk}/attachments/{file}").status_code == 404
    assert district.get(f"/cases/{other.pk}/attachments/{uuid4()}").status_code == 404


@pytest.mark.parametrize("content", [b"", b"MZ this is a program", b"<html><script>alert(1)</script>"])
def test_a_file_of_a_kind_that_is_not_taken_is_refused(
    world: World, district: Program, content: bytes
) -> None:
    case = factories.reported(world)
    upload = io.BytesIO(content)
    upload.name = "照片.jpg"
    answer = district.send_files(f"/cases/{case.pk}/attach", {"files": upload})
    assert answer.status_code == 422
    assert not Attachment.objects.exists()


def test_files_without_files_or_as_json_are_refused(world: World, district: Program) -> None:
    case = factories.reported(world)
    assert district.send_files(f"/cases/{case.pk}/attach", {"note": "空"}).status_code == 422
    assert district.post(f"/cases/{case.pk}/attach", {"files": []}).status_code == 415


def test_the_same_files_sent_again_under_one_idempotency_key_are_added_once(
    world: World, district: Program
) -> None:
    case = factories.reported(world)
    for _n in range(2):
        answer = district.send_files(f"/cases/{case.pk}/attach", {"files": a_photo()}, Idempotency_Key="f1")
    assert answer["Idempotency-Replayed"] == "true"
    assert actions_of(case) == ["report", "attach"]


def test_who_reported_is_told_to_a_post_that_may_know_and_the_reason_is_logged(world: World) -> None:
    operator = as_role(world, Role.OPERATOR)
    case = operator.post(
        "/cases", {"description": "噪音", "reporter": {"name": "王某", "phone": "13800000000"}}
    ).json()
    path = f"/cases/{case['id']}/reveal_reporter"
    assert operator.post(path, {}).status_code == 422
    told = operator.post(path, {"note": "核对地址"}).json()
    assert told == {"name": "王某", "phone": "13800000000", "id_number": ""}
    assert operator.get(f"/cases/{case['id']}/log").json()["items"][-1]["note"] == "核对地址"
    assert program().post(path, {"note": "想知道"}).status_code == 403


def test_a_case_is_given_to_a_person_by_login_name(world: World, district: Program) -> None:
    org.amend_unit(world.lead_unit, takes_named=True)
    case = factories.registered(world)
    given = {"lead_unit": "office", "assignee": "handler"}
    assert district.post(f"/cases/{case.pk}/dispatch", given | {"assignee": "nobody"}).status_code == 422
    assert district.post(f"/cases/{case.pk}/dispatch", given).status_code == 200
    assert district.get(f"/cases/{case.pk}").json()["orders"][0]["assignee"] == "handler"
