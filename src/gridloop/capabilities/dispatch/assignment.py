"""
One optimal assignment over a whole batch: which case goes to which seat, under capacities. Plain Python.

A seat is a person, or a unit that takes cases as a whole; each stands in a unit. Costs are whole numbers,
so that "optimal" means exactly that: as many cases as can be are seated, and of all ways to do so the
cheapest one is taken. What a further case costs rises with each one that a seat and its unit have got
already, so that equal proposals spread over those who could take them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

Ints = NDArray[np.int64]
NOBODY = -1  # a cost: this seat must not have the case; a result: no seat is left for it


@dataclass(frozen=True, slots=True)
class Seats:
    """
    Who can take cases: m seats, each in one of u units.

    `room` and `rise` (m): how many more cases a seat can take, and by how much the next costs more than the
    one before. `unit` (m): the index of its unit. `unit_room` and `unit_rise` (u): the same for the unit as a
    whole.
    """

    room: Ints
    rise: Ints
    unit: Ints
    unit_room: Ints
    unit_rise: Ints


def assign(costs: Ints, seats: Seats) -> Ints:
    """
    Return the seat of each case, NOBODY where none is left for it.

    :param costs: n cases × m seats, whole numbers ≥ 0; NOBODY where the seat must not have the case.
    :raises ValueError: the shapes do not fit together, or a cost, a room or a rise is negative.
    """
    _check(costs, seats)
    cases, count = costs.shape
    if not cases or not count:
        return np.full(cases, NOBODY, dtype=np.int64)
    flow, (rows, columns) = SimpleMinCostFlow(), np.nonzero(costs != NOBODY)
    units = len(seats.unit_room)
    seat_nodes, unit_nodes, sink = cases, cases + count, cases + count + units
    ones = np.ones(len(rows), dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(rows, seat_nodes + columns, ones, costs[rows, columns])
    _add_rising(flow, seat_nodes, unit_nodes + seats.unit, seats.room, seats.rise, cases)
    _add_rising(flow, unit_nodes, np.full(units, sink), seats.unit_room, seats.unit_rise, cases)
    _add_way_out(flow, cases, sink, _more_than_all(costs, seats))
    flow.set_nodes_supplies(np.arange(cases), np.ones(cases, dtype=np.int64))
    flow.set_node_supply(sink, -cases)
    if (status := flow.solve()) != flow.OPTIMAL:
        raise AssertionError(f"the assignment was not solved: {status}")
    return _seats_of(flow, rows, columns, cases)


def cost_of(costs: Ints, seats: Seats, chosen: Ints) -> tuple[int, int]:
    """Return how many cases are without a seat, and what the others cost: the least of both is sought."""
    seated = np.flatnonzero(chosen != NOBODY)
    total = int(costs[seated, chosen[seated]].sum())
    for rise, taken in (
        (seats.rise, np.bincount(chosen[seated], minlength=len(seats.room))),
        (seats.unit_rise, np.bincount(seats.unit[chosen[seated]], minlength=len(seats.unit_room))),
    ):
        total += int((rise * taken * (taken - 1) // 2).sum())
    return len(chosen) - len(seated), total


def _add_rising(flow: SimpleMinCostFlow, first: int, heads: Ints, room: Ints, rise: Ints, cases: int) -> None:
    # One arc for each case that could still come, each dearer than the last, so they fill in turn.
    most = np.minimum(room, cases)
    owner = np.repeat(np.arange(len(room)), most)
    before = np.concatenate([np.arange(n) for n in most]) if len(owner) else np.zeros(0, dtype=np.int64)
    ones = np.ones(len(owner), dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(first + owner, heads[owner], ones, rise[owner] * before)


def _add_way_out(flow: SimpleMinCostFlow, cases: int, sink: int, cost: int) -> None:
    every = np.arange(cases)
    ones = np.ones(cases, dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(every, np.full(cases, sink), ones, ones * cost)


def _more_than_all(costs: Ints, seats: Seats) -> int:
    """Return a cost that no re-seating of all cases together can outweigh: first as many as can be."""
    cases = len(costs)
    dearest = int(costs.max()) + cases * (int(seats.rise.max()) + int(seats.unit_rise.max()))
    return cases * (dearest + 1)


def _seats_of(flow: SimpleMinCostFlow, rows: Ints, columns: Ints, cases: int) -> Ints:
    chosen = np.full(cases, NOBODY, dtype=np.int64)
    taken = np.flatnonzero(flow.flows(np.arange(len(rows))))
    chosen[rows[taken]] = columns[taken]
    return chosen


def _check(costs: Ints, seats: Seats) -> None:
    m, u = len(seats.room), len(seats.unit_room)
    if costs.ndim != 2 or costs.shape[1] != m or len(seats.rise) != m or len(seats.unit) != m:
        raise ValueError("costs, room, rise and unit must speak of the same seats")
    if len(seats.unit_rise) != u or (m and not 0 <= seats.unit.min() <= seats.unit.max() < u):
        raise ValueError("a seat stands in a unit that is not there")
    numbers = (seats.room, seats.rise, seats.unit_room, seats.unit_rise)
    if (costs < NOBODY).any() or any((part < 0).any() for part in numbers):
        raise ValueError("costs, rooms and rises cannot be negative")
