"""Looking at a report: what each verb changes, and what it refuses."""

from datetime import timedelta
from uuid import uuid4

import pytest

from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.base.common.ids import id_at, new_id
from gridloop.core.cases import actions
from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.errors import NoteRequired, StaleCase
from gridloop.core.cases.labels import Channel, Demand, RejectReason
from gridloop.core.cases.models import Case, PlaceMatch
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import REPORTER
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, holder_of, intake, last_line, orders, running

pytestmark = pytest.mark.django_db


class TestReport:
    def test_a_report_starts_the_clock_of_acceptance(self, world: World) -> None:
        case = factories.reported(world)
        assert running(case) == {(Stage.ACCEPT, None)}
        assert case.due_at == case.clocks.get().due_at > AT
        assert (case.version, case.reported_by_id) == (1, world.worker.user_id)
        line = last_line(case)
        assert (line.verb, line.source, line.target, line.data["channel"]) == (
            "report",
            "",
            "reported",
            "grid",
        )

    def test_the_number_has_the_year_and_the_code_cannot_be_guessed(self, world: World) -> None:
        first, second = factories.reported(world), factories.reported(world)
        assert first.number[:4] == "2026"
        assert int(second.number) > int(first.number)
        assert len(first.tracking_code) == 12
        assert first.tracking_code != second.tracking_code

    def test_a_title_is_taken_from_the_description_where_none_is_given(self, world: World) -> None:
        long = factories.reported(world, description="路" * 100)
        assert (long.title, len(long.description)) == ("路" * 30, 100)
        assert factories.reported(world, title="  ").title == "柳桥路口有一堆建筑垃圾没人清理"

    def test_urgency_follows_the_category_unless_a_person_says_otherwise(self, world: World) -> None:
        assert factories.reported(world).urgency == Urgency.NORMAL
        assert factories.reported(world, urgency=Urgency.CRITICAL).urgency == Urgency.CRITICAL

    def test_a_whistle_blower_is_kept_confidential_unasked(self, world: World) -> None:
        assert factories.reported(world, demand=Demand.TIP_OFF).is_confidential
        assert not factories.reported(world).is_confidential

    def test_without_a_place_it_is_the_whole_towns(self, world: World) -> None:
        case = factories.reported(world, region_id=None)
        assert (case.region_id, case.place_match) == (world.town.town.pk, PlaceMatch.UNKNOWN)

    def test_an_anonymous_person_may_report(self, world: World) -> None:
        case = actions.report(intake(world, channel=Channel.PORTAL), actor=REPORTER, at=AT)
        assert (case.reported_by_id, last_line(case).actor_label) == (None, "群众")

    def test_an_auditor_may_not_report(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            actions.report(intake(world), actor=world.actors[Role.AUDITOR], at=AT)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"description": " \n"}, "description"),
            ({"description": "a\x00b"}, "description"),
            ({"description": "\ud800"}, "description"),
            ({"title": "\x00"}, "title"),
            ({"address": "路" * 201}, "address"),
            ({"source_ref": "1" * 81}, "source_ref"),
            ({"lon": 120.0}, "lon"),
            ({"lon": 181.0, "lat": 31.0}, "lon"),
            ({"lon": 120.0, "lat": float("nan")}, "lon"),
            ({"lon": float("inf"), "lat": 31.0}, "lon"),
            ({"category_id": 10**9}, "category_id"),
            ({"region_id": 10**9}, "region_id"),
            ({"kind": "no such"}, "kind"),
            ({"channel": "pigeon"}, "channel"),
            ({"demand": "x"}, "demand"),
            ({"urgency": "x"}, "urgency"),
            ({"reporter": ReporterData(phone="\x00")}, "phone"),
            ({"reporter": ReporterData(name="王" * 61)}, "name"),
        ],
    )
    def test_a_value_that_cannot_be_kept_is_refused_with_its_field(
        self, world: World, change: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            factories.reported(world, **change)
        assert field in refusal.value.fields
        assert not Case.objects.exists()


class TestKeys:
    def test_the_same_submission_sent_twice_is_one_case(self, world: World) -> None:
        key = id_at(AT, seed="phone")
        first, second = (
            actions.report(intake(world), actor=world.worker, at=AT + n * HOUR, case_id=key) for n in (0, 1)
        )
        assert (first.pk, first.number, first.reported_at) == (second.pk, second.number, second.reported_at)
        assert Case.objects.count() == 1

    def test_another_report_under_the_same_key_is_refused(self, world: World) -> None:
        key = id_at(AT, seed="phone")
        actions.report(intake(world), actor=world.worker, at=AT, case_id=key)
        with pytest.raises(InvalidInput, match="已经用于另一件"):
            actions.report(intake(world, description="另一件事"), actor=world.worker, at=AT, case_id=key)

    def test_the_same_row_of_another_system_is_one_case(self, world: World) -> None:
        row = intake(world, channel=Channel.HOTLINE, source_ref="12345-001")
        first, second = (actions.report(row, actor=world.operator, at=AT + n * HOUR) for n in (0, 1))
        assert first.pk == second.pk

    def test_who_guesses_numbers_of_another_system_is_not_told_which_case_has_one(self, world: World) -> None:
        given = {"channel": Channel.HOTLINE, "source_ref": "12345-001"}
        first = actions.report(intake(world, **given), actor=world.operator, at=AT)
        with pytest.raises(InvalidInput) as refusal:
            actions.report(intake(world, description="另一件事", **given), actor=world.operator, at=AT)
        assert str(first.pk) not in str(refusal.value.detail)

    def test_a_key_of_another_time_or_kind_is_refused_since_lists_are_in_order_of_keys(
        self, world: World
    ) -> None:
        for key in (id_at(AT + 2 * DAY, seed="x"), uuid4()):
            with pytest.raises(InvalidInput, match="UUIDv7"):
                actions.report(intake(world), actor=world.worker, at=AT, case_id=key)

    def test_a_report_written_offline_days_ago_is_taken(self, world: World) -> None:
        case = actions.report(intake(world), actor=world.worker, at=AT, case_id=id_at(AT - 9 * DAY, seed="x"))
        assert case.reported_at == AT


class TestVerbs:
    def test_register_stops_the_clock_of_acceptance_and_starts_that_of_dispatch(self, world: World) -> None:
        case = factories.registered(world)
        assert running(case) == {(Stage.DISPATCH, None)}
        assert case.registered_at is not None
        assert case.clocks.get(stage=Stage.ACCEPT).stopped_at == case.registered_at

    def test_reject_ends_it_with_a_reason_and_tells_the_channel(self, world: World) -> None:
        case = factories.reported(world)
        actions.reject(
            case.pk, actor=world.operator, at=AT + HOUR, reason="emergency", note="正在着火，请拨打119"
        )
        case.refresh_from_db()
        assert (case.reject_reason, case.outcome) == (RejectReason.EMERGENCY, "正在着火，请拨打119")
        assert (running(case), case.closed_at, case.due_at) == (set(), AT + HOUR, None)

    def test_reject_needs_a_reason_of_the_list_and_words(self, world: World) -> None:
        case = factories.reported(world)
        with pytest.raises(InvalidInput) as refusal:
            actions.reject(case.pk, actor=world.operator, at=AT, reason="no such", note="x")
        assert "reason" in refusal.value.fields
        with pytest.raises(NoteRequired) as missing:
            actions.reject(case.pk, actor=world.operator, at=AT, reason="other", note=" ")
        assert "note" in missing.value.fields

    def test_what_a_grid_worker_solves_on_the_spot_is_kept_out_of_the_figures(self, world: World) -> None:
        case = factories.reported(world)
        other = factories.closed(world)
        actions.close_on_spot(case.pk, actor=world.worker, at=AT + HOUR, note="当场清走")
        case.refresh_from_db()
        assert (case.state, case.is_self_closed, case.outcome) == ("closed", True, "当场清走")
        assert (running(case), case.needs_call_back) == (set(), False)
        assert list(Case.objects.scored()) == [other]

    def test_an_operator_does_not_close_on_the_spot(self, world: World) -> None:
        case = factories.reported(world)
        with pytest.raises(NotAllowed):
            actions.close_on_spot(case.pk, actor=world.operator, at=AT, note="x")

    def test_a_supplement_goes_into_the_log_and_changes_no_state(self, world: World) -> None:
        case = factories.dispatched(world)
        actions.supplement(case.pk, actor=holder_of(case), at=AT + HOUR, text=" 又多了一堆 ")
        line = last_line(case)
        assert (line.data["text"], line.source, line.target) == ("又多了一堆", "dispatched", "dispatched")
        assert (line.actor_kind, line.actor_label) == ("reporter", "群众")

    def test_withdraw_recalls_the_orders_that_are_out(self, world: World) -> None:
        case = factories.handling(world)
        actions.withdraw(case.pk, actor=holder_of(case), at=AT + HOUR)
        case.refresh_from_db()
        assert (case.state, running(case), case.due_at) == ("withdrawn", set(), None)
        assert orders(case) == [(world.lead_unit, "lead", "recalled")]

    def test_only_the_reporter_withdraws(self, world: World) -> None:
        case, other = factories.reported(world), factories.reported(world)
        with pytest.raises(NotFound):
            actions.withdraw(case.pk, actor=holder_of(other), at=AT)
        with pytest.raises(NotAllowed):
            actions.withdraw(case.pk, actor=world.leader, at=AT)

    def test_amend_corrects_what_is_given_and_leaves_running_clocks(self, world: World) -> None:
        case = factories.reported(world)
        due = case.due_at
        actions.amend(
            case.pk,
            actor=world.operator,
            at=AT + HOUR,
            title=" 建筑垃圾 ",
            category_id=world.catalogue.weeds.pk,
            urgency=Urgency.URGENT,
            region_id=world.town.other_grid.pk,
            lon=120.01,
            lat=31.02,
        )
        case.refresh_from_db()
        assert (case.title, case.category_id, case.urgency) == (
            "建筑垃圾",
            world.catalogue.weeds.pk,
            "urgent",
        )
        assert (case.region_id, case.lon, case.place_match) == (world.town.other_grid.pk, 120.01, "chosen")
        assert (case.due_at, case.description) == (due, "柳桥路口有一堆建筑垃圾没人清理")

    def test_what_turns_out_to_be_a_tip_off_becomes_confidential(self, world: World) -> None:
        case = factories.reported(world)
        assert actions.amend(case.pk, actor=world.operator, at=AT, demand="tip_off").is_confidential

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({}, None),
            ({"title": " "}, "title"),
            ({"title": "长" * 121}, "title"),
            ({"title": "\x00"}, "title"),
            ({"address": "路" * 201}, "address"),
            ({"category_id": 10**9}, "category_id"),
            ({"region_id": 10**9}, "region_id"),
            ({"lon": 500.0, "lat": 31.0}, "lon"),
            ({"lat": 31.0}, "lon"),
            ({"urgency": "x"}, "urgency"),
            ({"demand": "x"}, "demand"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_a_correction_that_cannot_be_kept_is_refused(
        self, world: World, change: dict[str, object], field: str | None
    ) -> None:
        case = factories.reported(world)
        with pytest.raises(InvalidInput) as refusal:
            actions.amend(case.pk, actor=world.operator, at=AT, **change)
        assert field is None or field in refusal.value.fields

    def test_a_note_among_staff_is_the_line_itself(self, world: World) -> None:
        case = factories.closed(world)
        actions.annotate(case.pk, actor=world.handler, at=AT + DAY, note="居民已电话致谢")
        assert last_line(case).note == "居民已电话致谢"
        case.refresh_from_db()
        assert case.state == "closed"


class TestRefusals:
    def test_a_stale_page_is_told_the_version_there_is_now(self, world: World) -> None:
        case = factories.registered(world)
        with pytest.raises(StaleCase) as stale:
            actions.annotate(case.pk, actor=world.operator, at=AT, note="x", expected_version=1)
        assert (stale.value.detail["version"], int(stale.value.status)) == (2, 409)

    def test_who_may_not_see_the_case_is_not_told_its_version(self, world: World) -> None:
        case = factories.registered(world)
        for known in (1, 2, None):
            with pytest.raises(NotFound):
                actions.annotate(case.pk, actor=world.handler, at=AT, note="x", expected_version=known)

    def test_there_is_no_difference_to_a_case_that_is_not_there(self, world: World) -> None:
        with pytest.raises(NotFound) as missing:
            actions.annotate(new_id(), actor=world.operator, at=AT, note="x")
        with pytest.raises(NotFound) as hidden:
            actions.annotate(factories.reported(world).pk, actor=world.handler, at=AT, note="x")
        assert missing.value.message == hidden.value.message

    def test_details_that_the_verb_does_not_take_are_named(self, world: World) -> None:
        case = factories.registered(world)
        with pytest.raises(InvalidInput) as refusal:
            actions.dispatch(case.pk, actor=world.operator, at=AT, lead=1)
        assert set(refusal.value.fields) == {"lead", "lead_unit_id"}
        with pytest.raises(InvalidInput) as refusal:
            actions.merge(case.pk, actor=world.operator, at=AT)
        assert set(refusal.value.fields) == {"into"}

    def test_a_naive_moment_is_a_fault_of_the_program(self, world: World) -> None:
        case = factories.reported(world)
        with pytest.raises(ValueError, match="time zone"):
            actions.annotate(case.pk, actor=world.operator, at=AT.replace(tzinfo=None), note="x")


def test_open_ended_and_overdue_are_told_apart(world: World) -> None:
    waiting, ended = factories.reported(world), factories.closed(world)
    later = waiting.due_at + timedelta(minutes=1)
    assert list(Case.objects.open()) == [waiting]
    assert list(Case.objects.ended()) == [ended]
    assert (list(Case.objects.overdue(later)), list(Case.objects.overdue(AT))) == ([waiting], [])
