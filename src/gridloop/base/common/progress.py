"""Tell how far long work has come: a bar on a terminal, plain lines elsewhere, always on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


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
