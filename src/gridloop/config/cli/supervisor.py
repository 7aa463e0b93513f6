"""One parent that keeps the web and worker processes running and ends them all together."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from types import FrameType

import click

from gridloop.config.parent import end_with_parent

PORT_WAIT_S = 5  # after a kill the children of the last run take a moment to go
START_WAIT_S = 60
STOP_WAIT_S = 30
MOST_FAILURES = 3
FAILURE_WINDOW_S = 60
SOON_S = 15


@dataclass(slots=True)
class Child:
    """A process to keep running: its name for people, its command, when it was started and when it failed."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: list[float] = field(default_factory=list)
    started_at: float = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  # our own programs, no shell
            self.command,
            env={**os.environ},
            # Ctrl-C on a terminal goes to the supervisor alone, which ends the children in order.
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  # there is one thread
        )

    @property
    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


def stopping_signals() -> set[signal.Signals]:
    """Return what asks a program to end; a terminal that closes does, unless `nohup` said otherwise."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return {signal.SIGTERM, signal.SIGINT} | (set() if ignored else {signal.SIGHUP})


def supervise(
    children: Sequence[Child],
    *,
    ready: Callable[[], bool],
    announce: Callable[[], None],
    ground: Callable[[], None] = lambda: None,
) -> None:
    """
    Run the children until SIGTERM, SIGINT or SIGHUP; start one again that ends by itself.

    :param ground: called again and again, puts right what the children stand on, so that none of them is
        given up for what is not its fault.
    :raises click.ClickException: the web does not come up, or a child ends three times soon after its start.
    """
    asked_to_stop: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        asked_to_stop.append(number)

    for number in stopping_signals():
        signal.signal(number, stop)
    try:
        for child in children:
            child.start()
        _await(ready, asked_to_stop, children)
        if not asked_to_stop:
            announce()
        while not asked_to_stop:
            ground()
            _restart_ended(children)
            time.sleep(0.2)
        click.echo("正在停止……", err=True)
    finally:
        end(children)


def _await(ready: Callable[[], bool], asked_to_stop: list[int], children: Sequence[Child]) -> None:
    until = time.monotonic() + START_WAIT_S
    while not asked_to_stop and not ready():
        _restart_ended(children)
        if time.monotonic() > until:
            raise click.ClickException(f"网站在 {START_WAIT_S} 秒内没有启动，请查看上面的日志。")
        time.sleep(0.1)


def _restart_ended(children: Sequence[Child]) -> None:
    for child in children:
        if not child.has_ended:
            continue
        now = time.monotonic()
        # One that ran for a while was killed or lost what it stands on; one that cannot run ends at once.
        is_failure = now - child.started_at < SOON_S
        child.failures = [at for at in child.failures if now - at < FAILURE_WINDOW_S] + [now] * is_failure
        if len(child.failures) >= MOST_FAILURES:
            raise click.ClickException(
                f"{child.name}反复退出，已停止。请查看上面的日志，或运行 gridloop doctor。"
            )
        click.echo(f"{child.name}意外退出，正在重新启动……", err=True)
        child.start()


def end(children: Sequence[Child]) -> None:
    """End the children in order, and by force those that have not gone in time."""
    alive = [child.process for child in children if child.process and not child.has_ended]
    for process in alive:
        process.terminate()
    until = time.monotonic() + STOP_WAIT_S
    for process in alive:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_free_port(host: str, port: int) -> None:
    """
    Return when nothing listens on the port.

    :raises click.ClickException: something still does after a few seconds.
    """
    until = time.monotonic() + PORT_WAIT_S
    while not _is_free(host, port):
        if time.monotonic() > until:
            raise click.ClickException(f"端口 {port} 已被占用。请停止占用它的程序，或用 --port 换一个端口。")
        time.sleep(0.2)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise click.ClickException(
                f"没有权限使用端口 {port}。请用 --port 换一个 1024 以上的端口。"
            ) from error
        except OSError:
            return False
        return True
