"""`gridloop figures`: count again from the log."""

import click
from django.utils import timezone

from gridloop.base.common.progress import progress
from gridloop.capabilities.figures.actions.rebuilding import rebuild as count_again
from gridloop.core.cases.models import Case


@click.group(
    help="""核对统计数字。

    \b
    例：
      gridloop figures rebuild
    """
)
def figures() -> None:
    """Hold the one command."""


@figures.command(
    help="""从案件日志重新统计，并改正与日志不符的数字；不影响正在使用的系统。

    平时不需要运行：数字随每一步操作同步更新。从备份之外的途径写入过数据，或想要核对时使用。

    \b
    例：
      gridloop figures rebuild
    """
)
def rebuild() -> None:
    """Count every case again and say what stood wrong."""
    total = Case.objects.count()
    with progress("重新统计") as step:
        made = count_again(at=timezone.now(), step=lambda done, _total=None: step(done, total))
    if made.wrong_cases or made.wrong_counters:
        click.echo(
            f"已统计 {made.cases} 件，改正 {made.wrong_cases} 件、{made.wrong_counters} 个汇总数。", err=True
        )
    else:
        click.echo(f"已统计 {made.cases} 件，数字与日志完全一致。", err=True)
