"""`gridloop backup` and `gridloop restore`."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

import click
import psycopg
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from gridloop.base.common.progress import progress
from gridloop.config import archive, postgres
from gridloop.config.cli import data_folder
from gridloop.config.cli.database import bring_up_to_date, server_version
from gridloop.config.pgtools import Tools


@click.command(
    help="""把数据库、附件和密钥备份成一个文件，并当场核验。系统运行中也可以备份。

    文件里有密钥和个人信息，只有本用户可读，请妥善保管。不写 FILE 时放在数据文件夹的 backups 里。

    \b
    例：
      gridloop backup
      gridloop backup /mnt/备份盘/gridloop.tar
    """
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path | None) -> None:
    """Write one file that holds everything, and read it again before saying so."""
    target = file or _default_target()
    if target.exists():
        raise click.ClickException(f"{target} 已存在。请换一个文件名，不会覆盖旧备份。")
    with _told_of_folders(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
    try:
        _write(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"备份完成并已核验：{target}（{target.stat().st_size / 2**20:.1f} MB）")


@click.command(
    help="""从备份恢复数据库、附件和密钥，然后升级到本版本。请先停止 gridloop serve。

    只恢复到空的数据库；--replace 会先删除现有的全部数据，需要确认（或加 --yes）。

    \b
    例：
      gridloop --data /srv/gridloop restore gridloop-20260302-090000.tar
      gridloop restore 备份.tar --replace
    """
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="删除现有的全部数据，换成备份中的。")
@click.option("--yes", is_flag=True, help="不再询问，直接确认 --replace。")
def restore(file: Path, *, replace: bool, yes: bool) -> None:
    """Check the file, then replace database, attachments and secrets by what it holds."""
    with progress("核验备份") as tell:
        manifest = archive.read(file, tell)
    _check_known(manifest)
    _check_nobody_else_works()
    if _has_tables():
        _confirm(manifest, replace=replace, yes=yes)
    with tempfile.TemporaryDirectory(dir=data_folder(), prefix="restore.") as name:
        _restore(file, Path(name), manifest)
    click.echo(f"已恢复到 {manifest.made_at} 的状态。")


def _default_target() -> Path:
    return data_folder() / "backups" / f"gridloop-{timezone.localtime():%Y%m%d-%H%M%S}.tar"


@contextmanager
def _told_of_folders(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"不能写入 {folder}（{error.strerror}）。请换一个文件夹。") from error


def _write(part: Path) -> None:
    tools = _tools()
    with _told_of_folders(part.parent), tempfile.TemporaryDirectory(dir=part.parent, prefix=".dump.") as name:
        dump = Path(name) / archive.DUMP
        click.echo("正在导出数据库……", err=True)
        # The database first: a file is stored before the row that names it, so every row finds its file.
        tools.dump(dump)
        tools.check(dump)
        with progress("写入备份") as tell:
            archive.write(part, _manifest(), archive.members(dump, _folders()), tell)
    with progress("核验备份") as tell:
        archive.read(part, tell)


def _manifest() -> archive.Manifest:
    return archive.Manifest(
        made_at=timezone.localtime().isoformat(timespec="seconds"),
        version=version("gridloop"),
        postgres=server_version(),
        migrations=sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations),
        with_files=_has_local_files(),
    )


def _folders() -> dict[str, Path]:
    folders = {"secrets": data_folder() / "secrets"}
    if _has_local_files():
        folders["files"] = Path(settings.MEDIA_ROOT)
    else:
        click.echo("附件存放在对象存储上，不在备份内，请用对象存储自己的备份。", err=True)
    given = [name for name in ("GRIDLOOP_SECRET_KEY", "GRIDLOOP_FIELD_KEY") if os.environ.get(name)]
    if given:
        click.echo(f"{'、'.join(given)} 由环境变量给出，不在备份内，请另外保管。", err=True)
    return folders


def _has_local_files() -> bool:
    return isinstance(default_storage, FileSystemStorage)


def _tools() -> Tools:
    return Tools(_url(), server_version())


def _url() -> str:
    return os.environ.get("DATABASE_URL") or postgres.address(data_folder())


def _check_known(manifest: archive.Manifest) -> None:
    """Refuse a backup of a newer version: this one would not know its tables."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise click.ClickException(
            f"这份备份由较新的版本 {manifest.version} 生成（{unknown[0]}）。请先升级程序再恢复。"
        )


def _check_nobody_else_works() -> None:
    _let_go_of_the_database()
    with psycopg.connect(_url()) as own:
        row = own.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    if row and (others := row[0]):
        raise click.ClickException(f"还有 {others} 个连接在使用数据库。请先停止 gridloop serve 和 worker。")


def _has_tables() -> bool:
    return bool(connection.introspection.table_names())


def _confirm(manifest: archive.Manifest, *, replace: bool, yes: bool) -> None:
    if not replace:
        raise click.ClickException(
            "数据库里已有数据。请恢复到新的数据文件夹（--data），或用 --replace 删除现有数据后恢复。"
        )
    if not yes:
        click.confirm(f"将删除现有的全部数据，换成 {manifest.made_at} 的备份。确定吗？", abort=True)


def _restore(file: Path, unpacked: Path, manifest: archive.Manifest) -> None:
    archive.extract(file, unpacked)
    tools = _tools()
    _let_go_of_the_database()
    click.echo("正在恢复数据库……", err=True)
    tools.load(unpacked / archive.DUMP)
    _swap_in(unpacked / "secrets", data_folder() / "secrets", keep=True)
    if manifest.with_files and _has_local_files():
        _swap_in(unpacked / "files", Path(settings.MEDIA_ROOT), keep=False)
    bring_up_to_date()


def _let_go_of_the_database() -> None:
    connections.close_all()
    for wrapper in connections.all():
        cast(DatabaseWrapper, wrapper).close_pool()


def _swap_in(new: Path, place: Path, *, keep: bool) -> None:
    """Put a folder in its place; what was there goes, or stays beside it under a name with the time."""
    if not new.is_dir():
        return
    old = place.with_name(f"{place.name}.{timezone.localtime():%Y%m%d-%H%M%S}")
    if place.exists():
        place.rename(old)
    shutil.move(new, place)
    place.chmod(0o700)
    if old.exists() and not keep:
        shutil.rmtree(old)
