"""The roles, thought through: what each may and may not do."""

import pytest

from gridloop.core.org.actors import REPORTER, SYSTEM, Actor, ActorKind
from gridloop.core.org.permissions import APPOINTABLE, PERMISSIONS, ROLES, SCOPE_LABELS, Role, Scope


def holders(permission):
    return {role for role, rule in ROLES.items() if permission in rule.permissions}


def test_every_role_has_a_rule_and_every_rule_names_known_permissions():
    assert set(ROLES) == set(Role)
    assert set().union(*(rule.permissions for rule in ROLES.values())) <= set(PERMISSIONS)
    assert set(SCOPE_LABELS) == set(Scope)


def test_no_permission_is_without_a_holder():
    assert {p for p in PERMISSIONS if not holders(p)} == set()


def test_whoever_asks_for_time_does_not_grant_it_unless_a_program_stands_in_for_both():
    assert holders("case.request_time") & holders("case.decide_time") == {Role.PROGRAM}


def test_only_the_leader_adjudicates_among_people():
    assert holders("case.adjudicate") & set(APPOINTABLE) == {Role.LEADER}


@pytest.mark.parametrize("role", [Role.HANDLER, Role.UNIT_LEAD, Role.MEDIATOR, Role.INSPECTOR, Role.LIAISON])
def test_those_who_handle_see_their_unit_only_and_neither_verify_nor_close_nor_see_the_reporter(role):
    rule = ROLES[role]
    assert rule.scope == Scope.UNIT
    assert not rule.permissions & {"case.verify", "case.close", "case.dispatch", "case.reveal_reporter"}


def test_revealing_a_reporter_is_for_operators_and_leaders():
    assert holders("case.reveal_reporter") == {Role.OPERATOR, Role.LEADER}


def test_an_administrator_sees_no_case():
    assert ROLES[Role.ADMIN].scope == Scope.NONE
    assert not any(p.startswith("case.") for p in ROLES[Role.ADMIN].permissions)


def test_an_auditor_changes_nothing():
    looking = {"case.view", "case.export", "oversight.view", "figures.view"}
    assert ROLES[Role.AUDITOR].permissions == looking


def test_the_system_only_resumes_clocks_and_dispatches_and_a_reporter_only_reports():
    assert SYSTEM.can("case.resume")
    assert SYSTEM.can("case.dispatch")
    assert not SYSTEM.can("case.close")
    assert REPORTER.can("case.report")
    assert not REPORTER.can("case.view")


def test_a_key_narrows_a_program_and_never_widens_it():
    key = Actor(
        ActorKind.PROGRAM, Role.PROGRAM, "12345 热线", scopes=frozenset({"case.report", "org.manage"})
    )
    assert key.can("case.report")
    assert not key.can("case.close")
    assert not key.can("org.manage")
