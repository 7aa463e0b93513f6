"""
`python -m bench`: what must stay quick, with 10 thousand, 100 thousand and 1 million cases.

    python -m bench                          all three sizes
    python -m bench --sizes 10000,1000000 --seconds 3

Each size keeps its town in `.cache/bench/SIZE`; delete that folder to begin anew. GRIDLOOP_BENCH_DATA names
other folders, with `{cases}` in place of the size; without that, one town grows from size to size. All of it
happens on the loopback.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench import report, site, targets


@click.command()
@click.option(
    "--sizes", default="10000,100000,1000000", show_default=True, help="Numbers of cases, ascending."
)
@click.option("--seconds", default=8.0, show_default=True, help="How long each page or verb is asked for.")
@click.option("--clients", default=8, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--one", type=Path, hidden=True, help="Measure one size here and write what was found.")
def main(sizes: str, seconds: float, clients: int, workers: int, one: Path | None) -> None:
    """Measure and print; the figures are kept in bench/results/."""
    if one:
        one.write_text(json.dumps(_measure(int(sizes), seconds, clients, workers)))
        return
    measured = {int(size): _apart(size, sys.argv[1:]) for size in sorted(sizes.split(","), key=int)}
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


def _apart(size: str, asked: list[str]) -> dict[str, Any]:
    """Measure one size in a process of its own: a process of Django's knows one database."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        command = [sys.executable, "-m", "bench", *asked, "--sizes", size, "--one", str(file)]
        if subprocess.call(command):
            raise SystemExit(1)
        found: dict[str, Any] = json.loads(file.read_text())
        return found


def _measure(size: int, seconds: float, clients: int, workers: int) -> dict[str, Any]:
    with site.prepared(size) as data:
        from bench import scenarios

        return scenarios.measure(size, data, clients, seconds, workers)


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
