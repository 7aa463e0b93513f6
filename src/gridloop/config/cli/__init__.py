"""
The `gridloop` command: one table of sub-commands, each loaded when it is asked for.

`--data DIR` may stand anywhere on the line; it is read before Django's settings are.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import click

from gridloop.config.cli.formatting import ChineseFormatter
from gridloop.config.cli.supervisor import stopping_signals
from gridloop.config.environment import TIMEOUT_VARIABLE

DEFAULT_DATA = ".data"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a sub-command is, what it is for in a line, and what it needs before it runs."""

    target: str
    summary: str
    needs_database: bool = True
    is_long: bool = False  # no statement of it is stopped by the clock


class LazyGroup(click.Group):
    """A group that imports a sub-command when it is called for, and lists them all without importing any."""

    def __init__(self, *args: Any, entries: dict[str, Entry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = self.entries.get(cmd_name)
        return self._load(entry) if entry else None

    @staticmethod
    def _load(entry: Entry) -> click.Command:
        if entry.is_long:
            os.environ.setdefault(TIMEOUT_VARIABLE, "0")
        if entry.needs_database:
            import_module("django").setup()
        module, _colon, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("命令"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command with the database running, and say in a line what a person can put right."""
        name = next(iter([*ctx._protected_args, *ctx.args]), "")  # noqa: SLF001  # known before it is resolved
        entry = self.entries.get(name)
        wants_help = any(argument in {"--help", "-h"} for argument in sys.argv)
        with (
            _told_plainly(),
            database_in_use() if entry and entry.needs_database and not wants_help else nullcontext(),
        ):
            return super().invoke(ctx)


class _told_plainly(AbstractContextManager[None]):  # noqa: N801  # read as a word of the `with`
    """Turn refusals that a person can put right into one line and exit code 1."""

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        from django.core.exceptions import ImproperlyConfigured
        from django.db import OperationalError, ProgrammingError
        from psycopg import Error as PostgresError
        from psycopg.errors import UndefinedColumn, UndefinedTable

        from gridloop.base.common.errors import DomainError
        from gridloop.config.postgres import EmbeddedPostgresError

        if isinstance(error, DomainError):
            raise click.ClickException(error.message) from error
        if isinstance(error, EmbeddedPostgresError | ImproperlyConfigured):
            raise click.ClickException(str(error)) from error
        if isinstance(error, OSError) and error.filename:
            raise click.ClickException(f"不能读写 {error.filename}：{error.strerror}。") from error
        if isinstance(error, ProgrammingError) and isinstance(
            error.__cause__, UndefinedTable | UndefinedColumn
        ):
            raise click.ClickException("数据库还没有建立，或版本较旧。请先运行 gridloop migrate。") from error
        if isinstance(error, OperationalError | PostgresError):
            raise click.ClickException(
                f"连不上数据库：{str(error).strip()}\n请检查 DATABASE_URL，或运行 gridloop doctor。"
            ) from error


def data_folder() -> Path:
    """Return the data folder, absolute."""
    return Path(os.environ.get("GRIDLOOP_DATA", DEFAULT_DATA)).resolve()


def database_in_use() -> AbstractContextManager[object]:
    """Keep the embedded database running for a while; one that DATABASE_URL names runs by itself."""
    if url := os.environ.get("DATABASE_URL"):
        import psycopg

        # At once and in the server's own words: the pool would wait and say only that it waited.
        psycopg.connect(url, connect_timeout=5).close()
        return nullcontext()
    from gridloop.config import postgres

    return postgres.running(data_folder())


IMPORTS = {
    "cases": Entry("gridloop.faces.exchange.commands:cases", "导入案件（CSV 或 XLSX）", is_long=True),
    "regions": Entry("gridloop.core.org.commands:regions", "导入区划与网格（GeoJSON 或 CSV）", is_long=True),
    "catalogue": Entry("gridloop.core.catalogue.commands:catalogue", "导入事项目录（XLSX）", is_long=True),
    "calendar": Entry("gridloop.core.org.commands:calendar", "导入工作日历（JSON）", is_long=True),
}
imports = LazyGroup(
    "import",
    entries=IMPORTS,
    help="""导入真实数据；重复导入同一份数据不会产生重复记录。

    \b
    例：
      gridloop import cases 案件.csv --map 列对照.toml --dry-run
      gridloop import regions 社区.geojson
    """,
)
EXPORTS = {
    "regions": Entry("gridloop.core.org.commands:export_regions", "导出区划与网格（GeoJSON 或 CSV）"),
    "catalogue": Entry("gridloop.core.catalogue.commands:export_catalogue", "导出事项目录（XLSX）"),
}
exports = LazyGroup(
    "export",
    entries=EXPORTS,
    help="""导出数据为文件；导出的文件改好后可以再导入。

    \b
    例：
      gridloop export regions 区划.geojson
      gridloop export catalogue 目录.xlsx
    """,
)
COMMANDS = {
    "serve": Entry("gridloop.config.cli.serving:serve", "启动网站和后台任务（一条命令即可）"),
    "demo": Entry("gridloop.config.cli.demo:demo", "生成演示镇并启动", is_long=True),
    "worker": Entry("gridloop.config.cli.serving:worker", "只运行后台任务（可在多台机器上运行）"),
    "migrate": Entry("gridloop.config.cli.database:migrate", "建立或升级数据库", is_long=True),
    "import": Entry("gridloop.config.cli:imports", "导入案件、区划、事项目录、工作日历", is_long=True),
    "export": Entry("gridloop.config.cli:exports", "导出区划、事项目录"),
    "dispatch": Entry(
        "gridloop.capabilities.dispatch.commands:dispatch", "检验派遣推荐的准确程度", is_long=True
    ),
    "audit": Entry("gridloop.core.audit.commands:audit", "核验或封存操作记录", is_long=True),
    "figures": Entry("gridloop.capabilities.figures.commands:figures", "核对统计数字", is_long=True),
    "oversight": Entry(
        "gridloop.capabilities.oversight.commands:oversight",
        "检查表单规则是否增负，核对问题工单",
        is_long=True,
    ),
    "backup": Entry("gridloop.config.cli.backups:backup", "备份数据库、附件和密钥", is_long=True),
    "restore": Entry("gridloop.config.cli.backups:restore", "从备份恢复", is_long=True),
    "doctor": Entry("gridloop.config.cli.doctor:doctor", "检查系统，并说明怎样修复", needs_database=False),
}


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="""一网共治：乡镇（街道）自己的基层治理平台。

    \b
    例：
      gridloop demo                       看看演示镇
      gridloop serve --port 8000          正式启动
      gridloop --data /srv/gridloop doctor
    """,
)
@click.option("--data", metavar="DIR", help=f"数据文件夹，默认取 GRIDLOOP_DATA，再默认 {DEFAULT_DATA}。")
@click.version_option(package_name="gridloop", message="gridloop %(version)s", help="显示版本。")
def gridloop(data: str | None) -> None:
    """Hold the options that stand before the sub-command; `take_data` has read `--data` by now."""
    del data


def take_data(arguments: Sequence[str]) -> list[str]:
    """Take `--data DIR` out of the arguments, wherever it stands, and put it into the environment."""
    left: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            return [*left, argument, *rest]
        if argument == "--data":
            _set_data(next(rest, ""))
        elif argument.startswith("--data="):
            _set_data(argument.removeprefix("--data="))
        else:
            left.append(argument)
    return left


def _set_data(folder: str) -> None:
    if not folder:
        raise click.UsageError("--data 后面要写文件夹。")
    os.environ["GRIDLOOP_DATA"] = str(Path(folder).resolve())


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    """Leave by way of every `finally`, so that a database which we started does not run on without us."""
    sys.exit(128 + number)


def main() -> None:
    """Run the command line."""
    for number in stopping_signals() - {signal.SIGINT}:  # Ctrl-C ends a command as it is
        signal.signal(number, _end_in_order)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridloop.config.settings")
    click.Context.formatter_class = ChineseFormatter
    try:
        arguments = take_data(sys.argv[1:])
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    try:
        sys.exit(gridloop.main(args=arguments, prog_name="gridloop", standalone_mode=False))
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"错误：{error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("已取消。", err=True)
        sys.exit(1)
