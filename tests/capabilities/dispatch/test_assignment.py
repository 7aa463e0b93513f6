"""The assignment of a batch, held against every way there is and against an independent exact solver."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

from gridloop.capabilities.dispatch.assignment import NOBODY, Seats, assign, cost_of


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def seats_alone(room: np.ndarray, rise: int = 0) -> Seats:
    """Seats that are each a unit of their own."""
    m = len(room)
    return Seats(room, np.full(m, rise), np.arange(m), np.full(m, 10**6), np.zeros(m, dtype=np.int64))


def cheapest_of_all(costs: np.ndarray, seats: Seats) -> tuple[int, int]:
    """Try every way there is."""
    ways = product(*([NOBODY, *np.flatnonzero(row != NOBODY)] for row in costs))
    return min(cost_of(costs, seats, ints(*way)) for way in ways if fits(seats, ints(*way)))


def fits(seats: Seats, chosen: np.ndarray) -> bool:
    taken = chosen[chosen != NOBODY]
    by_seat = np.bincount(taken, minlength=len(seats.room))
    by_unit = np.bincount(seats.unit[taken], minlength=len(seats.unit_room))
    return bool((by_seat <= seats.room).all() and (by_unit <= seats.unit_room).all())


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, Seats]:
    n, m = draw(st.integers(0, 6)), draw(st.integers(1, 4))
    u = draw(st.integers(1, m))
    cost = st.one_of(st.just(NOBODY), st.integers(0, 30))
    costs = [draw(st.lists(cost, min_size=m, max_size=m)) for _case in range(n)]

    def some(most: int, count: int) -> np.ndarray:
        return ints(*draw(st.lists(st.integers(0, most), min_size=count, max_size=count)))

    seats = Seats(some(3, m), some(9, m), some(u - 1, m), some(5, u), some(9, u))
    return np.array(costs, dtype=np.int64).reshape(n, m), seats


@given(problems())
def test_no_other_way_seats_more_cases_or_seats_them_for_less(problem: tuple[np.ndarray, Seats]):
    costs, seats = problem
    chosen = assign(costs, seats)
    assert fits(seats, chosen)
    assert all(costs[case, seat] != NOBODY for case, seat in enumerate(chosen) if seat != NOBODY)
    assert cost_of(costs, seats, chosen) == cheapest_of_all(costs, seats)


@pytest.mark.parametrize("size", [100, 200])
def test_one_case_for_each_person_costs_what_an_independent_exact_solver_finds(size: int):
    costs = np.random.default_rng(size).integers(1, 101, (size, size))
    solver = SimpleLinearSumAssignment()
    rows, columns = np.divmod(np.arange(size * size), size)
    solver.add_arcs_with_cost(rows, columns, costs.ravel())
    assert solver.solve() == solver.OPTIMAL
    seats = seats_alone(np.ones(size, dtype=np.int64))
    assert cost_of(costs, seats, assign(costs, seats)) == (0, solver.optimal_cost())


def test_people_who_can_take_several_cost_what_as_many_copies_of_them_would():
    people, each = 30, 4
    costs = np.random.default_rng(7).integers(0, 10_000, (people * each, people))
    solver = SimpleLinearSumAssignment()
    copies = np.repeat(costs, each, axis=1)
    rows, columns = np.divmod(np.arange(copies.size), copies.shape[1])
    solver.add_arcs_with_cost(rows, columns, copies.ravel())
    assert solver.solve() == solver.OPTIMAL
    seats = seats_alone(np.full(people, each))
    assert cost_of(costs, seats, assign(costs, seats)) == (0, solver.optimal_cost())


def test_equal_proposals_spread_over_those_who_could_take_them():
    costs = np.zeros((9, 3), dtype=np.int64)
    chosen = assign(costs, seats_alone(np.full(3, 9), rise=1))
    assert sorted(np.bincount(chosen)) == [3, 3, 3]


def test_who_is_full_and_who_must_not_leave_the_case_to_a_person():
    costs = np.array([[5, NOBODY], [1, NOBODY], [NOBODY, NOBODY]], dtype=np.int64)
    assert list(assign(costs, seats_alone(ints(1, 9)))) == [NOBODY, 0, NOBODY]


def test_a_unit_s_own_limit_holds_whatever_room_its_people_have():
    seats = Seats(ints(5, 5, 5), ints(0, 0, 0), ints(0, 0, 1), ints(2, 5), ints(0, 0))
    chosen = assign(np.array([[0, 0, 50]] * 4, dtype=np.int64), seats)
    assert np.count_nonzero(seats.unit[chosen] == 0) == 2


def test_numbers_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="same seats"):
        assign(np.zeros((2, 3), dtype=np.int64), seats_alone(ints(1, 1)))
    with pytest.raises(ValueError, match="negative"):
        assign(np.full((1, 1), -2, dtype=np.int64), seats_alone(ints(1)))
