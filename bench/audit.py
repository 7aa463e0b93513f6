"""
How long the proof of a log of a million lines takes: writes them by COPY, seals them, proves them.

    .venv/bin/python bench/audit.py [LINES]

Needs a database of its own: DATABASE_URL names an empty one, or GRIDLOOP_DATA an empty folder.
"""

import json
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

LINES = 1_000_000
LINES_A_STREAM = 9  # a case that goes round the loop once
DAYS = 30
BATCH = 50_000
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def main(count: int) -> dict[str, Any]:
    with ExitStack() as held:
        _set_up(held)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        written = _timed(_write, count)
        sealed = _timed(_seal)
        proof, proved_s = _prove()
    if not proof.is_whole or proof.lines != count:
        raise SystemExit(f"the log that was just written does not hold: {proof}")
    return {
        "machine": platform.processor() or platform.machine(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "lines": proof.lines,
        "streams": proof.streams,
        "write_s": round(written, 1),
        "seal_s": round(sealed, 1),
        "verify_s": round(proved_s, 1),
        "lines_per_s": round(count / proved_s),
        "target_s": 60 * count / LINES,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _set_up(held: ExitStack) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridloop.config.settings")
    os.environ.setdefault("GRIDLOOP_STATEMENT_TIMEOUT_S", "0")
    if "GRIDLOOP_DATA" not in os.environ:
        os.environ["GRIDLOOP_DATA"] = held.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
    import django

    django.setup()
    if not os.environ.get("DATABASE_URL"):
        from gridloop.config import postgres

        held.enter_context(postgres.running(Path(os.environ["GRIDLOOP_DATA"])))


def _write(count: int) -> None:
    from gridloop.core.audit.models import Entry
    from gridloop.core.cases.bulk import copy_in

    rows = _entries(count)
    while batch := list(islice(rows, BATCH)):
        copy_in(Entry, batch)


def _entries(count: int) -> Iterator[Any]:
    from gridloop.base.common.ids import id_at
    from gridloop.core.audit.actions import build

    head, stream = (0, b""), id_at(START, seed="0")
    for n in range(count):
        if n % LINES_A_STREAM == 0:
            head, stream = (0, b""), id_at(START + timedelta(minutes=n), seed=str(n))
        entry = build(
            stream,
            head=head,
            verb="dispatch",
            at=START + timedelta(seconds=n),
            actor_kind="person",
            actor_label="张三 · 指挥中心坐席",
            user_id=n % 300,
            post_id=n % 300,
            unit_id=n % 40,
            source="registered",
            target="dispatched",
            note="请按时处置并反馈现场照片",
            data={
                "lead": n % 40,
                "assistants": [1, 2],
                "changed": {"registered_at": [None, "2026-03-02T01:00:00+00:00"]},
            },
        )
        head = (entry.seq, bytes(entry.hash))
        yield entry


def _seal() -> None:
    from gridloop.core.audit.actions import seal_day

    for day in range(DAYS):
        seal_day(START.date() + timedelta(days=day), now=START + timedelta(days=DAYS + 1))


def _prove() -> tuple[Any, float]:
    from gridloop.core.audit.verify import verify

    began = time.perf_counter()
    proof = verify(lambda lines: print(f"  {lines:,}", file=sys.stderr) if lines % 250_000 == 0 else None)
    return proof, time.perf_counter() - began


def _timed(work: Any, *args: Any) -> float:
    began = time.perf_counter()
    work(*args)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES), ensure_ascii=False, indent=1))
