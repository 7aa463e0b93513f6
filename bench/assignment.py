"""
How long one optimal assignment of a batch takes: `python bench/assignment.py`, JSON to stdout.

1,000 cases × 200 people in 40 units: everybody could take every case, and, as in a town, three could.
"""

import argparse
import json
import os
import platform
import statistics
import time

import numpy as np

from gridloop.capabilities.dispatch.assignment import NOBODY, Seats, assign, cost_of

MOST_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    found = [measure(options, able) for able in (options.people, 3)]
    print(json.dumps({"machine": f"{platform.machine()}, {os.cpu_count()} cores", "rows": found}, indent=2))
    if any(row["worst_s"] > MOST_S for row in found):
        raise SystemExit(f"more than {MOST_S} s")


def measure(options: argparse.Namespace, able: int) -> dict[str, float]:
    rng = np.random.default_rng(1)
    people, times, left = options.people, [], 0
    unit = rng.integers(0, options.units, people)
    room = np.full(people, -(-options.cases // people) + 2)
    rise, unit_rise = np.full(people, 300), np.full(options.units, 40)
    seats = Seats(room, rise, unit, np.bincount(unit, room, options.units).astype(np.int64), unit_rise)
    for _round in range(options.rounds):
        costs = rng.integers(0, 10_000, (options.cases, people))
        order = rng.permuted(np.tile(np.arange(people), (options.cases, 1)), axis=1)
        costs[order >= able] = NOBODY
        began = time.perf_counter()
        chosen = assign(costs, seats)
        times.append(time.perf_counter() - began)
        left = cost_of(costs, seats, chosen)[0]
    return {
        "cases": options.cases,
        "people": people,
        "who_could_take_each": able,
        "left_to_a_person": left,
        "median_s": round(statistics.median(times), 4),
        "worst_s": round(max(times), 4),
    }


if __name__ == "__main__":
    main()
