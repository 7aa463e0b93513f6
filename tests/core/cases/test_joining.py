"""Several cases: duplicates merged and parted, one split, related ones linked, a copy; and what reporters learn."""

from dataclasses import replace

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.base.common.ids import new_id
from gridloop.core.cases import actions
from gridloop.core.cases.actions import Part, ReporterData
from gridloop.core.cases.errors import InvalidTransition, LimitReached
from gridloop.core.cases.models import Case, CaseLink, Reporter
from gridloop.core.cases.outcome import outcome_of
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, holder_of, last_line, orders, running

pytestmark = pytest.mark.django_db

PARTS = [Part("柳桥路口建筑垃圾"), Part("柳桥路口路面破损", title="路面")]


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def merge(world: World, case: Case, into: Case, at=AT + HOUR) -> Case:
    return actions.merge(case.pk, actor=world.operator, at=at, into=into.pk)


def take_to_its_end(world: World, case: Case, at=AT + DAY) -> Case:
    if fresh(case).state == "registered":
        actions.dispatch(case.pk, actor=world.operator, at=at, lead_unit_id=world.lead_unit)
    actions.sign_for(case.pk, actor=world.handler, at=at)
    actions.submit_result(case.pk, actor=world.handler, at=at, note="已清运")
    actions.verify_pass(case.pk, actor=world.operator, at=at)
    return actions.close(case.pk, actor=world.operator, at=at)


class TestMerging:
    def test_the_duplicate_waits_with_its_clocks_its_orders_and_its_reporter(self, world: World) -> None:
        master = factories.registered(world)
        case = factories.handling(world, reporter=ReporterData(name="李四", phone="13900001234"))
        case = merge(world, case, master)
        assert (case.state, case.merged_into_id, case.due_at) == ("merged", master.pk, None)
        assert running(case) == set()
        assert case.clocks.get(stage=Stage.HANDLE).remaining is not None
        assert (Reporter.objects.get(case=case).name, orders(case)[0][2]) == ("李四", "handling")
        line = last_line(fresh(master))
        assert (line.verb, line.actor_kind, line.data["number"]) == ("take_in", "system", case.number)

    def test_undone_it_goes_on_where_it_was(self, world: World) -> None:
        for build in (factories.reported, factories.registered, factories.dispatched, factories.handling):
            master, case = factories.registered(world), build(world)
            state, clocks = case.state, running(case)
            merge(world, case, master)
            case = actions.unmerge(case.pk, actor=world.operator, at=AT + HOUR, note="并错了")
            assert (case.state, case.merged_into_id, running(case)) == (state, None, clocks)
            assert case.due_at == min(c.due_at for c in case.clocks.running())
            assert last_line(fresh(master)).verb == "let_go"

    def test_the_time_as_a_duplicate_does_not_count(self, world: World) -> None:
        case, master = factories.registered(world), factories.registered(world)
        due = case.due_at
        merge(world, case, master)
        case = actions.unmerge(case.pk, actor=world.operator, at=AT + DAY + HOUR, note="并错了")
        assert case.due_at == due + DAY

    @pytest.mark.parametrize(
        "build", [factories.closed, factories.rejected, factories.withdrawn, factories.merged]
    )
    def test_it_goes_into_no_case_that_has_ended(self, world: World, build) -> None:
        with pytest.raises(InvalidInput) as refusal:
            merge(world, factories.reported(world), build(world))
        assert "into" in refusal.value.fields

    def test_nor_into_itself_nor_into_one_that_is_hidden_or_not_there(self, world: World) -> None:
        case = factories.reported(world)
        with pytest.raises(InvalidInput, match="自己"):
            merge(world, case, case)
        with pytest.raises(NotFound):
            actions.merge(case.pk, actor=world.operator, at=AT, into=new_id())

    def test_a_case_with_duplicates_is_no_duplicate_itself(self, world: World) -> None:
        master, other, case = (factories.registered(world) for _n in range(3))
        merge(world, case, master)
        with pytest.raises(InvalidInput, match="已有案件并入"):
            merge(world, master, other)

    def test_a_part_is_no_duplicate_of_the_whole(self, world: World) -> None:
        whole = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        part = whole.children.order_by("pk")[0]
        for case, into in ((part, whole), (whole, part)):
            with pytest.raises(InvalidInput, match="拆分"):
                merge(world, case, into)

    def test_who_may_not_see_the_other_case_is_told_nothing_of_it(self, world: World) -> None:
        elsewhere = factories.add_person(world, Role.OPERATOR, "committee", "other_village", "east")
        case = factories.reported(world, region_id=world.town.other_village.pk)
        with pytest.raises(NotFound):
            actions.merge(case.pk, actor=elsewhere, at=AT, into=factories.registered(world).pk)

    def test_a_withdrawn_master_lets_its_duplicates_go_their_own_way(self, world: World) -> None:
        master, case = factories.registered(world), factories.dispatched(world)
        merge(world, case, master)
        actions.withdraw(master.pk, actor=holder_of(master), at=AT + 2 * HOUR)
        case = fresh(case)
        assert (case.state, case.merged_into_id) == ("dispatched", None)
        assert running(case) == {(Stage.SIGN, world.lead_unit)}
        assert last_line(case).data["withdrawn"] == master.number
        assert last_line(fresh(master)).data["parted"] == [case.number]

    def test_a_duplicate_is_parted_from_a_master_that_was_rejected(self, world: World) -> None:
        master, case = factories.reported(world), factories.reported(world)
        merge(world, case, master)
        actions.reject(master.pk, actor=world.operator, at=AT + HOUR, reason="outside", note="不在本镇")
        case = actions.unmerge(case.pk, actor=world.operator, at=AT + HOUR, note="在本镇")
        assert (case.state, last_line(fresh(master)).verb) == ("reported", "let_go")


