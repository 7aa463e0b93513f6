"""`gridloop doctor`: what is wrong, and for each thing how to mend it."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import click
import django
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from gridloop.config.cli import data_folder, database_in_use
from gridloop.config.postgres import EmbeddedPostgresError

LEAST_FREE_GB = 1
WARN_FREE_GB = 5
# The worker tells that it is alive every ten seconds.
WORKER_SILENT_S = 60
WAITS_LONG_MINUTES = 10


class Level(StrEnum):
    """How bad a finding is; the value is the mark in front of its line."""

    GOOD = "✓"
    WARN = "!"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: the subject, the facts, and what to do where that is needed."""

    level: Level
    subject: str
    facts: str
    mend: str = ""


def _good(subject: str, facts: str) -> Finding:
    return Finding(Level.GOOD, subject, facts)


def _warn(subject: str, facts: str, mend: str) -> Finding:
    return Finding(Level.WARN, subject, facts, mend)


def _bad(subject: str, facts: str, mend: str) -> Finding:
    return Finding(Level.BAD, subject, facts, mend)


@click.command(
    help="""检查数据文件夹、磁盘、网页文件、数据库、迁移、工作日历和后台任务，并逐项说明怎样修复。

    有必须修复的问题时退出码为 1；带 ! 的只是提醒。

    \b
    例：
      gridloop doctor
      gridloop --data /srv/gridloop doctor
    """
)
def doctor() -> None:
    """Print every finding, and exit with 1 where one of them is bad."""
    worst = Level.GOOD
    for finding in findings():
        _print(finding)
        worst = Level.BAD if Level.BAD in {worst, finding.level} else worst
    if worst is Level.BAD:
        sys.exit(1)


def _print(finding: Finding) -> None:
    colour = {Level.GOOD: "green", Level.WARN: "yellow", Level.BAD: "red"}[finding.level]
    click.echo(f"{click.style(finding.level, fg=colour)} {finding.subject}：{finding.facts}")
    if finding.mend:
        click.echo(f"    修复：{finding.mend}")


def findings() -> Iterator[Finding]:
    """Yield what every check finds, the ones that need no database first."""
    yield folder(data_folder())
    yield secrets(data_folder() / "secrets")
    yield disk(data_folder())
    if not data_folder().is_dir():
        return  # what follows would make a new system in a folder whose name was mistyped
    try:
        django.setup()
    except ImproperlyConfigured as error:
        yield _bad("设置", str(error), "请对照 docs/operations.md 的设置表改正环境变量。")
        return
    yield static_files()
    yield paper_fonts()
    yield production()
    with ExitStack() as held:
        try:
            held.enter_context(database_in_use())
            yield database()
        except (EmbeddedPostgresError, OperationalError, psycopg.Error) as error:
            yield _bad("数据库", str(error).strip(), "请检查 DATABASE_URL 是否正确、数据库是否已启动。")
            return
        yield from _of_the_database()


def _of_the_database() -> Iterator[Finding]:
    from gridloop.config.cli.database import pending

    if missing := pending():
        yield _bad("数据表", f"有 {len(missing)} 项升级没有执行（{missing[0]} 等）", "gridloop migrate")
        return
    yield _good("数据表", "已是最新")
    yield from calendar()
    yield from jobs()


def folder(data: Path) -> Finding:
    """The data folder is there, is ours to write, and is nobody else's to read."""
    subject = f"数据文件夹 {data}"
    if not data.is_dir():
        return _bad(subject, "不存在", "先运行 gridloop migrate，或用 --data 指定正确的文件夹。")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return _bad(subject, "当前用户不能读写", f"chown -R $(id -un) {data}，或换用原来的系统用户运行。")
    if _open_to_others(data) & (stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH):
        return _warn(subject, "其他系统用户可以读取", f"chmod go-rw {data}")
    return _good(subject, "可读写")


def secrets(keys: Path) -> Finding:
    """The keys are readable by their owner alone."""
    if not keys.is_dir():
        return _good("密钥", "由环境变量给出，或将在第一次启动时生成")
    exposed = [path for path in (keys, *keys.iterdir()) if _open_to_others(path)]
    if exposed:
        return _bad("密钥", f"其他系统用户可以访问 {exposed[0]}", f"chmod -R go-rwx {keys}")
    return _good("密钥", "只有本用户可读；请另外妥善备份，丢失后上报人信息无法恢复")


