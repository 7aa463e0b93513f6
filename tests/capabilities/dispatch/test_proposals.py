"""To whom a case is proposed, why, and when a person has to judge."""

import pytest

from gridloop.capabilities.dispatch.actions.learning import learn_pending
from gridloop.capabilities.dispatch.actions.rules import add_rule
from gridloop.capabilities.dispatch.options import Option, Proposals, Source
from gridloop.capabilities.dispatch.proposals import propose
from gridloop.core.cases import actions
from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.models import Case
from gridloop.core.org import actions as org
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, MINUTE, World, make_world
from tests.core.catalogue.factories import make_duty
from tests.core.org.factories import DEGREE

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """A town with boundaries, whose duty list gives litter to the office and says nothing of weeds."""
    world = make_world(boundaries=True)
    make_duty(world.catalogue.litter, world.town.office)
    return world


def asked(case: Case) -> Proposals:
    return propose([Case.objects.get(pk=case.pk)], at=AT + DAY)[case.pk]


def weeds(world: World, at=AT, **changes) -> Case:
    return factories.registered(world, at, category_id=world.catalogue.weeds.pk, **changes)


def closed_by(world: World, case: Case, unit_id: int, role: Role) -> None:
    at, who = AT + HOUR, world.actors[role]
    actions.dispatch(case.pk, actor=world.operator, at=at, lead_unit_id=unit_id)
    actions.sign_for(case.pk, actor=who, at=at)
    actions.submit_result(case.pk, actor=who, at=at, note="已办")
    actions.verify_pass(case.pk, actor=world.operator, at=at)
    actions.close(case.pk, actor=world.operator, at=at)


def history(world: World, count: int = 6, **changes) -> None:
    """Weeds were closed by the village's committee, so often."""
    for n in range(count):
        case = weeds(world, AT + n * MINUTE, **changes)
        closed_by(world, case, world.town.committee.pk, Role.SECRETARY)
    learn_pending()


def words(option: Option) -> str:
    return "；".join(term.words for term in option.terms if term.words)


def terms(option: Option) -> dict[str, float]:
    return {term.name: term.value for term in option.terms}


def test_the_duty_list_stands_first_with_its_reason(world: World) -> None:
    told = asked(factories.registered(world))
    assert told.is_certain
    assert (told.options[0].unit_id, told.options[0].source) == (world.lead_unit, Source.DUTY)
    assert "“暴露垃圾”在履职清单中列为" in words(told.options[0])


def test_where_nothing_speaks_a_person_is_asked(world: World) -> None:
    told = asked(weeds(world))
    assert (told.options, told.is_certain) == ((), False)
    assert "请人工判断" in told.ask


def test_who_has_lately_closed_such_cases_is_proposed_with_a_number_to_read_out(world: World) -> None:
    history(world)
    told = asked(weeds(world, AT + HOUR))
    first = told.options[0]
    assert (first.unit_id, first.source, told.is_certain) == (world.town.committee.pk, Source.LEARNED, True)
    assert "从近来同类案件看" in words(first)
    assert "位置在柳桥村委会的辖区柳桥村内" in words(first)


def test_below_the_floor_what_is_learnt_is_no_proposal_to_go_by(world: World, settings) -> None:
    history(world)
    settings.PROPOSAL_RULES = {"floor": 1.01}
    told = asked(weeds(world, AT + HOUR))
    assert told.options
    assert "请人工判断" in told.ask


def test_a_unit_of_another_village_is_never_proposed(world: World) -> None:
    history(world)
    told = asked(weeds(world, AT + HOUR, region_id=world.town.other_village.pk))
    assert world.town.committee.pk not in [option.unit_id for option in told.options]


def test_the_score_is_the_weighed_mean_of_its_terms(world: World) -> None:
    history(world)
    for option in asked(factories.registered(world, AT + HOUR)).options:
        whole = sum(term.weight for term in option.terms)
        assert option.score == pytest.approx(sum(t.weight * t.value for t in option.terms) / whole)
        assert 0 <= option.score <= 1
        assert all(0 <= term.value <= 1 for term in option.terms)


def test_a_rule_goes_before_the_duty_list_only_where_it_says_so_and_then_it_is_told(world: World) -> None:
    centre = world.town.centre.pk
    case = factories.registered(world)
    rule = {"actor": world.leader, "at": AT, "lead_id": centre, "words": ["建筑垃圾"]}
    add_rule(**rule, name="建筑垃圾归中心")
    assert asked(case).options[0].unit_id == world.lead_unit
    louder = add_rule(**rule, name="建筑垃圾急办", beats_duty=True)
    first = asked(case).options[0]
    assert (first.unit_id, first.source, first.rule_id) == (centre, Source.RULE, louder.pk)
    assert "按本镇规则“建筑垃圾急办”派给指挥中心，该规则明确优先于履职清单" in words(first)


def test_a_rule_answers_where_the_duty_list_is_silent_and_brings_assistants(world: World) -> None:
    committee = world.town.committee.pk
    add_rule(
        actor=world.leader, at=AT, name="杂草", lead_id=world.lead_unit, assist_unit_ids=[committee],
        category_ids=[world.catalogue.weeds.pk],
    )  # fmt: skip
    first = asked(weeds(world)).options[0]
    assert (first.unit_id, first.assist_unit_ids) == (world.lead_unit, (committee,))


