"""
Rows by one key, by a query of which only that key ever differs: a case's work orders, its clocks.

Django makes the SQL of a queryset anew whenever it is evaluated, and for a wide table with its relations that
costs a process more than the database needs to answer. Where a verb asks the same four questions each time,
the SQL is made once.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=models.Model)
_STAND_IN = UUID("00000000-0000-7000-8000-6b6579656421")  # in the place of the key when the SQL is made


class Keyed(Generic[M]):
    """
    Callable with a key: the rows of `query(key)`, as that queryset gives them, in one statement.

    :param query: returns a queryset of whole rows, with `select_related` and `select_for_update` as wanted,
        without annotations and prefetches; called once.
    :raises TransactionManagementError: the rows are to be locked, and there is no transaction.
    """

    def __init__(self, query: Callable[[UUID], "models.QuerySet[M]"]) -> None:
        self._query = query
        self._made: _Made[M] | None = None

    def __call__(self, key: UUID) -> list[M]:
        if self._made is None:
            self._made = _Made(self._query(_STAND_IN))
        return self._made.rows(key)


class _Made(Generic[M]):
    """The SQL of a queryset, and how its columns become rows; the same steps as Django's `ModelIterable`."""

    def __init__(self, queryset: "models.QuerySet[M]") -> None:
        compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.is_locking = " FOR UPDATE" in self.sql
        select, own = compiler.select, compiler.klass_info
        columns = own["select_fields"]
        self.model = own["model"]
        self.columns = slice(columns[0], columns[-1] + 1)
        self.names = [select[n][0].target.attname for n in columns]
        # The stubs are of a later Django than the one that is locked, whose function takes one more.
        self.relations = get_related_populators(own, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        self.converters = list(compiler.get_converters([each[0] for each in select]).items())

    def rows(self, key: UUID) -> list[M]:
        if self.is_locking and connection.get_autocommit():
            raise TransactionManagementError("a lock outside of a transaction is gone at once")
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [key if value == _STAND_IN else value for value in self.params])
            return [self._row(list(found)) for found in cursor.fetchall()]

    def _row(self, values: list[Any]) -> M:
        for position, (converters, expression) in self.converters:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        row = self.model.from_db(DEFAULT_DB_ALIAS, self.names, values[self.columns])
        for relation in self.relations:
            relation.populate(values, row)
        return row
