"""Cases of the past go round the loop by its own rules; faults are told row by row, and nothing is done twice."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from gridloop.base.common.errors import NotAllowed
from gridloop.base.common.importing import read_rows, write_xlsx
from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import verify
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case, Clock, WorkOrder
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.models import Category
from gridloop.core.org.models import CalendarDay, Region, Unit
from gridloop.faces.exchange.actions import importing
from gridloop.faces.exchange.actions.importing import Outcome, import_cases
from gridloop.faces.exchange.commands import _importer, cases
from gridloop.faces.exchange.imports.mapping import CaseMap, read_map
from tests.conftest import shared_data
from tests.core.cases.factories import World

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).parents[3] / "examples"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MAP = """
[file]
unknown = ["-"]
[case]
source_ref  = { column = "编号" }
reported_at = { column = "时间" }
channel     = { column = "来源", values = { "热线" = "hotline", "信箱" = "letter" } }
description = { column = "内容" }
demand      = { column = "诉求", values = { "投诉" = "complaint" }, default = "other" }
reporter_phone = { column = "电话" }
lon = { column = "经度" }
lat = { column = "纬度" }
[category]
main = { column = "大类" }
sub  = { column = "小类" }
[[region.levels]]
level = "town"
name  = { text = "云溪镇" }
code  = "320499101000"
[[region.levels]]
level = "village"
name  = { column = "村" }
[unit]
name = { column = "单位" }
[outcome]
state     = { column = "状态", default = "closed" }
is_late   = { column = "超期" }
result    = { column = "结果" }
closed_at = { column = "结案" }
"""
ROW = {
    "编号": "1", "时间": "2026-01-05 09:30:00", "来源": "热线", "内容": "路口垃圾没人清", "诉求": "投诉", "电话": "",
    "经度": "", "纬度": "", "大类": "市容环境", "小类": "暴露垃圾", "村": "柳桥村", "单位": "综合执法局", "状态": "",
    "超期": "", "结果": "已清运", "结案": "",
}  # fmt: skip


@pytest.fixture
def mapping(tmp_path: Path) -> CaseMap:
    return read_map(map_file(tmp_path))


def map_file(folder: Path) -> Path:
    path = folder / "map.toml"
    path.write_text(MAP, "utf-8")
    return path


def rows(*changes: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    return [(n, {**ROW, "编号": str(n), **change}) for n, change in enumerate(changes or ({},), start=2)]


def take(mapping: CaseMap, given: Iterable[Any], **options: Any) -> Outcome:
    return import_cases(given, mapping, actor=_importer(Path("旧系统.csv")), at=NOW, **options)


def the_case() -> Case:
    return Case.objects.get()


# what becomes of a row -------------------------------------------------------------------------------------


def test_a_row_goes_the_whole_way_round_and_every_step_is_logged(world: World, mapping: CaseMap) -> None:
    assert take(mapping, rows()).stored == 1
    case = the_case()
    log = list(Entry.objects.filter(stream=case.pk).order_by("seq"))
    assert [entry.verb for entry in log] == [
        "report", "register", "dispatch", "sign_for", "submit_result", "verify_pass", "close",
    ]  # fmt: skip
    assert (case.state, case.outcome, case.version) == (State.CLOSED, "已清运", 7)
    assert bytes(case.log_head) == bytes(log[-1].hash)
    assert (case.category, case.region) == (world.catalogue.litter, world.town.village)
    assert [order.unit for order in WorkOrder.objects.select_related("unit")] == [world.town.office]
    assert case.reported_at == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
    assert {entry.actor_kind for entry in log} == {"program"}
    assert log[4].actor_label == "历史案件导入 旧系统.csv · 综合执法局"


def test_the_log_of_imported_cases_proves_itself(world: World, mapping: CaseMap) -> None:
    take(mapping, rows({}, {"状态": "handling"}, {"状态": "rejected"}))
    assert verify().is_whole


@pytest.mark.parametrize(
    "state", [State.REPORTED, State.REGISTERED, State.DISPATCHED, State.HANDLING, State.HANDLED, State.CLOSED]
)
def test_a_case_that_was_under_way_can_go_on_from_there(world: World, mapping: CaseMap, state: State) -> None:
    take(mapping, rows({"状态": state.value}))
    case = the_case()
    assert case.state == state
    if state == State.DISPATCHED:
        assert actions.sign_for(case.pk, actor=world.handler, at=NOW).state == State.HANDLING


def test_a_rejected_case_ends_with_its_reason(world: World, mapping: CaseMap) -> None:
    take(mapping, rows({"状态": "rejected", "单位": "", "结果": "不在辖区"}))
    case = the_case()
    assert (case.state, case.reject_reason, case.outcome) == (State.REJECTED, "other", "不在辖区")


def test_a_case_in_time_ends_within_its_deadline_and_a_late_one_after_it(
    world: World, mapping: CaseMap
) -> None:
    take(mapping, rows({"超期": "no"}, {"超期": "yes"}))
    in_time, late = Clock.objects.filter(stage="handle").order_by("case__source_ref")
    assert in_time.stopped_at < in_time.due_at
    assert late.stopped_at > late.due_at
    guessed = Entry.objects.filter(verb="sign_for").values_list("note", flat=True)
    assert set(guessed) == {"时间为导入时推定"}


def test_a_time_that_the_sheet_knows_bounds_the_steps_before_it(world: World, mapping: CaseMap) -> None:
    take(mapping, rows({"结案": "2026-01-05 10:00:00"}))
    case = the_case()
    assert case.closed_at == datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    times = list(Entry.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] == case.closed_at


def test_a_point_is_laid_into_its_grid(mapping: CaseMap, db: None) -> None:
    from tests.core.cases.factories import make_world

    town = make_world(boundaries=True).town
    take(mapping, rows({"村": "-", "经度": "120.005", "纬度": "31.005"}))
    assert (the_case().region, the_case().place_match) == (town.grid, "inside")


def test_a_telephone_number_is_kept_encrypted_and_nowhere_else(world: World, mapping: CaseMap) -> None:
    take(mapping, rows({"电话": "13800000000"}))
    case = the_case()
    assert case.reporter.phone == "13800000000"
    assert "13800000000" not in str(list(Entry.objects.values())) + str(Case.objects.values())


def test_closed_cases_of_nobody_known_wait_for_no_call(world: World, mapping: CaseMap) -> None:
    take(mapping, rows())
    assert not the_case().needs_call_back


# what is told of a row that is at fault -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"编号": ""}, "缺少 source_ref（编号）"),
        ({"编号": "x" * 81}, "source_ref 超过 80 个字"),
        ({"时间": ""}, "缺少 reported_at（时间）"),
        ({"时间": "2018/2/30"}, "“2018/2/30”不是对照文件中写明的时间格式"),
        ({"时间": "2030-01-01"}, "上报时间在将来"),
        ({"来源": "鸽子"}, "“来源”列的“鸽子”在对照文件的 case.channel.values 中没有对应值"),
        ({"来源": "-"}, "缺少 channel（来源）"),
        ({"内容": ""}, "缺少 description（内容）"),
        ({"内容": "长" * 5001}, "description 超过 5000 个字"),
        ({"小类": "没有的"}, "没有事项类别“市容环境/没有的”"),
        ({"村": "没有的"}, "没有区划“云溪镇/没有的”"),
        ({"单位": "没有的"}, "没有单位“没有的”"),
        ({"单位": ""}, "没有承办单位"),
        ({"状态": "flying"}, "outcome.state 不认识“flying”"),
        ({"状态": "merged"}, "outcome.state 不能是“merged”"),
        ({"超期": "maybe"}, "outcome.is_late 应为 yes 或 no"),
        ({"结案": "2025-12-31"}, "早于 reported_at"),
        ({"结案": "2030-01-01"}, "closed_at 在将来"),
        ({"经度": "东经"}, "lon"),
        ({"经度": "999", "纬度": "31"}, "lon 超出范围：999"),
        ({"经度": "nan", "纬度": "31"}, "lon 超出范围：nan"),
        ({"经度": "120"}, "经度和纬度要同时填写"),
    ],
)
def test_a_faulty_row_is_told_with_its_reason_and_stops_no_other(
    world: World, mapping: CaseMap, change: dict[str, str], told: str
) -> None:
    outcome = take(mapping, rows({}, change, {}))
    assert (outcome.read, outcome.stored) == (3, 2)
    [fault] = outcome.faulty
    assert (fault.number, fault.cells["编号"]) == (3, change.get("编号", "3"))
    assert told in fault.reason


def test_all_faults_of_a_row_are_told_at_once(world: World, mapping: CaseMap) -> None:
    outcome = take(mapping, rows({"来源": "鸽子", "时间": "昨天", "内容": ""}))
    assert outcome.faulty[0].reason.count("；") == 2


def test_a_source_number_that_stands_twice_is_told_with_the_first_row(world: World, mapping: CaseMap) -> None:
    outcome = take(mapping, rows({"编号": "7"}, {"编号": "7"}))
    assert (outcome.stored, outcome.faulty[0].reason) == (1, "来源编号 7 与第 2 行重复")


def test_unknown_names_are_counted_once_each(world: World, mapping: CaseMap) -> None:
    outcome = take(mapping, rows({"单位": "新局"}, {"单位": "新局"}, {"小类": "新类"}, {"村": "新村"}))
    counted = {str(kind): dict(names) for kind, names in outcome.unknown.items()}
    assert counted == {
        "事项类别": {"市容环境/新类": 1},
        "区划": {"云溪镇/新村": 1},
        "单位": {"新局": 2},
    }


def test_what_is_missing_is_made_where_that_is_asked_for(world: World, mapping: CaseMap) -> None:
    given = rows({"单位": "新局"}, {"单位": "新局"}, {"大类": "新大类", "小类": "新类"}, {"村": "新村"})
    outcome = take(mapping, given, creates_missing=True)
    assert outcome.stored == 4
    assert Unit.objects.get(name="新局").code.startswith("U")
    assert Category.objects.get(name="新类").parent.name == "新大类"
    made = Region.objects.get(name="新村")
    assert (made.code, made.path[: -Region.steplen]) == ("320499101203", world.town.town.path)


def test_a_person_without_the_permission_imports_nothing(world: World, mapping: CaseMap) -> None:
    with pytest.raises(NotAllowed):
        import_cases(rows(), mapping, actor=world.handler, at=NOW)


# again, in parts, and in trial --------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(world: World, mapping: CaseMap) -> None:
    take(mapping, rows({}, {}))
    before = list(Case.objects.order_by("pk").values()), Entry.objects.count()
    again = take(mapping, rows({}, {}), creates_missing=True)
    assert (again.stored, again.known, again.made, again.faulty) == (0, 2, [], [])
    assert (list(Case.objects.order_by("pk").values()), Entry.objects.count()) == before


def test_a_case_that_came_by_another_way_under_the_same_number_is_left_alone(
    world: World, mapping: CaseMap
) -> None:
    from tests.core.cases.factories import intake

    actions.report(intake(world, channel="hotline", source_ref="2"), actor=world.operator, at=NOW)
    outcome = take(mapping, rows({}, {}))
    assert (outcome.stored, outcome.known) == (1, 1)


def test_a_stop_in_the_middle_loses_nothing_and_the_next_run_goes_on(
    world: World, mapping: CaseMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)

    def until_killed() -> Iterable[Any]:
        yield from rows({}, {}, {})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(mapping, until_killed())
    assert Case.objects.count() == 2
    again = take(mapping, rows({}, {}, {}, {}, {}))
    assert (again.known, again.stored, Case.objects.count()) == (2, 3, 5)


def test_a_trial_tells_the_same_and_keeps_nothing(world: World, mapping: CaseMap) -> None:
    given = rows({}, {"单位": "新局"}, {"来源": "鸽子"})
    trial = take(mapping, given, creates_missing=True, is_trial=True)
    assert (Case.objects.count(), Unit.objects.filter(name="新局").exists()) == (0, False)
    real = take(mapping, given, creates_missing=True)
    assert (trial.stored, trial.faulty, trial.made) == (real.stored, real.faulty, real.made)


def test_a_year_that_the_calendar_lacks_is_filled_and_told(world: World, mapping: CaseMap) -> None:
    outcome = take(mapping, rows({"时间": "2018-11-10 10:00:00"}, {"时间": "2018-12-31 17:00:00"}))
    assert outcome.stored == 2
    assert outcome.notes[0] == "工作日历缺少 2018 年，已按国务院放假安排补齐。"
    assert CalendarDay.objects.of_year(2018).count() == 365


def test_a_year_that_nobody_has_announced_is_told_and_its_rows_kept_back(
    world: World, mapping: CaseMap
) -> None:
    late = datetime(2031, 1, 1, tzinfo=UTC)
    outcome = import_cases(
        rows({"时间": "2030-05-01 10:00:00"}, {}), mapping, actor=_importer(Path("x.csv")), at=late
    )
    assert (outcome.stored, len(outcome.faulty)) == (1, 1)
    assert "2030 年的放假调休安排尚未公布" in outcome.notes[0]


def test_statements_do_not_grow_with_the_rows(
    world: World, mapping: CaseMap, django_assert_max_num_queries: Any
) -> None:
    take(mapping, rows())
    with django_assert_max_num_queries(30):
        assert take(mapping, [(n, {**ROW, "编号": f"q{n}"}) for n in range(2, 202)]).stored == 200


# files, by the command ----------------------------------------------------------------------------------------


def sheet(given: list[tuple[int, dict[str, str]]], encoding: str = "utf-8-sig") -> bytes:
    lines = [",".join(ROW), *(",".join(row.values()) for _n, row in given)]
    return "\r\n".join(lines).encode(encoding)


def run(folder: Path, content: bytes, *options: str, name: str = "案件.csv") -> Any:
    file = folder / name
    file.write_bytes(content)
    errors = ["--errors", str(folder / "错误.csv")]
    return CliRunner().invoke(cases, [str(file), "--map", str(map_file(folder)), *errors, *options])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_sheets_come_in_every_usual_encoding(world: World, tmp_path: Path, encoding: str) -> None:
    result = run(tmp_path, sheet(rows({}, {}), encoding))
    assert result.exit_code == 0, result.output
    assert set(Case.objects.values_list("description", flat=True)) == {"路口垃圾没人清"}


def test_blank_lines_are_passed_over_and_rows_keep_their_numbers(world: World, tmp_path: Path) -> None:
    content = sheet(rows({})) + b"\r\n\r\n,,,\r\n" + b"2,bad\r\n"
    run(tmp_path, content)
    [(_n, fault)] = read_rows(tmp_path / "错误.csv")
    assert fault["行号"] == "5"


def test_workbooks_come_in_as_well(world: World, tmp_path: Path) -> None:
    given = [row | {"时间": datetime(2026, 1, 5, 9, 30)} for _n, row in rows({}, {})]  # noqa: DTZ001
    result = run(tmp_path, write_xlsx(list(ROW), given), name="案件.xlsx")
    assert result.exit_code == 0, result.output
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "表格是空的"),
        (b"PK\x03\x04 broken", "无法读取这个表格文件"),
        ("编号,时间\n1,2".encode(), "表格缺少这些列：内容、单位"),
        ("编号,编号,时间".encode(), "缺少"),
        (b"\xff\x00\xfe\x81", "无法识别文件的文字编码"),
    ],
)
def test_a_file_that_is_no_such_sheet_is_told_plainly(
    world: World, tmp_path: Path, content: bytes, told: str
) -> None:
    result = run(tmp_path, content)
    assert told in getattr(result.exception, "message", result.output)
    assert not Case.objects.exists()


def test_rows_at_fault_go_to_a_file_that_can_be_mended_and_imported(world: World, tmp_path: Path) -> None:
    result = run(tmp_path, sheet(rows({}, {"来源": "鸽子"}, {"单位": "=HYPERLINK(1)"})))
    assert "2 行没有导入" in result.output
    faults = dict(read_rows(tmp_path / "错误.csv"))
    assert [(f["行号"], f["编号"]) for f in faults.values()] == [("3", "3"), ("4", "4")]
    assert "鸽子" in faults[2]["原因"]
    mended = (tmp_path / "错误.csv").read_text("utf-8-sig").replace("鸽子", "热线")
    result = run(tmp_path, mended.encode())
    assert Case.objects.count() == 2


def test_the_summary_counts_and_a_dry_run_says_that_it_kept_nothing(world: World, tmp_path: Path) -> None:
    trial = run(tmp_path, sheet(rows({}, {"单位": "新局"})), "--dry-run")
    assert "试做结果（没有保存）" in trial.output
    assert "系统中没有这些单位（1 个）：新局（1 行）" in trial.output
    assert "--create-missing" in trial.output
    real = run(tmp_path, sheet(rows({}, {"单位": "新局"})), "--create-missing")
    assert "新建单位 1 个：新局" in real.output
    assert Case.objects.count() == 2


# real data ----------------------------------------------------------------------------------------------------


def test_real_requests_of_a_district_go_through_the_loop(db: None) -> None:
    path = shared_data("pingshan/events.csv")
    given = [row for row, _n in zip(read_rows(path), range(600), strict=False)]
    mapping = read_map(EXAMPLES / "pingshan.toml")
    outcome = import_cases(given, mapping, actor=_importer(path), at=timezone.now(), creates_missing=True)
    assert (outcome.stored, outcome.entries, outcome.faulty) == (600, 4200, [])
    assert set(Case.objects.values_list("state", flat=True)) == {"closed"}
    late = sum(row["INTIME_ARCHIVE_NUM"] == "0" for _n, row in given)
    clocks = Clock.objects.filter(stage="handle")
    assert sum(clock.stopped_at > clock.due_at for clock in clocks) == late
    assert Case.objects.filter(reported_at__lt=timezone.now() - timedelta(days=365)).count() == 600
    assert verify().is_whole
    again = import_cases(given, mapping, actor=_importer(path), at=timezone.now(), creates_missing=True)
    assert (again.known, again.stored, again.made) == (600, 0, [])


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_last_thousand_is_kept_while_the_next_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.core.cases.factories import make_world

    make_world()
    mapping = read_map(map_file(tmp_path))
    monkeypatch.setattr(importing, "CHUNK", 2)

    def until_killed() -> Iterable[Any]:
        yield from rows({}, {}, {})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(mapping, until_killed())
    assert Case.objects.count() == 2
    given = rows(*({} for _n in range(7)), {"来源": "鸽子"}, {"单位": "没有的"})
    outcome = take(mapping, given)
    assert (outcome.known, outcome.stored, Case.objects.count()) == (2, 5, 7)
    assert [row.number for row in outcome.faulty] == [9, 10]
    assert verify().is_whole