def test_where_the_unit_allows_it_the_person_who_answers_for_the_place_is_named(world: World) -> None:
    org.amend_unit(world.town.committee.pk, takes_named=True)
    history(world)
    named = {world.actors[role].user_id for role in (Role.SECRETARY, Role.GRID_WORKER)}
    first = asked(weeds(world, AT + HOUR)).options[0]
    assert first.assignee_id in named
    assert "可直接派到" in words(first)
    org.amend_unit(world.town.committee.pk, takes_named=False)
    assert asked(weeds(world, AT + HOUR)).options[0].assignee_id is None


def test_a_unit_that_sent_the_case_back_is_not_simply_proposed_again(world: World) -> None:
    case = factories.send_back(world, factories.dispatched(world), AT + HOUR)
    told = asked(case)
    assert not told.is_certain
    assert "已退回本案" in told.ask


def test_what_really_happens_is_held_against_the_duty_list(world: World) -> None:
    for n in range(12):
        case = factories.registered(world, AT + n * MINUTE)
        closed_by(world, case, world.town.committee.pk, Role.SECRETARY)
    learn_pending()
    told = asked(factories.registered(world, AT + HOUR))
    assert told.options[0].unit_id == world.lead_unit
    assert "履职清单写的是综合执法局，近来此类案件却多由柳桥村委会办理" in told.ask


class TestBoundaries:
    """The other village begins two squares east of the town's corner; a degree of longitude is some 95 km."""

    EAST = 120 + 2 * DEGREE

    def near(self, world: World, metres: float, **changes) -> Case:
        return factories.registered(
            world, region_id=None, lon=self.EAST - metres / 95_000, lat=31.005, **changes
        )

    def test_a_point_near_two_villages_names_both_and_the_metres(self, world: World) -> None:
        note = asked(self.near(world, 20)).boundary
        assert note is not None
        assert (note.first, note.second) == ("柳桥村", "东塘村")
        assert note.metres == pytest.approx(20, abs=2)
        assert "位于柳桥村与东塘村交界" in note.words

    def test_beyond_the_towns_distance_it_is_no_boundary_case(self, world: World, settings) -> None:
        assert asked(self.near(world, 50)).boundary is None
        settings.PROPOSAL_RULES = {"boundary_m": 60}
        assert asked(self.near(world, 50)).boundary is not None

    def test_two_grids_of_one_village_are_one_jurisdiction(self, world: World) -> None:
        case = factories.registered(world, region_id=None, lon=120 + DEGREE, lat=31.005)
        assert asked(case).boundary is None

    def test_a_person_judges_where_the_two_sides_have_different_leads(self, world: World) -> None:
        assert asked(self.near(world, 20)).is_certain
        make_duty(world.catalogue.litter, world.town.committee, region_id=world.town.other_village.pk)
        told = asked(self.near(world, 20))
        assert not told.is_certain
        assert "两侧主办单位不同" in told.ask


class TestContinuity:
    def test_a_linked_case_speaks_for_the_unit_that_had_it(self, world: World) -> None:
        history(world)
        earlier = weeds(world, AT)
        closed_by(world, earlier, world.lead_unit, Role.HANDLER)
        case = weeds(world, AT + HOUR)
        actions.link(case.pk, actor=world.operator, at=AT + HOUR, other=earlier.pk)
        office = next(o for o in asked(case).options if o.unit_id == world.lead_unit)
        assert "与本案关联或重复的案件由综合执法局办理" in words(office)

    @pytest.mark.parametrize("is_secret", [False, True])
    def test_the_same_reporter_speaks_unless_one_asked_for_secrecy(
        self, world: World, is_secret: bool
    ) -> None:
        history(world)
        who = {"reporter": ReporterData("", "13800000001"), "is_confidential": is_secret}
        closed_by(world, weeds(world, AT, **who), world.lead_unit, Role.HANDLER)
        told = asked(weeds(world, AT + HOUR, **who))
        heard = any("同一上报人" in words(option) for option in told.options)
        assert heard is not is_secret


def test_busy_units_are_told_to_be_busy(world: World) -> None:
    free = terms(asked(factories.registered(world)).options[0])["load"]
    for _n in range(8):
        factories.dispatched(world)
    busy = asked(factories.registered(world)).options[0]
    assert terms(busy)["load"] < free
    assert "在办8件" in words(busy)


def test_many_cases_cost_no_more_statements_than_one(world: World, django_assert_num_queries) -> None:
    history(world)
    org.amend_unit(world.town.committee.pk, takes_named=True)
    cases = [
        factories.registered(world, AT + n * MINUTE, region_id=None, lon=120.005, lat=31.005)
        for n in range(12)
    ]
    cases += [weeds(world, AT + n * MINUTE) for n in range(12)]
    fresh = list(Case.objects.filter(pk__in=[case.pk for case in cases]))
    propose(fresh, at=AT + DAY)
    with django_assert_num_queries(5):
        propose(fresh[:2] + fresh[-2:], at=AT + DAY)
    with django_assert_num_queries(5):
        assert len(propose(fresh, at=AT + DAY)) == 24
