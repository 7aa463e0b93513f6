"""
Many cases at once: the same verbs on files in memory, stored by COPY. For imports of history and for the
demo.

Nothing is skipped: every file went through the rules of `policies` and has its log. What is left out is
only the lock, since nobody else can see a case that is not stored yet.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models, transaction
from django.utils.functional import cached_property
from psycopg.types.json import Jsonb

from gridloop.base.common.writes import is_filled_by_database
from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import TABLES, CaseFile
from gridloop.core.cases.events import announce, announce_stored
from gridloop.core.cases.staff import note_reporters


def store_many(files: Sequence[CaseFile]) -> None:
    """
    Store new files, each with its rows and its log, in one transaction.

    :param files: files made by `actions.intake.begin`; none of them stored before.
    :raises IntegrityError: one of them is there already; then none is stored.
    """
    rows: dict[type[models.Model], list[models.Model]] = {model: [] for model in TABLES}
    for file in files:
        for row in file.added:
            rows[type(row)].append(row)
    entries = [entry for file in files for entry in file.entries]
    with transaction.atomic():
        note_reporters(file.case for file in files)
        for model in TABLES:
            copy_in(model, rows[model])
        copy_in(Entry, entries)
        for file in files:
            for entry in file.entries:
                announce(file, entry)
        announce_stored(files)
        for file in files:
            file.entries, file.added, file.changed = [], [], {}


def copy_in(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Write the rows to the model's table by COPY; columns that the database fills itself are left to it."""
    rows = list(rows)
    if not rows:
        return
    table = _Table(model)
    # Django wraps what `execute` raises, but not what COPY does.
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(table.statement) as copy,
    ):
        for row in rows:
            copy.write_row([prepare(getattr(row, name)) for name, prepare in table.columns])


class _Table:
    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    @cached_property
    def fields(self) -> list[Any]:
        return [f for f in self.model._meta.concrete_fields if not is_filled_by_database(f)]

    @cached_property
    def columns(self) -> list[tuple[str, Callable[[Any], Any]]]:
        return [(f.attname, _preparation(f)) for f in self.fields]

    @cached_property
    def statement(self) -> str:
        names = ", ".join(f'"{f.column}"' for f in self.fields)
        return f'COPY "{self.model._meta.db_table}" ({names}) FROM STDIN'


def _preparation(field: Any) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else Jsonb(value)
    if isinstance(field, models.BinaryField):
        return field.get_prep_value
    return _plain


def _plain(value: Any) -> Any:
    # A TextChoices member is a str that the driver would write by its class; its value is what is stored.
    return value.value if hasattr(value, "_value_") else value
