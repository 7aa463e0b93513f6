"""`gridloop demo`: the town with its year of cases, and the site that shows it."""

from importlib import import_module
from typing import Any

import click

from gridloop.config.cli.database import bring_up_to_date
from gridloop.config.cli.serving import run_site, where
from gridloop.config.cli.supervisor import await_free_port

# By its name, as every part is: the command line depends on none of them.
_fill: click.Command = import_module("gridloop.demo.commands").demo


@click.command(
    help="""生成虚构的演示镇（同一种子，同一个镇），然后启动；列出可以登录的人。

    \b
    例：
      gridloop demo
      gridloop demo --port 9000 --data /tmp/演示
      gridloop demo --seed 7 --cases 2000 --data /tmp/小镇
    """
)
@where
@click.pass_context
def demo(context: click.Context, /, port: int, host: str, workers: int | None, **chosen: Any) -> None:
    """Fill the database with the town, then serve it."""
    await_free_port(host, port)
    bring_up_to_date()
    context.invoke(_fill, **chosen)
    run_site(port, host, workers)


demo.params += _fill.params
