"""A filtered list as a file."""

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.labels import Demand
from gridloop.faces.desk import exports
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, World
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db


def address(kind: str) -> str:
    return reverse("desk:export", args=[kind])


def lines(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(exports.BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(exports.BOM))))


def test_the_file_holds_the_filtered_list_newest_first(world: World, sign_in: SignIn):
    first, second = factories.reported(world, AT), factories.dispatched(world, AT + DAY)
    factories.closed(world)
    response = sign_in(world.operator).get(address("csv"), {"state": "open"})
    head, *rows = lines(response)
    assert head[0] == "编号"
    assert [row[0] for row in rows] == [second.number, first.number]
    assert rows[0][8] == "综合执法局"
    assert "attachment" in response["Content-Disposition"]


def test_words_narrow_the_file_as_they_narrow_the_list(world: World, sign_in: SignIn):
    lamp = factories.reported(world, description="路灯不亮")
    factories.reported(world)
    _head, *rows = lines(sign_in(world.operator).get(address("csv"), {"q": "路灯"}))
    assert [row[0] for row in rows] == [lamp.number]


def test_a_long_list_is_read_in_portions_without_losing_a_row(world: World, sign_in: SignIn, monkeypatch):
    monkeypatch.setattr(exports, "PORTION", 3)
    numbers = [factories.reported(world).number for _ in range(7)]
    client = sign_in(world.operator)
    for query in ({}, {"q": "垃圾"}):
        _head, *rows = lines(client.get(address("csv"), query))
        assert [row[0] for row in rows] == numbers[::-1]


def test_nothing_in_the_file_tells_of_a_person(world: World, sign_in: SignIn):
    factories.reported(
        world,
        title="请联系 138 1234 5678 张伟，身份证32049919900101123X",
        address="柳桥路12号302室",
        reporter=ReporterData("张伟", "13812345678"),
    )
    factories.reported(world, title="举报某某", demand=Demand.TIP_OFF)
    text = str(lines(sign_in(world.operator).get(address("csv"))))
    for secret in ("13812345678", "138 1234 5678", "32049919900101123X", "302室", "举报某某"):
        assert secret not in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(start):
    assert exports.safe(f"{start}HYPERLINK(1)")[0] == "'"


def test_the_spreadsheet_holds_the_same_and_keeps_text_as_text(world: World, sign_in: SignIn):
    case = factories.reported(world, title="=1+1 路灯")
    response = sign_in(world.operator).get(address("xlsx"))
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert sheet.cell(2, 1).value == case.number
    assert (sheet.cell(2, 2).value, sheet.cell(2, 2).data_type) == ("=1+1 路灯", "s")


def test_too_long_a_list_is_refused_with_what_to_do(world: World, sign_in: SignIn, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    for _ in range(3):
        factories.reported(world)
    response = sign_in(world.operator).get(address("csv"))
    assert response.status_code == 422
    assert "请按日期、类别或单位缩小范围" in response.content.decode()


def test_found_words_are_cut_at_the_limit_and_the_file_says_so(world: World, sign_in: SignIn, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    monkeypatch.setattr(exports, "PORTION", 1)
    for _ in range(3):
        factories.reported(world)
    _head, *rows = lines(sign_in(world.operator).get(address("csv"), {"q": "垃圾"}))
    assert len(rows) == 3
    assert "上限" in rows[-1][0]


def test_who_may_not_export_is_refused(world: World, sign_in: SignIn):
    assert sign_in(world.handler).get(address("csv")).status_code == 403


def test_other_kinds_of_file_are_not_made(world: World, sign_in: SignIn):
    assert sign_in(world.operator).get(address("exe")).status_code == 404


def test_nobody_exports_what_they_cannot_see(world: World, sign_in: SignIn):
    factories.reported(world)
    mine = factories.dispatched(world)
    lead = world.actors[factories.Role.UNIT_LEAD]
    _head, *rows = lines(sign_in(lead).get(address("csv")))
    assert [row[0] for row in rows] == [mine.number]