class TestSplitting:
    def test_each_part_is_a_registered_case_of_its_own(self, world: World) -> None:
        case = factories.registered(world, address="柳桥路", demand="complaint")
        case = actions.split(case.pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        assert (case.state, case.is_split, running(case)) == ("handling", True, set())
        first, second = case.children.order_by("number")
        assert [(c.state, c.description, c.address, c.demand) for c in (first, second)] == [
            ("registered", part.description, "柳桥路", "complaint") for part in PARTS
        ]
        assert (second.title, running(second)) == ("路面", {(Stage.DISPATCH, None)})
        assert not Reporter.objects.filter(case__parent=case).exists()

    def test_parts_of_a_confidential_case_are_confidential(self, world: World) -> None:
        case = factories.registered(world, is_confidential=True)
        case = actions.split(case.pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        assert all(case.children.values_list("is_confidential", flat=True))

    @pytest.mark.parametrize("parts", [[], PARTS[:1], [Part(" "), Part("x")], [Part("\x00"), Part("x")]])
    def test_one_part_or_an_empty_one_is_no_split(self, world: World, parts: list[Part]) -> None:
        case = factories.registered(world)
        with pytest.raises(InvalidInput):
            actions.split(case.pk, actor=world.operator, at=AT, parts=parts)
        assert Case.objects.count() == 1

    def test_the_whole_is_handled_when_its_last_part_has_ended(self, world: World) -> None:
        case = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        first, second = case.children.order_by("number")
        take_to_its_end(world, first)
        assert (fresh(case).state, last_line(case).data["number"]) == ("handling", first.number)
        take_to_its_end(world, second)
        case = fresh(case)
        assert (case.state, running(case)) == ("handled", {(Stage.VERIFY, None)})

    def test_a_part_that_is_taken_up_again_keeps_the_whole_from_its_end(self, world: World) -> None:
        case = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        first, _second = (take_to_its_end(world, child) for child in case.children.order_by("number"))
        actions.reopen(first.pk, actor=world.leader, at=AT + DAY, note="反弹")
        with pytest.raises(LimitReached, match="没有办结"):
            actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY)
        take_to_its_end(world, first)
        assert actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY).verified_at

    def test_the_whole_is_verified_by_another_than_who_handled_a_part(self, world: World) -> None:
        case = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        for child in case.children.all():
            take_to_its_end(world, child)
        colleague = factories.add_person(world, Role.OPERATOR, "office", "town", "colleague")
        same_person = replace(world.operator, user_id=world.handler.user_id)
        for actor in (colleague, same_person):
            for verb in (actions.verify_pass, actions.verify_fail):
                with pytest.raises(NotAllowed, match="不能核查自己办理"):
                    verb(case.pk, actor=actor, at=AT + DAY, note="x")
        assert actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY).verified_at

    def test_a_unit_whose_order_for_a_part_was_recalled_may_verify_the_whole(self, world: World) -> None:
        case = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        first, second = case.children.order_by("number")
        elsewhere = world.town.committee.pk
        actions.dispatch(first.pk, actor=world.operator, at=AT + DAY, lead_unit_id=elsewhere)
        actions.recall(first.pk, actor=world.operator, at=AT + DAY, note="派错了")
        for child in (first, second):
            take_to_its_end(world, child)
        assert (elsewhere, "lead", "recalled") in orders(first)
        recalled = factories.add_person(world, Role.OPERATOR, "committee", "town", "recalled")
        assert actions.verify_pass(case.pk, actor=recalled, at=AT + DAY).verified_at

    def test_a_reopened_whole_is_dispatched_and_sent_back_like_any_other(self, world: World) -> None:
        case = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        for child in case.children.all():
            take_to_its_end(world, child)
        actions.verify_pass(case.pk, actor=world.operator, at=AT + DAY)
        actions.close(case.pk, actor=world.operator, at=AT + DAY)
        case = actions.reopen(case.pk, actor=world.leader, at=AT + DAY, note="整体不满意")
        case = actions.dispatch(case.pk, actor=world.operator, at=AT + DAY, lead_unit_id=world.lead_unit)
        assert case.state == "dispatched"
        assert factories.send_back(world, case, AT + DAY).state == "registered"


