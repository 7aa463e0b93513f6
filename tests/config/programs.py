"""Running the real `gridloop` command in a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil

Value = TypeVar("Value")
CLI = [sys.executable, "-m", "gridloop.config.cli"]
# A busy machine is no failure: this long something is waited for that comes at once on a quiet one.
PATIENCE_S = 600


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
def started(command: list[str], *, says: Path | None = None, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """
    Run a program meanwhile; it is asked to end afterwards, with a deadline.

    :param says: where what it writes is kept. It goes to a file in any case: a pipe that nobody empties
        holds up whoever writes much, such as a server whose database was killed.
    """
    with says.open("w+b") if says else tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            env=environment(**env),
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_as_on_a_terminal,  # noqa: PLW1509  # it takes no lock
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace")[-10_000:])


def _as_on_a_terminal() -> None:
    """Under `nohup`, as suites are run, a program would take it that a hangup means nothing to it either."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def eventually(true: Callable[[], Value], *, within_s: float = PATIENCE_S) -> Value:
    """Wait until something is true, and return it."""
    until = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
