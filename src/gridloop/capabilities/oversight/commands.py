"""`gridloop oversight`: the linter over all forms and rules, and the list of problem cases made anew."""

import sys

import click
from django.utils import timezone

from gridloop.capabilities.oversight.actions import rebuild_problems, unexcused
from gridloop.capabilities.oversight.burden import everything_asked, findings


@click.group(
    help="""检查表单和规则是否加重基层负担；核对问题工单。

    \b
    例：
      gridloop oversight lint
    """
)
def oversight() -> None:
    """Hold the commands."""


@oversight.command(
    help="""检查全部表单和规则有没有五种被禁止的情形（重复填表报数，打卡签到、积分排名、在线时长，
    强制下载安装、强制登录，点赞转发、学习时长，非必要强制上传照片、视频、轨迹）。

    退出码 0 表示没有，1 表示有，并逐条指出。已登记、未到期的例外不算。

    \b
    例：
      gridloop oversight lint
    """
)
def lint() -> None:
    """Print what is found; exit 1 where something is not excused."""
    everything = everything_asked()
    found = findings(everything)
    open_ones = unexcused(found, timezone.now())
    for one in found:
        mark = "✗" if one in open_ones else "○ 例外"
        click.echo(f"{mark} {one.key}（{one.label}）{one.field}：{one.words} — {one.pattern.label}")
    refused, excused = len(open_ones), len(found) - len(open_ones)
    click.echo(f"检查了 {len(everything)} 项表单和规则，{refused} 处不允许，{excused} 处有例外。")
    sys.exit(1 if open_ones else 0)


@oversight.command(
    "rebuild-problems",
    help="""按工单和办理记录重新核对问题工单清单。

    \b
    例：
      gridloop oversight rebuild-problems
    """,
)
def rebuild() -> None:
    """Make the list of problem cases anew."""
    changed, gone = rebuild_problems()
    click.echo(f"补正 {changed} 条，删除 {gone} 条。")
