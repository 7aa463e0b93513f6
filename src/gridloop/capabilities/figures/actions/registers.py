"""Defining registers, and making files of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from gridloop.base.common import asks
from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.capabilities.figures.columns import COLUMNS
from gridloop.capabilities.figures.definitions import Definition
from gridloop.capabilities.figures.labels import PaperState, Period
from gridloop.capabilities.figures.models import Register, RegisterFile
from gridloop.capabilities.figures.reading import Days
from gridloop.capabilities.figures.registers import (
    MOST_ROWS,
    cases_of,
    heading,
    is_longer_than,
    lines,
    statistic,
    statistic_heading,
)
from gridloop.capabilities.figures.sheets import write_sheet
from gridloop.core.cases.actions.given import storable_text
from gridloop.core.org.actions.acts import log_act
from gridloop.core.org.actors import Actor, actor_of
from gridloop.core.org.policies import check_can
from gridloop.core.org.posts import post_of

JOB = "gridloop.capabilities.figures.tasks.make_register_file"
KEPT = timedelta(days=1)
AT_ONCE = 2000  # rows that a request may write itself
MOST_COLUMNS = 30


@transaction.atomic
def save_register(
    definition: Definition, *, actor: Actor, at: datetime, register_id: UUID | None = None
) -> Register:
    """
    Keep a definition under its name; with `register_id` change the one that is there.

    :raises NotAllowed: the actor may not manage registers.
    :raises InvalidInput: no name or one that is taken, no column, or one that registers may not have.
    """
    check_can(actor, "figures.manage")
    if actor.user_id is None:
        raise NotAllowed(_("请登录后再保存台账。"))
    name = storable_text(definition.name, "name", 40)
    if not name:
        raise InvalidInput(_("请给台账起个名称。"), fields={"name": _("必填")})
    unknown = [column for column in definition.columns if column not in COLUMNS]
    if unknown or not 1 <= len(definition.columns) <= MOST_COLUMNS:
        raise InvalidInput(_("请选择 1 到 30 个栏目。"), fields={"columns": _("请重新选择栏目")})
    asks.check(_asked(register_id, name), at)
    row = Register.objects.select_for_update().filter(pk=register_id).first() if register_id else Register()
    if row is None:
        raise NotFound(_("没有找到这个台账，可能已被删除。"))
    row.name, row.columns, row.filters = name, list(definition.columns), dict(definition.filters)
    row.period, row.made_at, row.made_by_id = definition.period, at, actor.user_id
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise InvalidInput(_("已有同名的台账。"), fields={"name": _("请换一个名称")}) from error
    log_act(row, "save", actor=actor, at=at, data={"columns": row.columns, "filters": row.filters})
    return row


def registers_asked() -> Iterator[asks.Asked]:
    """Yield what the town's own registers say; their columns come out of the cases, nobody fills them in."""
    for key, name in Register.objects.values_list("pk", "name"):
        yield _asked(key, name)


def _asked(register_id: UUID | None, name: str) -> asks.Asked:
    return asks.Asked(f"register/{register_id or 'new'}", name, texts={"name": name})


