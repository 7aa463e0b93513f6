"""What the database says afterwards of the cases that were acknowledged."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection

from bench.lifecycle import MARK, VERBS, Arrival
from gridloop.base.common.worktime import LimitUnit
from gridloop.capabilities.figures.actions.folding import fold
from gridloop.core.audit.chain import GENESIS
from gridloop.core.audit.reader import lines_of
from gridloop.core.cases.casefile import open_file
from gridloop.core.cases.models import Case, Clock
from gridloop.core.org.calendar import work_time

_WRONG_COUNTERS = """
    WITH days AS MATERIALIZED (
        SELECT DISTINCT t.day FROM figures_tally t JOIN cases_case c ON c.id = t.case_id WHERE c.address = %s
    ), counted AS (
        SELECT what, day, region_id, unit_id, count(*) AS n FROM figures_tally
        WHERE day IN (SELECT day FROM days) GROUP BY 1, 2, 3, 4
    ), kept AS (
        SELECT what, starts_on AS day, region_id, unit_id, n FROM figures_counter
        WHERE grain = 'd' AND axis = '' AND n <> 0 AND starts_on IN (SELECT day FROM days)
    )
    SELECT count(*) FROM counted FULL JOIN kept USING (what, day, region_id, unit_id)
    WHERE counted.n IS DISTINCT FROM kept.n
"""


def shortcomings(arrivals: Iterable[Arrival]) -> list[str]:
    """
    Return everything that does not hold, in words: nothing where each acknowledged step is there once.

    Compared are the keys of the cases, the verbs of their logs, the chain of every log and where it ends, and
    every clock with what the calendar says.
    """
    arrivals = list(arrivals)
    found = {case.pk: case for case in Case.objects.filter(address=MARK).select_related("region")}
    sent = {arrival.key for arrival in arrivals}
    wrong = [f"{key}: a case that nobody reported" for key in found.keys() - sent]
    for arrival in arrivals:
        case = found.get(arrival.key)
        if case is None:
            wrong += [f"{arrival.key}: lost"] if "report" in arrival.acknowledged else []
            continue
        wrong += [f"{arrival.key}: {fault}" for fault in _faults(case, arrival)]
    return wrong


def _faults(case: Case, arrival: Arrival) -> list[str]:
    lines = lines_of(str(case.pk))
    verbs = [str(line.verb) for line in lines]
    done = [step for step in arrival.acknowledged if step in VERBS]
    faults = [f"{verb} twice" for verb, times in Counter(verbs).items() if times > 1]
    faults += [f"{verb} acknowledged and not there" for verb in done if verb not in verbs]
    prev = GENESIS
    for seq, line in enumerate(lines, 1):
        if line.seq != seq or line.prev != prev or line.rehash() != line.hash:
            faults.append(f"the log does not hold at line {seq}")
            break
        prev = line.hash
    if lines and (case.version, bytes(case.log_head), case.state) != (lines[-1].seq, prev, lines[-1].target):
        faults.append("the case does not stand where its log ends")
    return faults + _clock_faults(case)


def _clock_faults(case: Case) -> list[str]:
    file, work = open_file(case), work_time()
    faults = [
        f"the clock {clock.stage} ends at another time than the calendar says"
        for clock in Clock.objects.filter(case=case)
        if work.due(clock.started_at, clock.amount, LimitUnit(clock.unit)) != clock.due_at
    ]
    running = sorted(clock.due_at for clock in file.clocks if clock.is_running)
    if (running[0] if running else None) != case.due_at:
        faults.append("the case is due at another time than its clocks")
    if case.closed_at is not None and running:
        faults.append("a clock runs though the case is closed")
    return faults


def jobs() -> dict[str, int]:
    """Return how many jobs are in which state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")
        return {str(status): int(count) for status, count in cursor.fetchall()}


def doubled_jobs() -> list[str]:
    """
    Return what the jobs did twice or not at all, in words.

    Each verb leaves changes that a job folds into the figures: a fold that was broken off and begun again
    must count each of them once. So the counters of the days of the run are compared with the cases.
    """
    fold()
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_COUNTERS, [MARK])
        wrong = int(cursor.fetchone()[0])
    return [f"{wrong} counters do not say what the cases say"] if wrong else []


def take_out() -> int:
    """Remove the cases of the run with all that hangs on them, past the triggers that guard a town's log."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE gone AS SELECT id FROM cases_case WHERE address = %s", [MARK])
        # With its trigger, so that the counters follow.
        cursor.execute("DELETE FROM figures_tally WHERE case_id IN (SELECT id FROM gone)")
        cursor.execute("SET session_replication_role = replica")
        for table, column in _hanging(cursor):
            cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" IN (SELECT id FROM gone)')
        cursor.execute("DELETE FROM audit_entry WHERE stream IN (SELECT id FROM gone)")
        cursor.execute("DELETE FROM cases_case WHERE id IN (SELECT id FROM gone)")
        count = cursor.rowcount
        cursor.execute("DROP TABLE gone")
        cursor.execute("RESET session_replication_role")
    fold()
    return int(count)


def _hanging(cursor: Any) -> list[tuple[str, str]]:
    """Return the tables and columns that refer to a case."""
    cursor.execute(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.confrelid = 'cases_case'::regclass"
    )
    return [(str(table).strip('"'), str(column)) for table, column in cursor.fetchall()]
