"""Folding the changes of the tallies into the counters, and proving the counters against the tallies."""

from collections.abc import Iterator

from django.db import connection, transaction

PORTION = 20_000
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('figures_counter'))"
# Every change goes into two counters of every axis: the day's, and the month's, which is the sum of its days.
_CELLS = """
    SELECT 'd' AS grain, * FROM days
    UNION ALL
    SELECT 'm', axis, what, date_trunc('month', starts_on)::date, region_id, unit_id, key,
           sum(n), sum(excluded)
    FROM days GROUP BY 2, 3, 4, 5, 6, 7
"""
_DAYS = """
    SELECT a.axis, d.what, d.day AS starts_on,
           CASE WHEN a.by_region THEN d.region_id ELSE 0 END AS region_id,
           CASE WHEN a.by_unit THEN d.unit_id ELSE 0 END AS unit_id,
           CASE a.key WHEN 'category' THEN d.category_id::text WHEN 'channel' THEN d.channel ELSE '' END
               AS key,
           sum(d.n)::int AS n, sum(d.excluded)::int AS excluded
    FROM {rows} AS d, (VALUES
        ('', true, true, ''), ('category', true, true, 'category'), ('channel', true, true, 'channel'),
        ('town', false, false, ''), ('region', true, false, ''), ('unit', false, true, ''),
        ('town_category', false, false, 'category'), ('town_channel', false, false, 'channel')
    ) AS a (axis, by_region, by_unit, key)
    GROUP BY 1, 2, 3, 4, 5, 6
"""
COLUMNS = "grain, axis, what, starts_on, region_id, unit_id, key"
_INTO = f"""
    INSERT INTO figures_counter AS c ({COLUMNS}, n, excluded)
    SELECT * FROM cells WHERE n <> 0 OR excluded <> 0
    ON CONFLICT ({COLUMNS}) DO UPDATE
        SET n = c.n + excluded.n, excluded = c.excluded + excluded.excluded
"""  # noqa: S608  # put together of our own words
_FOLD = f"""
    WITH gone AS (
        DELETE FROM figures_delta WHERE id IN (SELECT id FROM figures_delta ORDER BY id LIMIT %s) RETURNING *
    ), days AS ({_DAYS.format(rows="gone")}), cells AS ({_CELLS}), folded AS ({_INTO})
    SELECT count(*) FROM gone
"""  # noqa: S608  # put together of our own words
# What the counters should be, as rows `wanted`. In one snapshot with what they are, so that what is written
# meanwhile is in neither.
WANTED = f"""
    tallies AS (
        SELECT day, what, region_id, unit_id, category_id, channel,
               count(*)::int AS n, count(*) FILTER (WHERE is_excluded)::int AS excluded
        FROM figures_tally GROUP BY 1, 2, 3, 4, 5, 6
        UNION ALL
        SELECT day, what, region_id, unit_id, category_id, channel, -n, -excluded FROM figures_delta
    ), days AS ({_DAYS.format(rows="tallies")}), wanted AS ({_CELLS})
"""  # noqa: S608  # put together of our own words
_MEND = f"""
    WITH {WANTED}, cells AS (
        SELECT {COLUMNS}, sum(n) AS n, sum(excluded) AS excluded FROM (
            SELECT * FROM wanted
            UNION ALL SELECT {COLUMNS}, -n, -excluded FROM figures_counter WHERE grain IN ('d', 'm')
        ) AS both_sides GROUP BY {COLUMNS}
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
