"""`gridloop dispatch`: how well the model foresees who closes a case, and learning it all anew."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gridloop.base.common.progress import progress
from gridloop.capabilities.dispatch.actions.learning import rebuild as relearn
from gridloop.capabilities.dispatch.learning.replaying import Replay, Tally, replay
from gridloop.capabilities.dispatch.learning.sheets import read_columns, read_history, role_by_name

SHARE_BEFORE = 0.8  # of a sheet, learnt before counting begins, where nothing else is said
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(
    help="""派遣推荐：用历史数据检验推荐的准确程度。

    \b
    例：
      gridloop dispatch replay events.csv
    """
)
def dispatch() -> None:
    """Hold the commands."""


@dispatch.command(
    "replay",
    help="""按时间先后重放历史派遣：每一行先预测、再学习，最后给出第一名和前三名的命中率。

    不写 --map 时，按深圳民生诉求数据的列名读取；前八成的行只学习、不计分。同时给出上限：
    要素完全相同而承办单位不同的行，谁也不可能全部猜中。

    \b
    例：
      gridloop dispatch replay events.csv --from 6401
      gridloop dispatch replay 历史.xlsx --map 列对照.toml
    """,
)
@click.argument("file", type=_FILE)
@click.option(
    "--map", "map_file", type=_FILE, help="列对照文件（TOML，[columns] 一节），格式见 docs/dispatch.md。"
)
@click.option("--from", "first", type=click.IntRange(1), help="从第几行开始计分（按时间排序，从 1 起）。")
@click.option("--to", "last", type=click.IntRange(1), help="计分到第几行为止。")
def replay_command(file: Path, map_file: Path | None, first: int | None, last: int | None) -> None:
    """Print rank-1 and rank-3 accuracy of a sheet's history, with a breakdown by type."""
    history = read_history(file, read_columns(map_file))
    count = len(history.lessons)
    start = first or int(count * SHARE_BEFORE) + 1
    if start > count or (last is not None and last < start):
        raise click.ClickException(f"这个范围内没有可计分的行：文件共有 {count:,} 行可用。")
    result = replay(history.lessons, first=start, last=last, role=role_by_name)
    if history.left_out:
        click.echo(f"{history.left_out} 行没有承办单位或时间，未使用。")
    _show(result, f"第 {start:,}至{min(last or count, count):,} 行")


@dispatch.command(
    help="""按操作记录重新学习：补齐漏记的先例，再按原来的次序全部重学，结果与平时逐步学习的完全一致。

    平时不需要运行；从备份恢复、或导入了更早的历史案件之后运行一次即可。

    \b
    例：
      gridloop dispatch rebuild
    """
)
def rebuild() -> None:
    """Rebuild what was learnt from the log, and say whether that changed anything."""
    with progress("读取记录") as step:
        done = relearn(step)
    click.echo(f"先例 {done.precedents:,} 条：补记 {done.missing:,} 条，更正或删除 {done.surplus:,} 条。")
    click.echo("重学结果与原来完全一致。" if done.is_same else f"已重新学习，共 {done.cells:,} 组统计。")


def _show(result: Replay, rows: str) -> None:
    table = Table("类型", "行数", "第一名命中", "前三名命中", title=f"预测承办单位（{rows}）")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, tally in sorted(result.by_kind.items(), key=lambda pair: (-pair[1].asked, pair[0])):
        table.add_row(kind, *_cells(tally))
    table.add_section()
    table.add_row("合计", *_cells(result.whole))
    table.add_row("上限（事先知道各类去向）", *_cells(result.ceiling))
    Console().print(table)
    click.echo(f"其中 {result.unseen} 行的承办单位此前从未出现过。")


def _cells(tally: Tally) -> tuple[str, str, str]:
    return f"{tally.asked:,}", f"{tally.first_share:.4f}", f"{tally.among_share:.4f}"
