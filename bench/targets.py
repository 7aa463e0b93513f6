"""What the figures are held against. A miss is told in words and kept with the figures."""

from collections.abc import Iterator
from typing import Any

MOST_STATEMENTS = {
    "create": 14,
    "inbox": 6,
    "list, filtered": 6,
    "list of a unit": 6,
    "word search": 6,
    "list by API": 6,
    "map window": 6,
    "centre, duty": 8,
    "centre, analysis": 8,
    "centre, visit": 8,
    "centre, cases on the map": 8,
    "centre, squares on the map": 8,
    "centre, a day played": 8,
    "dispatch queue": 8,
    "scores": 8,
    "brief, its figures": 8,
}
CREATE = "create"
WRITES = (CREATE, "sign", "submit result")
SHARE_OF_LIMIT = 1 / 8
MOST_SLOWER = 1.5
MOST_MEMORY_MB = 250


def misses(sizes: dict[int, dict[str, Any]]) -> list[str]:
    """Return what is missed, size by size; the smallest size is what the others are compared with."""
    first = {row["name"]: row for row in next(iter(sizes.values()))["rows"]}
    return [f"{size:,}: {miss}" for size, found in sizes.items() for miss in _of_one(found, first)]


def _of_one(found: dict[str, Any], first: dict[str, dict[str, Any]]) -> Iterator[str]:
    for row in found["rows"]:
        name, most = row["name"], MOST_STATEMENTS.get(row["name"])
        if row["wrong"]:
            yield f"{name}: refused {row['wrong']}"
        if most is not None and row["statements_most"] > most:
            usual = row["statements"]
            yield f"{name}: up to {row['statements_most']} statements, usually {usual}; {most} wanted"
        if name not in WRITES and row["p95_ms"] > MOST_SLOWER * first[name]["p95_ms"]:
            yield f"{name}: p95 {row['p95_ms']} ms against {first[name]['p95_ms']} ms at the smallest size"
        wanted = found["limit_per_second"] * SHARE_OF_LIMIT
        if name == CREATE and row["per_second"] < wanted:
            yield f"create: {row['per_second']}/s, {wanted:.1f}/s wanted (an eighth of what psycopg writes)"
    if found["web_mb"] > MOST_MEMORY_MB:
        yield f"a web process takes {found['web_mb']} MB, {MOST_MEMORY_MB} wanted"
