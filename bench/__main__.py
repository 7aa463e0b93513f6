"""
`python -m bench`: what must stay quick, with 10 thousand, 100 thousand and 1 million cases.

    python -m bench                          all three sizes
    python -m bench --sizes 10000 --seconds 3

The data stays in `.cache/bench`; delete that folder to begin anew. All of it happens on the loopback.
"""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import django
from rich.console import Console
from rich.table import Table

from bench import report

DATA = Path(".cache/bench").resolve()


@click.command()
@click.option(
    "--sizes", default="10000,100000,1000000", show_default=True, help="Numbers of cases, ascending."
)
@click.option("--seconds", default=8.0, show_default=True, help="How long each page or verb is asked for.")
@click.option("--clients", default=8, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def main(sizes: str, seconds: float, clients: int, workers: int) -> None:
    """Measure and print; the figures are kept in bench/results/."""
    os.environ["GRIDLOOP_DATA"] = str(DATA)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ.setdefault("GRIDLOOP_STATEMENT_TIMEOUT_S", "0")
    os.environ.setdefault("GRIDLOOP_LOG_LEVEL", "WARNING")
    from gridloop.config import postgres

    with ExitStack() as held:
        if not os.environ.get("DATABASE_URL"):
            held.enter_context(postgres.running(DATA))
        django.setup()
        from bench import scenarios, targets

        wanted = sorted(int(size) for size in sizes.split(","))
        scenarios.prepare(DATA, wanted[0])
        measured = {size: scenarios.measure(size, DATA, clients, seconds, workers) for size in wanted}
    found = {
        "clients": clients,
        "seconds": seconds,
        "web_processes": workers,
        "sizes": measured,
    }
    found["missed"] = targets.misses(measured)
    show(found)
    file = report.keep("", found)
    click.echo(f"written to {file.relative_to(Path.cwd())}")


def show(found: dict[str, Any]) -> None:
    """Print a table for each size, and how p95 grew from the smallest to the largest."""
    console = Console(width=130)
    first = next(iter(found["sizes"].values()))
    slow = {row["name"]: row["p95_ms"] for row in first["rows"]}
    for size, result in found["sizes"].items():
        title = (
            f"{size:,} cases · {result['open']:,} open · web process {result['web_mb']} MB · "
            f"limit {result['limit_per_second']} reports/s"
        )
        table = Table(title=title, title_justify="left")
        for heading in ("", "statements", "requests/s", "p50 ms", "p95 ms", "p95 ÷ smallest", "refused"):
            table.add_column(heading, justify="left" if not heading else "right")
        for row in result["rows"]:
            growth = row["p95_ms"] / slow[row["name"]] if slow.get(row["name"]) else 0
            cells = (
                row["statements"],
                row["per_second"],
                row["p50_ms"],
                row["p95_ms"],
                f"{growth:.2f}",
                row["wrong"] or "",
            )
            table.add_row(row["name"], *map(str, cells))
        console.print(table)
    console.print("\n".join(f"missed · {miss}" for miss in found["missed"]) or "All targets are met.")
    console.print(
        "Copied history has the log lines of its originals: it is read here, and not to be verified."
    )


main()
