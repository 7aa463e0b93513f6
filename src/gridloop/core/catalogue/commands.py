"""`gridloop import catalogue` and `gridloop export catalogue`."""

from datetime import date, datetime
from pathlib import Path

import click
from django.db import transaction
from django.utils import timezone

from gridloop.base.common.days import midnight
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.defaults import default_difference, load_default_rulebook
from gridloop.core.catalogue.models import Category
from gridloop.core.catalogue.sheets.checking import Checked, check_file
from gridloop.core.catalogue.sheets.comparing import Change, Difference, What
from gridloop.core.catalogue.sheets.directory import load_directory
from gridloop.core.catalogue.sheets.held import held_on
from gridloop.core.catalogue.sheets.rows import Book
from gridloop.core.catalogue.sheets.writing import to_xlsx
from gridloop.core.org.actors import SYSTEM

_SIGNS = {What.ADDED: "+", What.CHANGED: "~", What.REMOVED: "-"}
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    name="catalogue",
    help="""导入事项目录：类别、标准、时限和履职清单。

    FILE 是 gridloop export catalogue 导出的表格（XLSX），或其中一张表的 CSV。有一处问题就一行也不导入。

    \b
    例：
      gridloop import catalogue --default
      gridloop import catalogue 目录.xlsx --dry-run
      gridloop import catalogue 目录.xlsx --effective-on 2027-01-01
    """,
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--default", "is_default", is_flag=True, help="装入自带的默认目录；已有的内容不改动。")
@click.option("--effective-on", type=_DAY, metavar="日期", help="生效日期，默认今天；在办案件期限不变。")
@click.option("--dry-run", is_flag=True, help="只列出差异，不写入。")
@click.option("--remove-missing", is_flag=True, help="停用表中没有的行。")
def catalogue(
    *, file: Path | None, is_default: bool, effective_on: datetime | None, dry_run: bool, remove_missing: bool
) -> None:
    """Compare a file, or the default rulebook, with what is there, and apply it."""
    if (file is None) == (not is_default):
        raise click.UsageError("请给出一个表格文件，或使用 --default。")
    on = _day(effective_on)
    if is_default:
        difference = default_difference(on=on) if dry_run else load_default_rulebook(at=midnight(on))
    else:
        assert file is not None  # noqa: S101  said above
        difference = _check(file, on, removes_missing=remove_missing)
        if not dry_run and difference:
            _apply(file, difference, removes_missing=remove_missing)
    _tell(difference, is_dry=dry_run)


@click.command(
    name="catalogue",
    help="""导出事项目录为表格（XLSX），改好后可以再导入。

    \b
    例：
      gridloop export catalogue 目录.xlsx
      gridloop export catalogue 空白模板.xlsx --template
    """,
)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--on", "day", type=_DAY, metavar="日期", help="导出这一天有效的内容，默认今天。")
@click.option("--template", "is_template", is_flag=True, help="只导出表头和填写说明。")
def export_catalogue(*, file: Path, day: datetime | None, is_template: bool) -> None:
    """Write the rulebook of a day as a workbook."""
    book = held_on(day.date() if day else timezone.localdate(), load_directory())
    file.write_bytes(to_xlsx(Book() if is_template else book))
    said = f"{len(book.categories or ())} 个类别、{len(book.duties or ())} 条履职事项"
    click.echo(f"已导出到 {file}：{'空白模板' if is_template else said}。", err=True)


def _day(given: datetime | None) -> date:
    today = timezone.localdate()
    day = given.date() if given else today
    # What held in the past was the rule; only a catalogue that is still empty may be given a past.
    if day < today and Category.objects.exists():
        raise click.UsageError(f"生效日期不能早于今天（{today}）：已经生效的标准不能改写。")
    return day


def _check(file: Path, on: date, *, removes_missing: bool) -> Difference:
    checked: Checked = check_file(
        file.read_bytes(), file.name, effective_on=on, removes_missing=removes_missing
    )
    for problem in checked.problems:
        click.echo(str(problem))
    if checked.problems:
        raise click.ClickException(f"表格有 {len(checked.problems)} 处问题，一行也没有导入。")
    return checked.difference


@transaction.atomic
def _apply(file: Path, difference: Difference, *, removes_missing: bool) -> None:
    now = timezone.now()
    upload = actions.keep_upload(
        file.read_bytes(),
        file.name,
        effective_on=difference.effective_on,
        removes_missing=removes_missing,
        actor=SYSTEM,
        at=now,
    )
    actions.apply_upload(upload.pk, expected=difference.fingerprint, actor=SYSTEM, at=now)


def _tell(difference: Difference, *, is_dry: bool) -> None:
    """Name every change on a dry run, and the counts always."""
    if not difference:
        click.echo("与现行目录一致，没有需要改动的内容。")
        return
    for change in difference.changes if is_dry else ():
        _tell_change(change)
    for sheet, counts in difference.counts().items():
        click.echo(
            f"{sheet}：新增 {counts[What.ADDED]}，修改 {counts[What.CHANGED]}，停用 {counts[What.REMOVED]}"
        )
    click.echo("以上为试运行，没有写入。" if is_dry else f"已写入，自 {difference.effective_on} 起生效。")


def _tell_change(change: Change) -> None:
    click.echo(f"{_SIGNS[change.what]} {change.sheet} {change.key}")
    for cell in change.cells() if change.what == What.CHANGED else ():
        click.echo(f"    {cell.column}：{cell.old or '（空）'} → {cell.new or '（空）'}")
