"""Folding the changes of the tallies into the counters, and proving the counters against the tallies."""

from collections.abc import Iterator

from django.db import connection, transaction

PORTION = 20_000
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('figures_counter'))"
# Every change goes into six counters: by day and by month, undivided, by category and by channel.
_CELLS = """
    SELECT g.grain, a.axis, d.what,
           CASE g.grain WHEN 'd' THEN d.day ELSE date_trunc('month', d.day)::date END AS starts_on,
           d.region_id, d.unit_id,
           CASE a.axis WHEN 'category' THEN d.category_id::text WHEN 'channel' THEN d.channel ELSE '' END
               AS key,
           sum(d.n) AS n, sum(d.excluded) AS excluded
    FROM {rows} AS d,
         (VALUES ('d'), ('m')) AS g (grain),
         (VALUES (''), ('category'), ('channel')) AS a (axis)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_COLUMNS = "grain, axis, what, starts_on, region_id, unit_id, key"
_INTO = f"""
    INSERT INTO figures_counter AS c ({_COLUMNS}, n, excluded)
    SELECT * FROM cells WHERE n <> 0 OR excluded <> 0
    ON CONFLICT ({_COLUMNS}) DO UPDATE
        SET n = c.n + excluded.n, excluded = c.excluded + excluded.excluded
"""  # noqa: S608  # put together of our own words
_FOLD = f"""
    WITH gone AS (
        DELETE FROM figures_delta WHERE id IN (SELECT id FROM figures_delta ORDER BY id LIMIT %s) RETURNING *
    ), cells AS ({_CELLS.format(rows="gone")}), folded AS ({_INTO})
    SELECT count(*) FROM gone
"""  # noqa: S608  # put together of our own words
# What the counters should be, less what they are: in one snapshot, so that what is written meanwhile is in
# neither.
_MEND = f"""
    WITH tallies AS (
        SELECT day, what, region_id, unit_id, category_id, channel,
               count(*)::int AS n, count(*) FILTER (WHERE is_excluded)::int AS excluded
        FROM figures_tally GROUP BY 1, 2, 3, 4, 5, 6
        UNION ALL
        SELECT day, what, region_id, unit_id, category_id, channel, -n, -excluded FROM figures_delta
    ), wanted AS ({_CELLS.format(rows="tallies")}), cells AS (
        SELECT {_COLUMNS}, sum(n) AS n, sum(excluded) AS excluded FROM (
            SELECT * FROM wanted
            UNION ALL SELECT {_COLUMNS}, -n, -excluded FROM figures_counter WHERE grain IN ('d', 'm')
        ) AS both_sides GROUP BY {_COLUMNS}
    ), folded AS ({_INTO})
    SELECT count(*) FROM cells WHERE n <> 0 OR excluded <> 0
"""  # noqa: S608  # put together of our own words


def fold() -> int:
    """
    Fold all changes that are committed and return how many there were.

    Portion by portion, one at a time in the whole town; whoever reads meanwhile sees each change either in
    the counters or beside them.
    """
    return sum(_folded())


def _folded() -> Iterator[int]:
    while count := _fold_once():
        yield count


@transaction.atomic
def _fold_once() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_FOLD, [PORTION])
        return int(cursor.fetchone()[0])


@transaction.atomic
def mend_counters() -> int:
    """
    Make the counters the sums of the tallies and return how many were not: 0 unless somebody wrote past the
    triggers. Reads all tallies.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_MEND)
        return int(cursor.fetchone()[0])
