"""History replayed in time order: how often the model foresees the unit that really closed the case."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gridloop.capabilities.dispatch.commands import dispatch
from gridloop.capabilities.dispatch.learning.facts import Facts
from gridloop.capabilities.dispatch.learning.model import Lesson, Model
from gridloop.capabilities.dispatch.learning.replaying import ceiling, replay
from gridloop.capabilities.dispatch.learning.sheets import COLUMNS, read_history, role_by_name
from tests.conftest import shared_data

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LITTER, NOISE = Facts(main="市容", sub="垃圾", area="东街"), Facts(main="环保", sub="噪声", area="东街")


def lessons(*pairs: tuple[Facts, str]) -> list[Lesson]:
    return [Lesson(facts, unit, START + n * timedelta(hours=1)) for n, (facts, unit) in enumerate(pairs)]


def test_the_units_of_pingshan_are_foreseen_as_often_as_was_asked_for() -> None:
    history = read_history(shared_data("pingshan/events.csv"), COLUMNS)
    result = replay(history.lessons, first=6401, role=role_by_name)
    assert (len(history.lessons), history.left_out) == (8000, 0)
    assert result.whole.asked == 1600
    assert result.whole.first_share >= 0.70
    assert result.whole.among_share >= 0.85
    assert sum(tally.asked for tally in result.by_kind.values()) == 1600


def test_what_a_row_holds_is_never_known_before_it_is_foreseen() -> None:
    known = lessons(*[(LITTER, "城管办")] * 20)
    assert replay([*known, *lessons((LITTER, "环保局"))], first=21, role=role_by_name).whole.first == 0
    assert replay([*known, *lessons((LITTER, "城管办"))], first=21, role=role_by_name).whole.first == 1


def test_the_ceiling_counts_what_equal_facts_make_impossible() -> None:
    best = ceiling(lessons((LITTER, "甲"), (LITTER, "甲"), (LITTER, "乙"), (NOISE, "丙")))
    assert (best.asked, best.first, best.among) == (4, 3, 4)


def test_nobody_is_guessed_where_nothing_like_it_was_seen() -> None:
    assert Model({}).guess(LITTER, START).ranked() == []


def test_the_same_lessons_leave_the_same_numbers_to_the_last_bit() -> None:
    taught = lessons(*[(LITTER, "甲"), (NOISE, "乙"), (LITTER, "乙"), (LITTER, "甲")] * 10)
    one, other = Model({}), Model({})
    for lesson in taught:
        one.learn(lesson)
        other.learn(lesson)
    assert one.cells == other.cells


def test_a_guess_reads_no_cell_that_was_not_said_to_be_needed() -> None:
    model = Model({})
    for lesson in lessons(*[(LITTER, "甲"), (NOISE, "乙"), (LITTER, "乙")] * 5):
        model.learn(lesson)
    part = Model({key: model.cells[key] for key in Model.needs(LITTER) if key in model.cells})
    assert part.guess(LITTER, START).chances == model.guess(LITTER, START).chances


def test_chances_sum_to_one_and_a_send_back_lowers_the_units() -> None:
    model = Model({})
    for lesson in lessons(*[(LITTER, "甲"), (LITTER, "乙")] * 5):
        model.learn(lesson)
    before = model.guess(LITTER, START).chances
    for _n in range(2):
        model.learn(Lesson(LITTER, "乙", START, share=-1.0))
    after = model.guess(LITTER, START).chances
    assert sum(after.values()) == pytest.approx(1)
    assert after["乙"] < before["乙"]


def test_a_villages_history_speaks_for_its_neighbours_own_committee() -> None:
    """By the part that units play: the second village has seen its committee at work on other things only."""

    def at(place: str, sub: str) -> Facts:
        return Facts(main="邻里", sub=sub, place=place)

    model = Model({}, role=role_by_name)
    taught = [
        (at("东村", "漏水"), "东村居委会"),
        (at("西村", "养犬"), "西村居委会"),
        (at("西村", "噪声"), "环保局"),
    ]
    for lesson in lessons(*taught * 8):
        model.learn(lesson)
    assert model.guess(at("西村", "漏水"), START).ranked()[0] == "西村居委会"


def sheet(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("单位", "时间", "小类"), *rows])
    return path


def test_the_command_reads_any_sheet_by_its_map(tmp_path: Path) -> None:
    rows = [("城管办", f"2026-03-{day:02} 09:00", "垃圾") for day in range(1, 11)]
    file = sheet(tmp_path / "a.csv", [*rows, ("", "2026-03-12", "垃圾")])
    columns = tmp_path / "map.toml"
    columns.write_text('[columns]\nunit = "单位"\nat = "时间"\nsub = "小类"\n', encoding="utf-8")
    told = CliRunner().invoke(dispatch, ["replay", str(file), "--map", str(columns)])
    assert told.exit_code == 0, told.output
    assert "1.0000" in told.output
    assert "1 行没有承办单位或时间" in told.output


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("x = 1", "[columns]"),
        ('[columns]\nunit = "单位"', "缺少：at"),
        ('[columns]\nbed = "x"', "没有这些项目：bed"),
    ],
)
def test_a_map_that_cannot_be_used_says_why(tmp_path: Path, columns: str, said: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(columns, encoding="utf-8")
    told = CliRunner().invoke(dispatch, ["replay", str(sheet(tmp_path / "a.csv", [])), "--map", str(path)])
    assert told.exit_code != 0
    assert said in str(told.exception)


def test_a_time_that_cannot_be_read_names_its_row(tmp_path: Path) -> None:
    file = sheet(tmp_path / "a.csv", [("城管办", "昨天", "垃圾")])
    columns = tmp_path / "map.toml"
    columns.write_text('[columns]\nunit = "单位"\nat = "时间"\n', encoding="utf-8")
    told = CliRunner().invoke(dispatch, ["replay", str(file), "--map", str(columns)])
    assert "第 2 行的时间“昨天”" in str(told.exception)
