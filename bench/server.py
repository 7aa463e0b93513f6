"""The real server as a child process, with its memory."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PROJECT = Path(__file__).parents[1]
START_S = 90


@contextmanager
def serving(data: Path, port: int, workers: int | None) -> Iterator[psutil.Process]:
    """Run `gridloop serve` on loopback until the block ends."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
        "GRIDLOOP_LOG_LEVEL": "WARNING",
    }
    arguments = ["--data", str(data), "serve", "--port", str(port)]
    arguments += ["--workers", str(workers)] if workers else []
    child = subprocess.Popen(
        [sys.executable, "-m", "gridloop.config.cli", *arguments], env=environment, cwd=PROJECT
    )
    try:
        _await(port, child)
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(60)


def web_processes(supervisor: psutil.Process) -> list[psutil.Process]:
    """Return the processes that answer requests, and the one above them."""
    return [p for p in supervisor.children(recursive=True) if "granian" in " ".join(p.cmdline())]


def web_memory_mb(supervisor: psutil.Process) -> float:
    """Return the largest resident size among the web processes that answer requests."""
    return round(max((p.memory_info().rss for p in web_processes(supervisor)), default=0) / 2**20, 1)


def web_cpu_s(supervisor: psutil.Process) -> float:
    """Return the processor time that the web processes have used so far, in seconds."""
    return float(sum(sum(p.cpu_times()[:2]) for p in web_processes(supervisor)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int, child: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and child.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit("the server did not come up")
