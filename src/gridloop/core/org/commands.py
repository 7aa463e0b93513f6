"""`gridloop import regions`, `gridloop import calendar`, `gridloop export regions`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from django.utils import timezone

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.base.common.errors import InvalidInput
from gridloop.core.org import actions
from gridloop.core.org.boundaryreport import Report
from gridloop.core.org.models import Region, SourceSystem
from gridloop.core.org.regionexport import as_csv, as_geojson
from gridloop.core.org.regionfile import Issue, read

MOST_LINES = 50
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    help="""导入区划与网格（GeoJSON、CSV 或 XLSX）。

    重复导入同一文件不会改变什么；错误的行逐行列出，不影响其余。

    没有代码的区划按上级内的名称辨认，并得到临时代码（镇街、村社区从 601 起，城市、区县从 61 起），
    以后导入正式代码时会替换。

    \b
    例：
      gridloop import regions 社区.geojson --dry-run --check
      gridloop import regions 社区.geojson --map district=县市区 --map town=街道名称 --map community=社区名称
      gridloop import regions 网格.csv --source gcj02 --under 320499101000
    """
)
@click.argument("file", metavar="文件", type=_FILE)
@click.option("--map", "pairs", multiple=True, metavar="字段=列", help="列对照，可多次；=值 表示固定值。")
@click.option(
    "--source", type=click.Choice(SourceSystem.values), default="wgs84", help="文件的坐标系，默认 wgs84。"
)
@click.option("--under", metavar="代码", help="文件中最上一级挂在哪个区划之下。")
@click.option("--strict", is_flag=True, help="只要有一行错误就什么也不写入。")
@click.option("--dry-run", is_flag=True, help="只试运行，不写入。")
@click.option("--check", is_flag=True, help="同时检查边界：重叠、空隙、细缝、超出上级等。")
def regions(
    file: Path,
    pairs: tuple[str, ...],
    source: str,
    under: str | None,
    *,
    strict: bool,
    dry_run: bool,
    check: bool,
) -> None:
    """Import a file of regions; exit 1 where a row was bad."""
    found = read(file.read_bytes(), mapping=_mapping(pairs), source=CoordinateSystem(source))
    result = actions.import_regions(
        found,
        at=timezone.now(),
        under=_region(under),
        source=source,
        strict=strict,
        dry_run=dry_run,
        check=check,
    )
    _print_issues("错误", result.errors)
    _print_issues("提示", result.notices)
    click.echo(
        f"{'' if result.is_written else '（未写入）'}新增 {result.added}，更新 {result.changed}，"
        f"不变 {result.unchanged}，新边界 {result.boundaries}，错误 {len(result.errors)} 行。"
    )
    if result.report:
        _print_report(result.report)
    sys.exit(1 if result.errors else 0)


@click.command(
    help="""导入工作日历。文件为某一年的放假安排（JSON，含 year 与 days）；手工设置的日期保持不变。

    \b
    例：
      gridloop import calendar 2027.json
    """
)
@click.argument("file", metavar="文件", type=_FILE)
def calendar(file: Path) -> None:
    """Import one year of the work calendar."""
    try:
        schedule = json.loads(file.read_bytes())
    except ValueError as error:
        raise InvalidInput(f"{file} 不是 JSON 文件：{error}") from error
    filled = actions.import_calendar(schedule)
    click.echo(
        f"{filled.year} 年：写入 {filled.written} 天，不变 {filled.unchanged} 天，"
        f"手工设置保持不变 {filled.kept_by_hand} 天。"
    )


@click.command(
    help="""导出区划与网格，坐标为 WGS-84；按文件名决定 GeoJSON 或 CSV，可原样再导入。

    \b
    例：
      gridloop export regions 区划.geojson
      gridloop export regions 柳桥村.csv --under 320499101201
    """
)
@click.argument("file", metavar="文件", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--under", metavar="代码", help="只导出这个区划及其下级。")
def export_regions(file: Path, under: str | None) -> None:
    """Write the regions in use to a file."""
    writers = {".geojson": as_geojson, ".json": as_geojson, ".csv": as_csv}
    write = writers.get(file.suffix.lower())
    if write is None:
        raise InvalidInput(f"文件名应以 {'、'.join(writers)} 结尾。")
    file.write_bytes(write(_region(under)))
    click.echo(f"已导出到 {file}。")


def _mapping(pairs: Sequence[str]) -> dict[str, str] | None:
    if bad := [pair for pair in pairs if "=" not in pair]:
        raise InvalidInput(f"列对照应写成 字段=列，例如 name=名称：{'、'.join(bad)}")
    return dict(pair.split("=", 1) for pair in pairs) or None


def _region(code: str | None) -> Region | None:
    if not code:
        return None
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise InvalidInput(f"没有代码为 {code} 的区划。")
    return found


def _print_issues(label: str, issues: Sequence[Issue]) -> None:
    for issue in issues[:MOST_LINES]:
        click.echo(f"{label}：第 {issue.row} 行 {issue.field} {issue.message}", err=True)
    if len(issues) > MOST_LINES:
        click.echo(f"……另有 {len(issues) - MOST_LINES} 行{label}。", err=True)


def _print_report(report: Report) -> None:
    counts = "，".join(f"{label} {count}" for label, count in report.counts)
    click.echo(f"边界 {report.drawn} 个，相邻 {report.touching} 对：{counts}。")
    for finding in report.findings:
        area = f"（{finding.area_m2:,.0f} 平方米）" if finding.area_m2 else ""
        click.echo(f"  {finding.label}：{finding.message}{area}")
