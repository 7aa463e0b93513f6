"""`gridloop audit`: prove the log, seal a day."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import click
from django.utils import timezone
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gridloop.core.audit.actions import seal_day, seal_missed
from gridloop.core.audit.models import Seal
from gridloop.core.audit.verify import Proof, Tell, line_count
from gridloop.core.audit.verify import verify as prove

PLAIN_EVERY = 200_000


@click.group(
    help="""核验或封存操作记录。

    \b
    例：
      gridloop audit verify
      gridloop audit seal --day 2026-11-23
    """
)
def audit() -> None:
    """Hold the two commands."""


@audit.command(
    help="""核验全部记录有没有被改动、删除、插入或调换，并指出第一处。

    退出码 0 表示完好，1 表示发现问题。

    \b
    例：
      gridloop audit verify
    """
)
def verify() -> None:
    """Read the whole log; exit 1 where it was altered."""
    with _progress(line_count()) as tell:
        proof = prove(tell)
    _print(proof)
    sys.exit(0 if proof.is_whole else 1)


@audit.command(
    help="""封存已经过完的日期。平时由后台任务每日自动完成。

    \b
    例：
      gridloop audit seal
      gridloop audit seal --day 2026-11-23
    """
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="封存到哪一日；不写则补齐到昨日的所有日期。")
def seal(day: datetime | None) -> None:
    """Seal one day, or all days that are over."""
    now = timezone.now()
    seals = [seal_day(date(day.year, day.month, day.day), now=now)] if day else seal_missed(now=now)
    for made in seals:
        click.echo(_line_of(made))
    if not seals:
        click.echo("没有需要封存的日期。")


def _print(proof: Proof) -> None:
    click.echo(
        f"共核验 {proof.lines:,} 条记录、{proof.streams:,} 个对象、{proof.seals:,} 次封存；"
        f"尚未封存 {proof.unsealed:,} 条。"
    )
    if proof.is_whole:
        click.echo("记录完好。")
        if newest := Seal.objects.newest():
            click.echo(f"{_line_of(newest)}\n请把这行摘要抄存到系统之外，以后可据此证明封存没有被整体替换。")
        return
    for broken in proof.broken:
        click.echo(f"发现问题：{broken.message}", err=True)
    click.echo("请停止写入，保留现场，并从备份中取出这些记录核对。", err=True)


def _line_of(made: Seal) -> str:
    return f"封存 {made.day}：{made.count:,} 条，摘要 {bytes(made.digest).hex()}"


@contextmanager
def _progress(total: int) -> Iterator[Tell]:
    """Give what tells how far it is: a bar on a terminal, a plain line now and then elsewhere."""
    if not sys.stderr.isatty():
        yield _plain
        return
    from rich.console import Console

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("正在核验", total=total or None)
        yield lambda done: bar.update(task, completed=done)


def _plain(done: int) -> None:
    if done and done % PLAIN_EVERY == 0:
        click.echo(f"已核验 {done:,} 条……", err=True)
