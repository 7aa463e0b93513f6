from django.db import migrations

# Every change of the tallies, whoever makes it, is written down once for all its rows.
_COUNTED = "SELECT day, what, region_id, unit_id, category_id, channel, {sign}1 AS n, {sign}(is_excluded::int) AS excluded FROM {rows}"
_INSERT = """
    INSERT INTO figures_delta (day, what, region_id, unit_id, category_id, channel, n, excluded)
    SELECT day, what, region_id, unit_id, category_id, channel, sum(n), sum(excluded) FROM ({rows}) AS changed
    GROUP BY day, what, region_id, unit_id, category_id, channel
    HAVING sum(n) <> 0 OR sum(excluded) <> 0;
"""
_NEW = _COUNTED.format(sign="", rows="new_rows")
_OLD = _COUNTED.format(sign="-", rows="old_rows")
_FUNCTION = """
    CREATE FUNCTION figures_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {body} RETURN NULL; END
    $$;
    CREATE TRIGGER figures_tally_{name} AFTER {event} ON figures_tally
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION figures_tally_{name}();
"""
_MADE = {
    "added": ("INSERT", "NEW TABLE AS new_rows", _INSERT.format(rows=_NEW)),
    "taken": ("DELETE", "OLD TABLE AS old_rows", _INSERT.format(rows=_OLD)),
    "changed": (
        "UPDATE",
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        _INSERT.format(rows=f"{_NEW} UNION ALL {_OLD}"),
    ),
}
FORWARD = "".join(
    _FUNCTION.format(name=name, event=event, tables=tables, body=body)
    for name, (event, tables, body) in _MADE.items()
)
BACK = "".join(
    f"DROP TRIGGER figures_tally_{name} ON figures_tally; DROP FUNCTION figures_tally_{name}();" for name in _MADE
)


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
