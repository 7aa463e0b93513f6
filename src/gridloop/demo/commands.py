"""The part of `gridloop demo` that fills the database."""

import click
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from gridloop.base.common.progress import progress
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import ROLES, Role
from gridloop.demo.actions import CASES, SEED, make_demo
from gridloop.demo.people import LOGINS, PASSWORD


@click.command(help="生成虚构的演示镇。")
@click.option("--seed", default=SEED, show_default=True, help="种子；同一种子，同一个镇。")
@click.option(
    "--cases", type=click.IntRange(100, 200_000), default=CASES, show_default=True, help="近一年的案件数。"
)
def demo(seed: int, cases: int) -> None:
    """Make the town unless it is there, and say who can log in."""
    with progress("正在生成演示镇的案件") as step:
        made = make_demo(seed, cases, now=timezone.now(), step=step)
    if made.cases:
        click.echo(f"演示镇已生成：种子 {seed}，{made.cases} 件案件。", err=True)
    else:
        click.echo("演示镇已经在了，直接使用；要重新生成，请换一个数据文件夹（--data）。", err=True)
    Console(stderr=True).print(_people())


def _people() -> Table:
    table = Table(title=f"可以登录的人（密码都是 {PASSWORD}）", title_justify="left")
    for heading in ("用户名", "姓名", "岗位", "单位", "责任区划"):
        table.add_column(heading)
    posts = Post.objects.with_names().filter(user__username__in=LOGINS).order_by("pk")
    for post in posts:
        role = str(ROLES[Role(post.role)].label)
        table.add_row(post.user.username, post.user.full_name, role, post.unit.name, post.region.name)
    return table
