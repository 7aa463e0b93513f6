"""What the database alone can take: the rows of a report written by psycopg on as many connections."""

import secrets
import threading
import time
from typing import Any

import psycopg
from django.db import connection

from gridloop.base.common.ids import new_id
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case, CaseWords, Clock

TABLES = (Case, CaseWords, Clock, Entry)


def creates_per_second(conninfo: str, *, clients: int, longest_s: float) -> float:
    """Return how many reports a second go in where their rows are ready and only have to be written."""
    template = _template()
    done = [0] * clients
    start = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        with psycopg.connect(conninfo) as own:
            start.wait()
            until = time.perf_counter() + longest_s
            while time.perf_counter() < until:
                _write(own, template)
                done[number] += 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return round(sum(done) / (time.perf_counter() - began), 1)


def _template() -> list[tuple[str, list[str], list[Any]]]:
    """Return the rows of the newest report that has a clock, table by table, as statements and values."""
    case = (
        Case.objects.filter(state="reported", clocks__isnull=False)
        .order_by("-pk")
        .values_list("pk", flat=True)[0]
    )
    found = []
    with connection.cursor() as cursor:
        for model in TABLES:
            key = "stream" if model is Entry else "id" if model is Case else "case_id"
            table = model._meta.db_table
            names = [
                str(f.column)
                for f in model._meta.concrete_fields
                if not (model is Entry and f.column in {"id", "recorded_at"})
            ]
            cast = ", ".join(f"{name}::text" if name in {"words", "data"} else name for name in names)
            cursor.execute(f"SELECT {cast} FROM {table} WHERE {key} = %s LIMIT 1", [case])
            marks = ", ".join(
                "%s::tsvector" if name == "words" else "%s::jsonb" if name == "data" else "%s"
                for name in names
            )
            found.append(
                (f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", names, list(cursor.fetchone()))
            )
    return found


def _write(own: "psycopg.Connection[Any]", template: list[tuple[str, list[str], list[Any]]]) -> None:
    key = new_id()
    text = f"B{secrets.token_hex(7)}"
    fresh = {"number": text, "tracking_code": text, "source_ref": "", "stream": key, "case_id": key}
    with own.transaction():
        for statement, names, values in template:
            own_key = key if "tracking_code" in names else new_id()
            row = [
                own_key if name == "id" else fresh.get(name, value)
                for name, value in zip(names, values, strict=True)
            ]
            own.execute(statement, row, prepare=True)
