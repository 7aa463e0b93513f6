"""Running the real `gridloop` command in a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

CLI = [sys.executable, "-m", "gridloop.config.cli"]
PATIENCE_S = 60


def environment(**more: str) -> dict[str, str]:
    """What a program of the town gets: nothing of ours, so that it makes its own database and secrets."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("GRIDLOOP_") and k != "DATABASE_URL"}
    return own | more


def gridloop(data: Path, *arguments: str, answer: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLI, "--data", str(data), *arguments],
        check=False,
        env=environment(**env),
        input=answer,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S * 2,
    )


@contextmanager
def started(command: list[str], **env: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program meanwhile; it is asked to end afterwards, with a deadline."""
    process = subprocess.Popen(
        command, env=environment(**env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)


def eventually(true: Callable[[], object], *, within_s: float = PATIENCE_S) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
