"""How the command line speaks: headings in Chinese, a bar on a terminal and plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_HEADINGS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}


class ChineseFormatter(click.HelpFormatter):
    """Click's own headings in Chinese."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002
        super().write_usage(prog, args, prefix="用法：")

    def write_heading(self, heading: str) -> None:
        super().write_heading(_HEADINGS.get(heading, heading))


class Step(Protocol):
    """Tell how far the work has come: `done` units of `total`, where that is known."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


@contextmanager
def progress(label: str) -> Iterator[Step]:
    """Show how far long work has come: a bar on a terminal, a line for every tenth elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(label)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total=None: bar.update(task, completed=done, total=total)


def _lines(label: str) -> Step:
    said = -1

    def tell(done: int, total: int | None = None) -> None:
        nonlocal said
        tenth = done * 10 // total if total else said
        if tenth > said:
            said = tenth
            click.echo(f"{label} {done}/{total}", err=True)

    return tell