class TestLinking:
    def test_two_cases_are_linked_once_and_either_way(self, world: World) -> None:
        one, other = factories.reported(world), factories.closed(world)
        actions.link(one.pk, actor=world.operator, at=AT, other=other.pk)
        actions.link(other.pk, actor=world.operator, at=AT, other=one.pk)
        assert CaseLink.objects.count() == 1
        actions.unlink(other.pk, actor=world.operator, at=AT, other=one.pk)
        assert not CaseLink.objects.exists()
        with pytest.raises(InvalidInput, match="没有关联"):
            actions.unlink(other.pk, actor=world.operator, at=AT, other=one.pk)

    def test_a_case_is_not_linked_with_itself(self, world: World) -> None:
        one = factories.reported(world)
        with pytest.raises(InvalidInput):
            actions.link(one.pk, actor=world.operator, at=AT, other=one.pk)


class TestCopying:
    def test_content_and_place_are_taken_over_person_log_and_deadlines_are_not(self, world: World) -> None:
        case = factories.closed(world, address="柳桥路", reporter=ReporterData(phone="13900001234"))
        made = actions.copy(case.pk, actor=world.operator, at=AT + DAY)
        assert (made.state, made.version, made.description) == ("reported", 1, case.description)
        assert (made.address, made.region_id, made.category_id) == (
            "柳桥路",
            case.region_id,
            case.category_id,
        )
        assert made.number != case.number
        assert not Reporter.objects.filter(case=made).exists()

    def test_it_takes_the_permission_and_sight_of_the_case(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            actions.copy(factories.reported(world).pk, actor=world.worker, at=AT)
        with pytest.raises(NotFound):
            actions.copy(factories.reported(world).pk, actor=world.handler, at=AT)


class TestEveryReporterLearnsTheEnd:
    def test_of_their_own_case(self, world: World) -> None:
        told = outcome_of(factories.closed(world))
        assert (told.label, told.text, told.is_final) == ("已办结", "已清运", True)

    def test_while_it_lasts_they_learn_where_it_stands_but_no_unfinished_result(self, world: World) -> None:
        case = factories.handled(world)
        told = outcome_of(case)
        assert (told.label, told.text, told.is_final, told.due_at) == (
            "已办理，正在核查",
            "",
            False,
            case.due_at,
        )

    def test_of_a_report_that_was_turned_away_with_the_right_channel(self, world: World) -> None:
        told = outcome_of(factories.rejected(world))
        assert (told.is_final, told.text) == (True, "不属于受理范围")
        assert "110" in told.advice

    def test_of_the_case_that_theirs_was_merged_into(self, world: World) -> None:
        master, case = factories.registered(world), factories.reported(world)
        case = merge(world, case, master)
        assert (outcome_of(case).number, outcome_of(case).is_final) == (master.number, False)
        take_to_its_end(world, master)
        assert (outcome_of(case).label, outcome_of(case).text) == ("已办结", "已清运")
        assert set(Case.objects.told_of(master.pk)) == {master, case}

    def test_of_all_parts_of_a_case_that_was_split(self, world: World, django_assert_max_num_queries) -> None:
        case = actions.split(factories.registered(world).pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        take_to_its_end(world, case.children.order_by("number")[0])
        with django_assert_max_num_queries(1):
            told = outcome_of(case)
        assert [(part.is_final, part.text) for part in told.parts] == [(True, "已清运"), (False, "")]

    def test_of_a_split_case_that_theirs_was_merged_into(
        self, world: World, django_assert_max_num_queries
    ) -> None:
        master, case = factories.registered(world), factories.reported(world)
        case = merge(world, case, master)
        actions.split(master.pk, actor=world.operator, at=AT + HOUR, parts=PARTS)
        with django_assert_max_num_queries(2):
            told = outcome_of(case)
        assert (told.number, len(told.parts)) == (master.number, 2)

    def test_a_merged_case_takes_no_further_word_but_its_reporter_may_add_to_the_file(
        self, world: World
    ) -> None:
        case = factories.merged(world)
        with pytest.raises(InvalidTransition):
            actions.rate(case.pk, actor=holder_of(case), at=AT, attitude=5, result=5)
