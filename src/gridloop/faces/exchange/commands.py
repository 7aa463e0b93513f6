"""`gridloop import cases`."""

import time
from collections.abc import Iterator
from pathlib import Path

import click
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from gridloop.base.common.importing import read_rows, write_csv
from gridloop.base.common.progress import progress
from gridloop.core.org.actors import LABEL_LENGTH, Actor, ActorKind
from gridloop.core.org.permissions import Role
from gridloop.faces.exchange.actions.importing import FaultyRow, Outcome, import_cases
from gridloop.faces.exchange.imports.mapping import read_map

NUMBER, REASON = "行号", "原因"
MOST_NAMES = 20  # of each kind on the screen; all of them stand in the error file's reasons

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    help="""导入历史案件（CSV 或 XLSX）。每行按案件流程逐步办理并留下记录，与日常案件同一套规则。

    重复导入不会产生重复案件；中途停止后再次运行会接着导入。不能导入的行写入错误文件，不影响其他行。

    \b
    例：
      gridloop import cases 案件.xlsx --map 列对照.toml --dry-run
      gridloop import cases events.csv --map examples/pingshan.toml --create-missing
    """
)
@click.argument("file", type=_FILE)
@click.option(
    "--map", "map_file", type=_FILE, required=True, help="列对照文件（TOML），格式见 docs/import.md。"
)
@click.option("--dry-run", is_flag=True, help="全部试做一遍，不保存任何内容。")
@click.option("--create-missing", is_flag=True, help="建立表中出现而系统中没有的单位、类别和区划。")
@click.option(
    "--errors",
    "error_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="不能导入的行写到这里，默认为当前文件夹下的 <文件名>.errors.csv。",
)
def cases(
    file: Path, map_file: Path, *, dry_run: bool, create_missing: bool, error_file: Path | None
) -> None:
    """Take a sheet of cases in by a map file."""
    mapping = read_map(map_file)
    columns = mapping.columns()
    started = time.monotonic()
    total = sum(1 for _row in read_rows(file, required=columns))
    with progress("试做" if dry_run else "导入案件") as step:
        outcome = import_cases(
            read_rows(file, required=columns),
            mapping,
            actor=_importer(file),
            at=timezone.now(),
            creates_missing=create_missing,
            is_trial=dry_run,
            tell=lambda done: step(done, total),
        )
    _show(outcome, seconds=time.monotonic() - started, is_trial=dry_run, creates_missing=create_missing)
    if outcome.faulty:
        target = error_file or Path(f"{file.stem}.errors.csv")
        target.touch(mode=0o600)  # what could not be read may hold a reporter's name
        target.write_bytes(_as_csv(outcome.faulty))
        click.echo(
            f"{len(outcome.faulty)} 行没有导入，连同原因写入 {target}；修改后可以再次导入该文件。", err=True
        )


def _importer(file: Path) -> Actor:
    """Return the program that imports: it may do what programs may, and its name says from where."""
    label = f"历史案件导入 {file.name}"[:LABEL_LENGTH]
    return Actor(ActorKind.PROGRAM, Role.PROGRAM, label, region_is_root=True)


def _as_csv(faulty: list[FaultyRow]) -> bytes:
    columns = list(
        dict.fromkeys(name for row in faulty for name in row.cells if name not in (NUMBER, REASON))
    )
    rows = ({**row.cells, NUMBER: row.number, REASON: row.reason} for row in faulty)
    return write_csv([NUMBER, REASON, *columns], rows)


def _show(outcome: Outcome, *, seconds: float, is_trial: bool, creates_missing: bool) -> None:
    for note in outcome.notes:
        click.echo(note)
    for line in _made(outcome):
        click.echo(line)
    for line in _unknown(outcome, creates_missing=creates_missing):
        click.echo(line)
    table = Table("项目", "数量", title="试做结果（没有保存）" if is_trial else "导入结果")
    table.columns[1].justify = "right"
    for label, count in {
        "读取的行": outcome.read,
        "可以导入" if is_trial else "导入的案件": outcome.stored,
        "办理记录": outcome.entries,
        "此前已导入": outcome.known,
        "不能导入的行": len(outcome.faulty),
    }.items():
        table.add_row(label, f"{count:,}")
    table.add_row("用时", f"{seconds:.1f} 秒")
    table.add_row("每秒案件", f"{outcome.stored / seconds:,.0f}")
    Console().print(table)


def _made(outcome: Outcome) -> Iterator[str]:
    for kind in outcome.unknown:
        names = [f"{name}（{code}）" for made, name, code in outcome.made if made == kind]
        if names:
            yield f"新建{kind} {len(names)} 个：{_few(names)}"


def _unknown(outcome: Outcome, *, creates_missing: bool) -> Iterator[str]:
    for kind, counts in outcome.unknown.items():
        if counts:
            names = [f"{name}（{count} 行）" for name, count in sorted(counts.items(), key=lambda x: -x[1])]
            yield f"系统中没有这些{kind}（{len(names)} 个）：{_few(names)}"
    if any(outcome.unknown.values()) and not creates_missing:
        yield "加上 --create-missing 可自动建立，或在对照文件的 values 中改为系统中已有的名称。"


def _few(names: list[str]) -> str:
    rest = len(names) - MOST_NAMES
    return "、".join(names[:MOST_NAMES]) + (f"……另有 {rest} 个" if rest > 0 else "")