@transaction.atomic
def drop_register(register_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Forget a definition; one that is gone already stays gone. :raises NotAllowed: may not manage them."""
    check_can(actor, "figures.manage")
    for row in Register.objects.select_for_update().filter(pk=register_id):
        log_act(row, "drop", actor=actor, at=at, data={"name": row.name})
        row.delete()


def ask_file(definition: Definition, days: Days, *, actor: Actor, at: datetime) -> RegisterFile:
    """
    Make a register as a file for one person, and write down that it was made.

    A short one is ready at once; a long one is made by a job, in the post in which it was asked for.

    :raises NotAllowed: the actor may not export cases.
    :raises InvalidInput: the days are the wrong way round, or more rows than a sheet should hold.
    """
    check_can(actor, "case.export")
    if actor.user_id is None or actor.post_id is None:
        raise NotAllowed(_("请登录后再导出台账。"))
    if days.until < days.since:
        raise InvalidInput(_("起始日期晚于截止日期。"), fields={"until": _("应不早于起始日期")})
    is_long = not definition.divided_by and _is_long(definition, days, actor=actor, at=at)
    with transaction.atomic():
        file = RegisterFile.objects.create(
            name=definition.name[:40],
            definition=definition.as_json(),
            since=days.since,
            until=days.until,
            user_id=actor.user_id,
            post_id=actor.post_id,
            asked_at=at,
            expires_at=at + KEPT,
        )
        facts = {"name": file.name, "since": days.since.isoformat(), "until": days.until.isoformat()}
        log_act(file, "export", actor=actor, at=at, data=facts | {"columns": list(definition.columns)})
        if is_long:
            app.configure_task(JOB).defer(file_id=str(file.pk))
    if not is_long:
        make_file(file.pk, at=at)
        file.refresh_from_db()
    return file


def _is_long(definition: Definition, days: Days, *, actor: Actor, at: datetime) -> bool:
    cases = cases_of(definition, actor, days, at)
    if is_longer_than(cases, MOST_ROWS):
        raise InvalidInput(_("一份台账最多 %(most)s 行，请缩短期间或增加筛选条件。") % {"most": MOST_ROWS})
    return is_longer_than(cases, AT_ONCE)


def make_file(file_id: UUID, *, at: datetime) -> None:
    """Write the file that was asked for, unless that is done. Done again after a crash, it starts anew."""
    row = RegisterFile.objects.filter(pk=file_id).first()
    if row is None or row.state == PaperState.READY:
        return
    rows_of = RegisterFile.objects.filter(pk=file_id)
    actor = actor_of(post_of(row.post_id))
    try:
        with TemporaryFile() as file:
            count = _write(file, row, actor, at)
            file.seek(0)
            default_storage.delete(storage_name(file_id))
            default_storage.save(storage_name(file_id), File(file))
    except Exception:
        rows_of.update(state=PaperState.FAILED)
        raise
    rows_of.update(state=PaperState.READY, done=count)


def _write(file: TemporaryFile, row: RegisterFile, actor: Actor, at: datetime) -> int:  # type: ignore[valid-type]
    definition, days = Definition.read(row.definition), Days(row.since, row.until)
    under = _("期间：%(since)s 至 %(until)s　制表：%(who)s　%(at)s") % {
        "since": days.since, "until": days.until, "who": actor.label,
        "at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    if definition.divided_by:
        columns = [(_("序号"), 6), *((label, 12) for label in statistic_heading(definition))]
        found = statistic(definition, actor, days)
        return write_sheet(file, title=row.name, under=under, columns=columns, rows=found)
    columns = [(_("序号"), 6), *((column.label, column.width) for column in heading(definition))]
    cases = cases_of(definition, actor, days, at)
    return write_sheet(
        file,
        title=row.name,
        under=under,
        columns=columns,
        rows=lines(definition, cases, at),
        step=lambda done: _tell(row.pk, done),
    )


def _tell(file_id: UUID, done: int) -> None:
    RegisterFile.objects.filter(pk=file_id).update(done=done)


def forget_old_files(*, at: datetime) -> int:
    """Throw away the files whose day is over, and return how many there were."""
    old = list(RegisterFile.objects.filter(expires_at__lt=at).values_list("pk", flat=True))
    for file_id in old:
        default_storage.delete(storage_name(file_id))
    RegisterFile.objects.filter(pk__in=old).delete()
    return len(old)


def storage_name(file_id: UUID) -> str:
    """Return where a file lies in the storage."""
    return f"registers/{file_id}.xlsx"


def as_definition(
    name: str, columns: list[str], period: str, filters: dict[str, object], key: str = ""
) -> Definition:
    """Return a definition from what a form gave; empty filters are left out."""
    kept = {field: value for field, value in filters.items() if value}
    return Definition(key, name.strip(), tuple(columns), Period(period), kept)
