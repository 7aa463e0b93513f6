"""Who reported is encrypted, masked, revealed for a logged reason, and kept from whoever may be reported on."""

from dataclasses import replace

import pytest
from django.db import connection

from gridloop.base.common.errors import NotAllowed, NotFound
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions, search
from gridloop.core.cases.actions import Part, ReporterData
from gridloop.core.cases.errors import NoteRequired
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case, Reporter
from gridloop.core.cases.privacy import masked_reporter
from gridloop.core.org.actors import Actor, ActorKind, actor_of
from gridloop.core.org.permissions import ROLES, Role
from gridloop.core.org.posts import visitor
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, add_person, holder_of, last_line
from tests.core.org.factories import make_person, make_post

pytestmark = pytest.mark.django_db

WANG = ReporterData(name="王小明", phone="138 0000 1234", id_number="320499199001011234")


def reveal(case: Case, actor: Actor, note: str = "回访核实地点") -> Case:
    return actions.reveal_reporter(case.pk, actor=actor, at=AT + HOUR, note=note)


def test_the_database_holds_nothing_that_can_be_read(world: World) -> None:
    case = factories.reported(world, reporter=WANG)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, id_number, phone_index FROM cases_reporter")
        raw = [bytes(column) for column in cursor.fetchone()]
        cursor.execute("SELECT data::text || note FROM audit_entry WHERE stream = %s", [case.pk])
        log = cursor.fetchone()[0]
    for secret in ("王", "13800001234", "138 0000 1234", "320499199001011234"):
        assert all(secret.encode() not in column for column in raw)
        assert secret not in log
    assert len(set(raw[:3])) == 3
    person = Reporter.objects.get()
    assert (person.name, person.phone, person.id_number) == ("王小明", "138 0000 1234", WANG.id_number)


def test_two_reports_of_one_person_look_different_but_for_the_index(world: World) -> None:
    for _n in range(2):
        factories.reported(world, reporter=WANG)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT name), count(DISTINCT phone_index) FROM cases_reporter")
        assert cursor.fetchone() == (2, 1)


def test_an_anonymous_report_has_no_person_at_all(world: World) -> None:
    assert masked_reporter(factories.reported(world)) is None
    assert not Reporter.objects.exists()


def test_what_is_shown_without_a_reason_is_masked(world: World) -> None:
    shown = masked_reporter(factories.reported(world, reporter=WANG))
    assert (shown.name, shown.phone[-4:], shown.id_number[:3]) == ("王**", "1234", "320")
    assert "1990" not in shown.id_number
    hidden = masked_reporter(factories.reported(world, reporter=WANG, is_confidential=True))
    assert (hidden.name, hidden.phone, hidden.id_number) == ("*", "*", "*")


def test_a_reveal_needs_a_reason_and_is_logged_with_who_and_why(world: World) -> None:
    case = factories.reported(world, reporter=WANG)
    with pytest.raises(NoteRequired):
        reveal(case, world.operator, " ")
    reveal(case, world.operator)
    line = last_line(case)
    assert (line.verb, line.user_id, line.note) == ("reveal_reporter", world.operator.user_id, "回访核实地点")
    assert "王" not in str(line.data)


def test_only_who_takes_reports_in_or_leads_may_look(world: World) -> None:
    case = factories.closed(world, reporter=WANG)
    seers = [role for role, actor in world.actors.items() if _may(case, actor)]
    assert seers == [Role.OPERATOR, Role.LEADER]
    assert not _may(case, holder_of(case))
    assert not _may(
        case, Actor(ActorKind.PROGRAM, Role.PROGRAM, "市平台", scopes=ROLES[Role.PROGRAM].permissions)
    )


