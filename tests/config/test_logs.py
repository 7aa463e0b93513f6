"""One JSON object a line, with the request's id, and nothing in it that tells of a person."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.test import Client
from django.urls import reverse

from gridloop.config.logs import logging_config


class Lines:
    """What the program writes to standard error, as the town's log collector gets it."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def objects(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    formatter = logging_config("INFO", plain=False)["formatters"]["lines"].copy()
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    root.addHandler(handler)
    yield Lines(handler.stream)
    root.removeHandler(handler)


def test_every_line_is_one_json_object_with_time_level_and_logger(lines):
    logging.getLogger("gridloop.test").warning("两行\n的 %s", "消息")
    structlog.get_logger("gridloop.other").info("event", number=3)
    first, second = lines.objects
    assert (first["event"], first["level"], first["logger"]) == ("两行\n的 消息", "warning", "gridloop.test")
    assert (second["event"], second["number"]) == ("event", 3)
    assert first["timestamp"].endswith("Z")


def test_an_exception_is_told_inside_its_line(lines):
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("gridloop.test").exception("failed")
    (line,) = lines.objects
    assert "ValueError: broken" in line["exception"]


def test_a_request_that_django_tells_of_loses_its_query_and_its_code(lines, rf):
    request = rf.get("/t/4H9X-H9EQ-MDTN/", {"q": "张小明"})
    logging.getLogger("django.security.csrf").warning(
        "Forbidden (CSRF token missing.): %s", request.path, extra={"request": request}
    )
    (line,) = lines.objects
    assert "H9EQ" not in lines.text
    assert "%E5%BC%A0" not in lines.text
    assert line["event"] == "Forbidden (CSRF token missing.): /t/…/"
    assert "GET '/t/…/" in line["request"]


@pytest.mark.django_db
def test_lines_of_one_request_share_its_id_and_say_neither_query_nor_address(lines):
    Client().get(
        f"{reverse('alive')}?q=王明&phone=13812345678", REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Nokia"
    )
    request = [line for line in lines.objects if line["event"].startswith("request_")]
    assert len({line["request_id"] for line in request}) == 1
    assert {line["request"] for line in request} == {"GET /healthz"}
    for word in ("王明", "13812345678", "203.0.113.9", "Nokia"):
        assert word not in lines.text


@pytest.mark.django_db
def test_a_visitor_cannot_choose_the_id_under_which_others_are_logged(lines):
    Client().get(reverse("alive"), HTTP_X_REQUEST_ID="forged")
    assert "forged" not in lines.text


@pytest.mark.django_db
def test_the_towns_own_proxy_can(lines, settings):
    settings.DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
    Client().get(reverse("alive"), HTTP_X_REQUEST_ID="from-the-proxy")
    assert {line.get("request_id") for line in lines.objects} == {"from-the-proxy"}


@pytest.mark.parametrize(
    "personal",
    [
        "13812345678", "+86 138 1234 5678", "86-13812345678", "138-1234-5678",
        "320404199001011234", "32040419900101123X", "6222021234567890123", "wang.ming@example.cn",
    ],
)  # fmt: skip
def test_numbers_and_addresses_of_people_are_taken_out(lines, personal):
    logging.getLogger("gridloop.test").error("来电 %s 反映", personal)
    assert personal not in lines.text
    assert lines.objects[0]["event"] == "来电 … 反映"


@pytest.mark.parametrize(
    "harmless", ["20261124000123", "2026-11-24T07:03:00", "case 12345", "120.1234567890"]
)
def test_numbers_of_cases_and_times_stay(lines, harmless):
    logging.getLogger("gridloop.test").error("见 %s", harmless)
    assert harmless in lines.text


def test_a_tracking_code_in_an_address_is_taken_out(lines):
    structlog.get_logger("gridloop.test").info("request_started", request="GET /track/ABCD-2345-EFGH/")
    assert lines.objects[0]["request"] == "GET /track/…/"


def test_the_row_that_postgresql_quotes_is_taken_out(lines):
    logging.getLogger("gridloop.test").error(
        'duplicate key value\nDETAIL:  Key (full_name)=(王明) already exists.\nCONTEXT:  COPY org_user, line 3: "王明"'
    )
    assert "王明" not in lines.text
    assert "duplicate key value" in lines.text
