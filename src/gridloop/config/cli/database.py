"""`gridloop migrate`."""

from typing import cast

import click
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

OLDEST_POSTGRES = 15


@click.command(
    help="""建立或升级数据库；已是最新时什么也不做。

    \b
    例：
      gridloop migrate
      DATABASE_URL=postgresql://用户@主机/库 gridloop migrate
    """
)
def migrate() -> None:
    """Bring the database's tables to what this version needs."""
    click.echo("正在升级数据库……" if pending() else "数据库已是最新。", err=True)
    bring_up_to_date()


def bring_up_to_date() -> None:
    """
    Create or change the tables, the cache's among them.

    :raises click.ClickException: the server is older than PostgreSQL 15.
    """
    version = server_version()
    if version < OLDEST_POSTGRES:
        raise click.ClickException(f"需要 PostgreSQL {OLDEST_POSTGRES} 或更新版本，现在连接的是 {version}。")
    if pending():
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def server_version() -> int:
    """Return the major version of the server, 18 or 15 say."""
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).pg_version // 10_000


def pending() -> list[str]:
    """Return the migrations that this version has and the database does not, as `app.name`."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
