"""`gridloop serve` and `worker`."""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TypeVar

import click
from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from procrastinate import App, RetryStrategy
from procrastinate.exceptions import ConnectorException

from gridloop.config.cli import data_folder
from gridloop.config.cli.database import bring_up_to_date
from gridloop.config.cli.supervisor import Child, await_free_port, supervise

_AWAY = (OperationalError, InterfaceError, ConnectorException)
Command = TypeVar("Command", bound=Callable[..., None])

DEFAULT_PORT = 8000
# A browser asks again after an hour; between two versions of a file there is no more than that.
STATIC_EXPIRES_S = 3600
GRACE_S = 20
REVIVE_S = 5
MOST_AT_ONCE = 1100  # requests of one web process, open streams among them


def where(command: Command) -> Command:
    """Add the options that say where the site is reached."""
    for option in (
        click.option("--workers", type=click.IntRange(1, 32), help="网站进程数，默认同处理器核数，最多 4。"),
        click.option("--host", default="127.0.0.1", show_default=True, help="监听地址；0.0.0.0 为所有网卡。"),
        click.option(
            "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="端口。"
        ),
    ):
        command = option(command)
    return command


@click.command(
    help="""启动网站和后台任务，数据库自动建立或升级；Ctrl-C 停止。

    \b
    例：
      gridloop serve
      gridloop serve --host 0.0.0.0 --port 80 --data /srv/gridloop
    """
)
@where
def serve(port: int, host: str, workers: int | None) -> None:
    """Run web and jobs under one supervisor."""
    run_site(port, host, workers)


@click.command(
    help="""只运行后台任务。serve 已包含一个，任务多时可在其他机器上再运行。

    \b
    例：
      gridloop worker --concurrency 4
    """
)
@click.option(
    "--concurrency", type=click.IntRange(1, 32), default=2, show_default=True, help="同时执行的任务数。"
)
def worker(concurrency: int) -> None:
    """Run jobs until SIGTERM or SIGINT; a job that has begun is let finish."""
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as jobs:  # type: ignore[attr-defined]
        _try_again_when_database_was_away(jobs)
        jobs.run_worker(concurrency=concurrency, shutdown_graceful_timeout=GRACE_S)


def _try_again_when_database_was_away(jobs: App) -> None:
    """Let no job count as failed for what is not its fault, where it does not say itself what to do."""
    again = RetryStrategy(max_attempts=10, exponential_wait=2, retry_exceptions=_AWAY)
    for task in jobs.tasks.values():
        task.retry_strategy = task.retry_strategy or again


def run_site(port: int, host: str, workers: int | None) -> None:
    """
    Bring the tables up to date and run the site until it is asked to stop.

    :raises click.ClickException: the port is taken, or a process does not stay up.
    """
    await_free_port(host, port)
    bring_up_to_date()
    click.echo("正在整理静态文件……", err=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    os.environ["GRIDLOOP_DATA"] = str(data_folder())
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    supervise(
        [_web(port, host, workers or _default_workers()), _jobs()],
        ready=lambda: _answers(f"{url}healthz"),
        announce=lambda: click.echo(
            f"\n一网共治已启动：{url}\n数据文件夹：{data_folder()}\n按 Ctrl-C 停止。\n"
        ),
        ground=_keep_database(),
    )


def _keep_database() -> Callable[[], None]:
    """Return what starts the embedded database again when it has died; another one looks after itself."""
    if os.environ.get("DATABASE_URL"):
        return lambda: None
    from gridloop.config.postgres import EmbeddedPostgresError, Server

    server = Server(data_folder())

    def keep() -> None:
        try:
            if server.revive():
                click.echo("数据库意外退出，已重新启动，已提交的数据都在。", err=True)
        except EmbeddedPostgresError as error:
            click.echo(f"{error}\n{REVIVE_S} 秒后再试。", err=True)
            time.sleep(REVIVE_S)

    return keep


def _default_workers() -> int:
    # One Python process keeps one core busy; where they wait for the database, another has the core.
    return max(1, min(4, os.cpu_count() or 1))


def _web(port: int, host: str, workers: int) -> Child:
    options = {
        "interface": "asgi",
        "host": host,
        "port": port,
        "workers": workers,
        # Pages wait for a thread inside, see `config.asgi`; a stream takes no thread, but is a request too.
        "backpressure": MOST_AT_ONCE,
        "static-path-route": settings.STATIC_URL.rstrip("/"),
        "static-path-mount": settings.STATIC_ROOT,
        "static-path-expires": STATIC_EXPIRES_S,
        "workers-kill-timeout": GRACE_S,
        "log-level": "error",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    target = "gridloop.config.asgi:application"
    return Child(
        "网站", [sys.executable, "-m", "granian", *arguments, "--no-ws", "--respawn-failed-workers", target]
    )


def _jobs() -> Child:
    return Child("后台任务", [sys.executable, "-m", "gridloop.config.cli", "worker"])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address
            return True
    except urllib.error.HTTPError:
        return True  # a redirect to HTTPS, or a host name that is not this machine's: the process is up
    except OSError:
        return False
