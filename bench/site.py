"""A site with as much history as is wanted, on the loopback, for as long as a measurement takes."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

# `{cases}` in it stands for the size of the history, so that each size keeps a folder of its own.
DATA = os.environ.get("GRIDLOOP_BENCH_DATA", ".cache/bench/{cases}")


def folder(cases: int) -> Path:
    """Return the data folder of a site with so many cases."""
    return Path(DATA.format(cases=cases)).resolve()


@contextmanager
def prepared(cases: int) -> Iterator[Path]:
    """
    Bring the tables up to date, grow the history to `cases` and yield the data folder.

    Sets Django up: what knows of models is imported inside.
    """
    data = folder(cases)
    os.environ["GRIDLOOP_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ.setdefault("GRIDLOOP_STATEMENT_TIMEOUT_S", "0")
    os.environ.setdefault("GRIDLOOP_LOG_LEVEL", "WARNING")
    import django

    from gridloop.config import postgres

    with ExitStack() as held:
        if not os.environ.get("DATABASE_URL"):
            held.enter_context(postgres.running(data))
        django.setup()
        from bench import multiply, scenarios

        scenarios.prepare(data, cases)
        multiply.grow_to(cases, lambda done, of: click.echo(f"cases {done:,}/{of:,}", err=True))
        yield data


@contextmanager
def serving(data: Path, workers: int | None) -> Iterator[int]:
    """Run `gridloop serve` and yield its port."""
    from bench import server

    port = server.free_port()
    with server.serving(data, port, workers):
        yield port