class TestThePartyReportedOn:
    def test_a_unit_that_handles_it_never_learns_who(self, world: World) -> None:
        case = factories.dispatched(world, reporter=WANG)
        insider = add_person(world, Role.LEADER, "office", "town", "insider")
        with pytest.raises(NotAllowed, match="承办单位"):
            reveal(case, insider)
        assert _may(case, world.leader)

    def test_nor_afterwards_when_it_has_sent_the_case_back(self, world: World) -> None:
        case = factories.send_back(world, factories.dispatched(world, reporter=WANG), AT + HOUR)
        assert not _may(case, add_person(world, Role.LEADER, "office", "town", "insider"))

    def test_nor_a_section_below_it(self, world: World) -> None:
        case = factories.dispatched(world, reporter=WANG)
        insider = add_person(world, Role.OPERATOR, "office", "town", "insider")
        section = replace(insider, unit_id=10**6, unit_path=insider.unit_path + "0001", user_id=10**6)
        assert not _may(case, section)

    def test_nor_a_person_who_has_another_post_there(self, world: World) -> None:
        person = make_person("both")
        at_centre = make_post(person, world.town.centre, Role.LEADER, world.town.town)
        make_post(person, world.town.office, Role.HANDLER, world.town.town)
        case = factories.dispatched(world, reporter=WANG)
        assert not _may(case, actor_of(at_centre))

    def test_nor_the_unit_that_a_part_or_the_master_went_to(self, world: World) -> None:
        insider = add_person(world, Role.LEADER, "office", "town", "insider")
        whole = factories.registered(world, reporter=WANG)
        actions.split(whole.pk, actor=world.operator, at=AT, parts=[Part("一"), Part("二")])
        assert _may(whole, insider)
        part = whole.children.all()[0]
        actions.dispatch(part.pk, actor=world.operator, at=AT, lead_unit_id=world.lead_unit)
        assert not _may(whole, insider)
        duplicate = factories.reported(world, reporter=WANG)
        actions.merge(duplicate.pk, actor=world.operator, at=AT, into=factories.dispatched(world).pk)
        assert not _may(duplicate, insider)

    def test_a_whistle_blower_is_known_to_the_leader_on_duty_alone(self, world: World) -> None:
        case = factories.reported(world, reporter=WANG, demand="tip_off")
        with pytest.raises(NotAllowed, match="要求保密"):
            reveal(case, world.operator)
        assert _may(case, world.leader)

    def test_a_reporter_who_signed_in_is_not_named_in_the_log(self, world: World) -> None:
        resident = visitor(make_person("resident", full_name="王小明"))
        case = actions.report(factories.intake(world, channel=Channel.PORTAL), actor=resident, at=AT)
        actions.supplement(case.pk, actor=replace(resident, holds=case.pk), at=AT, text="还有")
        assert {line.actor_label for line in Entry.objects.filter(stream=case.pk)} == {"群众"}

    def test_staff_who_blow_the_whistle_are_not_named_but_who_writes_one_down_is(self, world: World) -> None:
        case = factories.registered(world, demand="tip_off")
        assert [line.actor_label for line in Entry.objects.stream(case.pk)] == [
            "上报人（保密）",
            world.operator.label,
        ]
        told = factories.intake(world, demand="tip_off", channel=Channel.HOTLINE)
        case = actions.report(told, actor=world.operator, at=AT)
        assert last_line(case).actor_label == world.operator.label
        assert last_line(factories.reported(world)).actor_label == world.worker.label


class TestFindingByTelephone:
    def test_however_it_is_written(self, world: World) -> None:
        case = factories.reported(world, reporter=WANG)
        for text in ("13800001234", "138-0000-1234", "\uff11\uff13\uff18 0000 1234"):
            assert list(search.by_phone(world.operator, text)) == [case]
        assert not search.by_phone(world.operator, "13800001235").exists()
        assert not search.by_phone(world.operator, "").exists()

    def test_by_those_alone_who_may_know_the_reporter(self, world: World) -> None:
        case = factories.dispatched(world, reporter=WANG)
        finders = [r for r, actor in world.actors.items() if search.by_phone(actor, "13800001234").exists()]
        assert finders == [Role.OPERATOR, Role.LEADER]
        insider = add_person(world, Role.LEADER, "office", "town", "insider")
        assert not search.by_phone(insider, "13800001234").exists()
        assert list(search.by_phone(world.operator, "13800001234")) == [case]

    def test_a_confidential_case_by_the_leader_on_duty_alone(self, world: World) -> None:
        factories.reported(world, reporter=WANG, is_confidential=True)
        assert not search.by_phone(world.operator, "13800001234").exists()
        assert search.by_phone(world.leader, "13800001234").exists()


def _may(case: Case, actor: Actor) -> bool:
    try:
        reveal(case, actor)
    except (NotAllowed, NotFound):
        return False
    assert last_line(case).at < AT + DAY
    return True
