"""From proposals to one plan for a batch: what is fixed, what is balanced, what is left to a person."""

from collections import Counter
from uuid import UUID

from gridloop.capabilities.dispatch.options import Option, Proposals, Source, Term
from gridloop.capabilities.dispatch.planning import Planned, Room, Wish, plan, reasons

LAW, TEAM, OTHER = 1, 2, 3
WANG, LI, ZHAO = 11, 12, 13


def option(unit: int, score: float, *, source: Source = Source.LEARNED, person: int | None = None) -> Option:
    term = Term("history", "历史", 1.0, 1.0, f"同类案件多由单位{unit}办结。")
    return Option(unit, f"单位{unit}", (), person, score, (term,), source)


def proposals(n: int, *options: Option, is_certain: bool = True) -> Proposals:
    return Proposals(UUID(int=n), options, is_certain=is_certain, ask="" if is_certain else "历史太少")


def units(planned: list[Planned]) -> Counter[int | None]:
    return Counter(made.unit_id for made in planned)


def test_the_highest_scores_win_where_there_is_room():
    made = plan([proposals(1, option(LAW, 0.9), option(TEAM, 0.4))], Room())
    assert (made[0].unit_id, made[0].rank, made[0].left_out) == (LAW, 1, "")


def test_equal_proposals_spread_over_the_units():
    batch = [proposals(n, option(LAW, 0.8), option(TEAM, 0.8)) for n in range(10)]
    assert units(plan(batch, Room())) == {LAW: 5, TEAM: 5}


def test_balance_never_takes_a_case_from_whom_the_duty_list_or_a_rule_names():
    for source in (Source.DUTY, Source.RULE):
        batch = [proposals(n, option(LAW, 0.8, source=source), option(TEAM, 0.8)) for n in range(200)]
        assert units(plan(batch, Room())) == {LAW: 200}


def test_who_is_full_gives_way_to_the_next_proposal_and_at_last_to_a_person():
    batch = [proposals(n, option(LAW, 0.9), option(TEAM, 0.3)) for n in range(6)]
    made = plan(batch, Room(in_hand={LAW: 8, TEAM: 1}, most={LAW: 10, TEAM: 4}))
    assert units(made) == {LAW: 2, TEAM: 3, None: 1}
    left = next(one for one in made if one.unit_id is None)
    assert left.left_out == "full"
    assert "单位1、单位2" in left.reason


def test_a_duty_s_own_unit_that_is_full_leaves_the_case_to_a_person_and_not_to_another_unit():
    made = plan([proposals(1, option(LAW, 1, source=Source.DUTY), option(TEAM, 0.9))], Room(most={LAW: 0}))
    assert (made[0].unit_id, made[0].left_out) == (None, "full")


def test_what_is_not_certain_is_left_to_a_person_unless_a_person_chose():
    batch = [proposals(n, option(LAW, 0.3), is_certain=False) for n in (1, 2)]
    made = plan(batch, Room(), {UUID(int=2): Wish(rank=1)})
    assert [(m.unit_id, m.left_out) for m in made] == [(None, "ask"), (LAW, "")]
    assert made[0].reason == "历史太少"
    assert made[1].is_by_hand


def test_what_a_person_chose_counts_against_the_room_of_the_others():
    batch = [proposals(n, option(LAW, 0.9), option(TEAM, 0.5)) for n in (1, 2)]
    made = plan(batch, Room(most={LAW: 1}), {UUID(int=1): Wish(unit_id=LAW)})
    assert [m.unit_id for m in made] == [LAW, TEAM]


def test_a_unit_beyond_the_proposals_can_be_chosen_by_hand():
    made = plan([proposals(1, option(LAW, 0.9))], Room(), {UUID(int=1): Wish(unit_id=OTHER)})
    assert (made[0].unit_id, made[0].rank, made[0].is_by_hand) == (OTHER, None, True)


def test_work_by_name_spreads_over_the_people_of_the_unit_the_least_busy_first():
    batch = [proposals(n, option(TEAM, 0.9, person=WANG)) for n in range(5)]
    room = Room(people={TEAM: [WANG, LI, ZHAO]}, in_hand_of={ZHAO: 20}, most_each={TEAM: 22})
    people = Counter(made.person_id for made in plan(batch, room))
    assert people[WANG] == 3
    assert people[LI] == 2


def test_nobody_gets_more_by_name_than_they_can_have_in_hand():
    batch = [proposals(n, option(TEAM, 0.9, person=WANG)) for n in range(5)]
    room = Room(people={TEAM: [WANG, LI]}, in_hand_of={WANG: 9, LI: 8}, most_each={TEAM: 10})
    people = Counter(made.person_id for made in plan(batch, room))
    assert (people[WANG], people[LI], people[None]) == (1, 2, 2)


def test_the_reasons_that_count_most_are_read_out_first():
    terms = (
        Term("load", "负荷", 0.5, 0.1, "在办较少"),
        Term("duty", "履职清单", 1.0, 0.6, "履职清单列明主办。"),
        Term("distance", "距离", 0.0, 0.1, ""),
    )
    assert reasons(Option(LAW, "单位1", (), None, 0.8, terms, Source.DUTY)) == "履职清单列明主办。在办较少"
