"""What careless and hostile programs send gets a problem in words, never a stack trace, and changes nothing."""

from typing import Any

import orjson
import pytest

from gridloop.core.cases.models import Case
from tests.conftest import shared_data
from tests.core.cases.factories import World
from tests.faces.exchange.factories import Program

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"description": NaN}', b'{"a":' * 5000, b"1e999"],
)
def test_a_body_that_is_not_the_json_asked_for(world: World, district: Program, body: bytes) -> None:
    answer = district.post("/cases", body)
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", 5),
        ("description", ""),
        ("description", "   "),
        ("description", "x" * 5001),
        ("description", "a\x00b"),
        ("description", None),
        ("id", "not-a-uuid"),
        ("id", 7),
        ("channel", "pigeon"),
        ("category", "0199"),
        ("category", "0101\x00"),
        ("region", "999999999999"),
        ("lon", 181),
        ("lon", "120"),
        ("lon", 120.0),
        ("lat", 10**400),
        ("lat", 1e308),
        ("coordinate_system", "mars"),
        ("is_confidential", "yes"),
        ("is_confidential", 1),
        ("urgency", "whatever"),
        ("reporter", "王某"),
        ("reporter", {"nick": "王某"}),
        ("reporter", {"phone": "1" * 31}),
        ("state", "closed"),
        ("source_ref", "r" * 81),
    ],
)
def test_a_wrong_value_is_named(world: World, district: Program, field: str, value: Any) -> None:
    import json

    body = {"description": "路灯不亮"} | {field: value}
    answer = district.post("/cases", json.dumps(body).encode())
    assert answer.status_code in {400, 422}
    if answer.status_code == 422:
        assert any(field in name or field == "lat" for name in answer.json()["errors"])
    assert not Case.objects.exists()


def test_text_in_any_script_comes_back_as_it_was_sent(world: World, district: Program) -> None:
    path = shared_data("naughty/blns.json")
    for text in orjson.loads(path.read_bytes())[::7]:
        if not text.strip() or "\x00" in text or len(text) > 5000:
            continue
        answer = district.post("/cases", {"description": text})
        assert answer.status_code == 201, text
        assert answer.json()["description"] == text.strip()
        assert district.get("/cases", {"q": text[:100]}).status_code == 200, text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/cases/not-a-uuid", 404),
        ("/cases/00000000-0000-0000-0000-000000000000", 404),
        ("/cases/00000000-0000-0000-0000-000000000000/log", 404),
        ("/cases/00000000-0000-0000-0000-000000000000/register", 405),
        ("/cases?before=00000000-0000-0000-0000-000000000000", 200),
        ("/cases?before=ffffffff-ffff-ffff-ffff-ffffffffffff", 422),
        ("/cases?size=0", 422),
        ("/cases?size=99999999999999999999", 422),
        ("/cases?state=flying", 422),
        ("/cases?q=%00", 422),
        ("/cases?q=%FF%FE", 200),
        ("/cases?since=yesterday", 422),
        ("/cases?since=2026-01-01", 422),
        ("/cases?since=0001-01-01T00:00:00Z", 200),
        ("/cases?until=9999-12-31T23:59:59Z", 200),
        ("/cases?category=0199", 422),
        ("/standards?category=0101&on=2026-13-01", 422),
        ("/standards?category=0101&on=0001-01-01", 200),
        ("/standards", 422),
    ],
)
def test_addresses_that_lead_nowhere(world: World, district: Program, path: str, status: int) -> None:
    answer = district.get(path)
    assert answer.status_code == status, answer.content
    if status != 200:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_a_method_that_does_not_fit_names_those_that_do(world: World, district: Program) -> None:
    answer = district.client.delete("/api/v1/cases", headers=district._headers({}))
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_a_body_that_is_no_json_by_its_own_word_is_refused(world: World, district: Program) -> None:
    answer = district.client.post("/api/v1/cases", {"description": "表单"}, headers=district._headers({}))
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_a_body_beyond_the_limit_is_not_read(world: World, district: Program) -> None:
    answer = district.post("/cases", {"description": "x" * (3 << 20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_fault_of_ours_is_a_problem_without_a_stack_trace(
    world: World, district: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError("secret path")

    monkeypatch.setattr("gridloop.faces.exchange.rest.reference.rulebook", broken)
    district.client.raise_request_exception = False
    answer = district.get("/categories")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert b"secret" not in answer.content
