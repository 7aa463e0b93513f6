"""
More history out of a year of it: ended cases copied to other days of the last five years, with all that is
theirs.

The demo's year is made by the engine's own verbs; a million cases that way would take an hour. So a copy is
written by INSERT … SELECT: every row of the case with its keys and times moved by the same span, its words
marked with their new month, its log copied as it is. The copies' hash chains are therefore not valid, which
no page reads. Work in hand is not copied: a town with more history has not more open cases.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, models
from django.utils import timezone

from gridloop.capabilities.figures.actions.folding import COLUMNS, WANTED, fold
from gridloop.capabilities.figures.models import Progress, Tally
from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import TABLES
from gridloop.core.cases.models import Case, CaseLink, CaseWords

YEARS = 5
ENDED = ("closed", "rejected", "withdrawn")
_SHIFT = """
    CREATE OR REPLACE FUNCTION pg_temp.moved(id uuid, span interval) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex(
                   ('x' || substr(hex, 1, 12))::bit(48)::bigint
                   - round(extract(epoch FROM span) * 1000)::bigint
               ), 12, '0') || substr(hex, 13))::uuid
        FROM replace(id::text, '-', '') AS hex
    $$
"""
_COPIES = """
    CREATE TEMP TABLE copy ON COMMIT DROP AS
    SELECT id, reported_at, pg_temp.moved(id, span) AS new_id, span FROM (
        SELECT id, reported_at, closed_at, make_interval(secs =>
            mod(age + %(step)s, %(window)s) - age) AS span
        FROM (
            SELECT id, reported_at, closed_at, extract(epoch FROM %(now)s - reported_at) AS age
            FROM source_cases_case
        ) AS aged
    ) AS spanned
    WHERE closed_at - span < %(now)s
    LIMIT %(most)s
"""

_PLAIN_INDEXES = """
    SELECT i.indexname, i.indexdef FROM pg_indexes i JOIN pg_class k ON k.relname = i.indexname
    WHERE i.tablename = ANY(%s) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = k.oid)
"""


def grow_to(size: int, tell: Callable[[int, int], None]) -> None:
    """Add copies of what the engine made until there are `size` cases; `tell` how many after each round."""
    have = Case.objects.count()
    rounds = _rounds()
    if have < size:
        _set_source_apart(_originals())
        indexes = _drop_plain_indexes()
        for step in rounds:
            have += _copy_once(step, size - have)
            tell(have, size)
            if have >= size:
                break
        _build(indexes)
        add_up()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def add_up() -> None:
    """
    Write the figures' counters anew from the tallies: rows that are written past the triggers leave no change
    to be folded.

    All at once, and their key is built when they are there: some twenty million rows would otherwise look
    each for its place.
    """
    Progress.objects.update_or_create(pk=1, defaults={"done_at": timezone.now()})
    fold()
    with connection.cursor() as cursor:
        for setting in ("work_mem = '1GB'", "maintenance_work_mem = '512MB'"):
            cursor.execute(f"SET {setting}")
        cursor.execute("ALTER TABLE figures_counter DROP CONSTRAINT figures_counter_pkey")
        cursor.execute("CREATE TEMP TABLE settled AS SELECT * FROM figures_counter WHERE grain = 's'")
        cursor.execute("TRUNCATE figures_counter")
        cursor.execute(
            f"WITH {WANTED} INSERT INTO figures_counter ({COLUMNS}, n, excluded) SELECT * FROM wanted"
        )
        cursor.execute("INSERT INTO figures_counter SELECT * FROM settled")
        cursor.execute(f"ALTER TABLE figures_counter ADD PRIMARY KEY ({COLUMNS})")
        cursor.execute("DROP TABLE settled")
        for setting in ("work_mem", "maintenance_work_mem"):
            cursor.execute(f"RESET {setting}")


def _rounds() -> Iterator[int]:
    """Count the rounds over all runs on this database: a round made twice would make the same keys again."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS bench_rounds")
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('bench_rounds')")
            yield int(cursor.fetchone()[0])


