"""
Changed and new rows of several tables in one message to the database.

A verb changes a handful of rows and adds a handful. By `save` and `bulk_create` each of them is a statement
that Django puts together anew and waits for; here they go out together, in the order in which they were
given, and the database answers once.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models


class Writes:
    """What is to be written; nothing is until `make` is called, inside a transaction."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []
        self._added: list[models.Model] = []

    def change(self, row: models.Model, names: Iterable[str]) -> None:
        """Write the named fields of a stored row."""
        # Sorted: the same change is the same text for whoever reads the statistics of the database.
        fields = [row._meta.get_field(name) for name in sorted(names)]
        new = ", ".join(f"{_name(field)} = {self._value(field, row, is_new=False)}" for field in fields)
        key = row._meta.pk
        self._statements.append(
            f"UPDATE {_table(row)} SET {new} WHERE {_name(key)} = {self._value(key, row, is_new=False)}"  # noqa: S608
        )

    def add(self, rows: Sequence[models.Model]) -> None:
        """Write new rows of one model; what the database fills in by itself is not read back."""
        if not rows:
            return
        fields = [field for field in rows[0]._meta.concrete_fields if not is_filled_by_database(field)]
        values = ", ".join(
            f"({', '.join(self._value(field, row, is_new=True) for field in fields)})" for row in rows
        )
        names = ", ".join(map(_name, fields))
        self._statements.append(f"INSERT INTO {_table(rows[0])} ({names}) VALUES {values}")  # noqa: S608
        self._added += rows

    def make(self) -> None:
        """
        Write all of it.

        :raises IntegrityError: a constraint refuses one of the rows; then none is written.
        """
        if self._statements:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(self._statements), self._values)
        for row in self._added:
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    def _value(self, field: Any, row: models.Model, *, is_new: bool) -> str:
        """Keep the field's value and return what stands for it in the statement."""
        value = field.get_db_prep_save(field.pre_save(row, is_new), connection)
        self._values.append(value)
        return field.get_placeholder(value, None, connection) if hasattr(field, "get_placeholder") else "%s"


def _table(row: models.Model) -> str:
    return connection.ops.quote_name(row._meta.db_table)


def _name(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def is_filled_by_database(field: Any) -> bool:
    """Return whether a new row leaves this column to the database: a counted key, a default of its own."""
    return isinstance(field, models.AutoField | models.BigAutoField) or field.has_db_default()