def _open_to_others(path: Path) -> int:
    return path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def disk(data: Path) -> Finding:
    """There is room for the database, attachments and a backup."""
    nearest = next(path for path in (data, *data.parents) if path.exists())
    free_gb = shutil.disk_usage(nearest).free / 2**30
    mend = "清理磁盘，或把数据文件夹移到更大的磁盘后用 --data 指定。"
    if free_gb < LEAST_FREE_GB:
        return _bad("磁盘", f"只剩 {free_gb:.1f} GB", mend)
    if free_gb < WARN_FREE_GB:
        return _warn("磁盘", f"只剩 {free_gb:.1f} GB", mend)
    return _good("磁盘", f"可用 {free_gb:.0f} GB")


def static_files() -> Finding:
    """What the browser needs from npm is installed."""
    from django.conf import settings

    there = {prefix for prefix, _folder in settings.STATICFILES_DIRS}
    if missing := settings.FROM_NPM.keys() - there:
        return _bad(
            "网页文件", f"缺少 {'、'.join(sorted(missing))}，页面没有样式", "在项目文件夹执行 make setup。"
        )
    return _good("网页文件", "齐全")


def paper_fonts() -> Finding:
    """PDF and charts can be set in Chinese."""
    from gridloop.base.common.documents.fonts import PACKAGES, chinese_fonts

    fonts = chinese_fonts()
    if not fonts:
        return _warn("中文字体", "没有安装，不能生成 PDF 和图表", f"安装 {PACKAGES} 后重启服务。")
    return _good("中文字体", "、".join(sorted(set(fonts.values()))))


def production() -> Finding:
    """The settings are such that the public may come in."""
    from django.conf import settings

    if settings.DEBUG:
        return _bad("设置", "GRIDLOOP_DEBUG 已打开，出错页会显示程序内部信息", "去掉 GRIDLOOP_DEBUG。")
    if not settings.HTTPS:
        return _warn(
            "设置", "没有启用 HTTPS，只适合本机试用", "配置证书后设 GRIDLOOP_HTTPS=1，见 docs/operations.md。"
        )
    return _good("设置", "已启用 HTTPS")


def database() -> Finding:
    """
    The database answers and is new enough.

    :raises OperationalError: it does not answer.
    """
    from gridloop.config.cli.database import OLDEST_POSTGRES, server_version

    version = server_version()
    if version < OLDEST_POSTGRES:
        return _bad("数据库", f"PostgreSQL {version}", f"请换用 PostgreSQL {OLDEST_POSTGRES} 或更新版本。")
    where = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "自带，在数据文件夹内"
    return _good("数据库", f"PostgreSQL {version}（{where}）")


def calendar() -> Iterator[Finding]:
    """The work calendar knows this year; of the next one there is time until its schedule is announced."""
    from django.utils import timezone

    from gridloop.core.org.calendar import missing_days

    year = timezone.localdate().year
    mend = "gridloop import calendar {year}.json，或在“系统管理 → 工作日历”中填写。"
    for asked, found in ((year, _bad), (year + 1, _warn)):
        if days := missing_days(asked):
            facts = f"{asked} 年缺 {days} 天，跨到该年的期限无法计算"
            yield found("工作日历", facts, mend.format(year=asked))
        else:
            yield _good("工作日历", f"{asked} 年完整")


def jobs() -> Iterator[Finding]:
    """A worker is alive, and no job waits for long or has failed."""
    from django.db.models import Q
    from django.utils import timezone
    from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

    now = timezone.now()
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - timedelta(seconds=WORKER_SILENT_S))
    if number := alive.count():
        yield _good("后台任务", f"{number} 个进程在运行")
    else:
        yield _bad("后台任务", "没有进程在运行，挂起不会自动恢复", "gridloop serve，或 gridloop worker。")
    long_ago = now - timedelta(minutes=WAITS_LONG_MINUTES)
    due = Q(scheduled_at=None) | Q(scheduled_at__lt=long_ago)
    deferred = Q(procrastinateevent__type="deferred", procrastinateevent__at__lt=long_ago)
    if late := ProcrastinateJob.objects.filter(due, deferred, status="todo").count():
        facts = f"{late} 项等待超过 {WAITS_LONG_MINUTES} 分钟"
        yield _warn("任务队列", facts, "在更多机器上运行 gridloop worker。")
    if failed := ProcrastinateJob.objects.filter(status="failed").count():
        yield _warn("任务队列", f"{failed} 项失败", "查看日志中 procrastinate 的记录，排除原因后重试。")