def remember_originals() -> None:
    """Keep the keys of the ended cases that stand alone: of these, and never of copies, copies are made."""
    alone = Case.objects.filter(
        state__in=ENDED,
        parent=None,
        is_split=False,
        duplicates=None,
        needs_call_back=False,
        needs_review=False,
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_originals (id uuid PRIMARY KEY)")
        keys = list(alone.values_list("pk", flat=True))
        cursor.execute("INSERT INTO bench_originals SELECT unnest(%s::uuid[])", [keys])


def _originals() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bench_originals ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def take_out(descriptions: list[str]) -> None:
    """Take out the cases that the bench described, past the triggers that guard a real town's log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE gone AS SELECT id FROM cases_case WHERE description = ANY(%s)", [descriptions]
        )
        # With its trigger, so that the figures follow.
        cursor.execute("DELETE FROM figures_tally WHERE case_id IN (SELECT id FROM gone)")
        cursor.execute("SET session_replication_role = replica")
        for model in reversed(_models()):
            cursor.execute(
                f"DELETE FROM {model._meta.db_table} WHERE {_owner(model)} IN (SELECT id FROM gone)"
            )
        cursor.execute("DROP TABLE gone")
        cursor.execute("RESET session_replication_role")
        fold()
        cursor.execute("VACUUM ANALYZE")


def row_counts() -> dict[str, int]:
    """Return how many rows each table holds, about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint FROM pg_class WHERE relname = ANY(%s) ORDER BY relname",
            [[model._meta.db_table for model in _models()]],
        )
        return dict(cursor.fetchall())


def _set_source_apart(keys: list[Any]) -> None:
    """Put the rows that are copied into tables of their own, apart from what the rounds add."""
    with connection.cursor() as cursor:
        for model in _models():
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS source_{table}")
            cursor.execute(
                f"CREATE TEMP TABLE source_{table} AS SELECT * FROM {table} WHERE {_owner(model)} = ANY(%s)",
                [keys],
            )


def _drop_plain_indexes() -> list[str]:
    """Drop the indexes that no constraint stands on, and return how to build them: at once is faster."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN_INDEXES, [[model._meta.db_table for model in _models()]])
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _build(indexes: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")


def _copy_once(step: int, most: int) -> int:
    window = YEARS * 365 * 86400
    # The golden ratio spreads any number of rounds evenly over the window.
    params: dict[str, Any] = {
        "now": timezone.now(),
        "window": window,
        "step": step * 0.618033988749895 % 1 * window + step,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # the foreign keys are right by construction
        cursor.execute(_SHIFT)
        cursor.execute(_COPIES, params)
        for statement in _statements():
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM copy")
        added = int(cursor.fetchone()[0])
        cursor.execute("COMMIT")
    return added


def _statements() -> Iterator[str]:
    for model in _models():
        yield _statement(model)


def _models() -> list[type[models.Model]]:
    every: list[type[models.Model]] = [*TABLES, Entry, Tally]
    return [model for model in every if model is not CaseLink]


def _owner(model: type[models.Model]) -> str:
    return "stream" if model is Entry else "id" if model is Case else "case_id"


def _statement(model: type[models.Model]) -> str:
    fields: list[Any] = [f for f in model._meta.concrete_fields if not isinstance(f, models.BigAutoField)]
    names = ", ".join(f.column for f in fields)
    values = ", ".join(_value(model, f) for f in fields)
    table = model._meta.db_table
    rows = f"source_{table} r JOIN copy c ON c.id = r.{_owner(model)}"
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {rows}"


def _value(model: type[models.Model], field: Any) -> str:
    own = f"r.{field.column}"
    if (model, field.column) in _SPECIAL:
        return _SPECIAL[model, field.column]
    if field.column in ("case_id", "stream"):
        return "c.new_id"
    if isinstance(field, models.DateTimeField):
        return f"{own} - c.span"
    if isinstance(field, models.DateField):
        return f"({own} - c.span)::date"
    is_key = field.primary_key or field.column == "order_id"
    return f"pg_temp.moved({own}, c.span)" if is_key else own


_MONTH = "'@' || to_char({} AT TIME ZONE 'Asia/Shanghai', 'YYYYMM')"
_REPORTED = "c.reported_at"
_SPECIAL: dict[tuple[type[models.Model], str], str] = {
    (Case, "id"): "c.new_id",
    (
        Case,
        "number",
    ): "to_char(r.reported_at - c.span, 'YYYY') || lpad(nextval('cases_number')::text, 8, '0')",
    (Case, "tracking_code"): "upper(substr(md5(c.new_id::text), 1, 16))",
    (Case, "source_ref"): "''",
    (CaseWords, "words"): (
        f"ts_delete(r.words, {_MONTH.format(_REPORTED)})"
        f" || quote_literal({_MONTH.format(f'({_REPORTED} - c.span)')})::tsvector"
    ),
}
