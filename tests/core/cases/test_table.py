"""Every state × every role × every verb: what happens is what the table says, on real cases."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace

import pytest

from gridloop.base.common.errors import DomainError, NotAllowed, NotFound
from gridloop.core.cases import labels
from gridloop.core.cases.actions import VERBS
from gridloop.core.cases.buttons import ORDER, choices, missing
from gridloop.core.cases.casefile import CaseFile, open_file
from gridloop.core.cases.errors import InvalidTransition, LimitReached
from gridloop.core.cases.models import Case
from gridloop.core.cases.policies import Ask, can, check, is_visible
from gridloop.core.cases.workflow import (
    CONSEQUENCES,
    ENDED,
    OPEN,
    TRANSITIONS,
    By,
    State,
    after,
    as_mermaid,
    started,
    stopped,
)
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import REPORTER, SYSTEM, Actor, ActorKind
from gridloop.core.org.permissions import ROLES, Role
from gridloop.core.org.revisions import forget_all
from tests.core.cases.factories import AT, HOUR, IN_STATE, World, holder_of, make_world

PRESSED = [name for name in TRANSITIONS if name != "report" and name not in CONSEQUENCES]

# What the tables of verbs and roles cannot say, because it depends on the rest of the case: the answer for a
# person of the right permission, in the right state, whose part it is.
STANDS_AGAINST = {
    (State.REGISTERED, "adjudicate"): "no send-backs yet",
    (State.HANDLING, "sign_for"): "signed for already",
    (State.HANDLING, "send_back"): "signed for already",
    (State.DISPATCHED, "request_extension"): "not signed for",
    (State.DISPATCHED, "grant_extension"): "nothing asked for",
    (State.DISPATCHED, "refuse_time"): "nothing asked for",
    (State.HANDLING, "grant_extension"): "nothing asked for",
    (State.HANDLING, "grant_suspension"): "nothing asked for",
    (State.HANDLING, "refuse_time"): "nothing asked for",
    (State.HANDLED, "close"): "not verified",
    (State.CLOSED, "uphold"): "nobody is dissatisfied",
}


@dataclass
class Scene:
    world: World
    files: dict[State, CaseFile]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Scene]:
    """One case in each state, built once, and taken back at the end of the module."""
    from django.db import transaction

    with django_db_blocker.unblock():
        transaction.set_autocommit(False)
        forget_all()
        world = make_world()
        files = {state: open_file(Case.objects.get(pk=IN_STATE[state](world).pk)) for state in State}
        for file in files.values():
            assert file.region_path
        yield Scene(world, files)
        transaction.rollback()
        transaction.set_autocommit(True)


def actor_as(scene: Scene, role: Role, case: Case) -> Actor:
    if role == Role.RESIDENT:
        return holder_of(case)
    if role == Role.PROGRAM:
        return Actor(ActorKind.PROGRAM, Role.PROGRAM, "市平台", scopes=ROLES[Role.PROGRAM].permissions)
    if role == Role.SYSTEM:
        return SYSTEM
    return scene.world.actors[role]


def expected(file: CaseFile, role: Role, actor: Actor, verb: str) -> type[DomainError] | None:
    """Say by the tables alone what the answer must be."""
    rule, state = TRANSITIONS[verb], State(file.case.state)
    if not is_visible(file, actor):
        return NotFound
    if state not in rule.sources:
        return InvalidTransition
    if rule.permission not in ROLES[role].permissions:
        return NotAllowed
    holds = any(o.unit_id == actor.unit_id and o.ended_at is None for o in file.orders)
    handled = any(o.unit_id == actor.unit_id and o.is_active for o in file.orders)
    is_its = {
        By.ANYONE: True,
        By.REPORTER: actor.holds == file.case.pk or role == Role.GRID_WORKER,
        By.HOLDER: holds,
        By.ANOTHER: not handled,
    }
    if not is_its[rule.by]:
        return NotAllowed
    return LimitReached if (state, verb) in STANDS_AGAINST else None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", State)
def test_every_verb_is_answered_as_the_tables_say(scene: Scene, state: State, role: Role) -> None:
    file = scene.files[state]
    actor = actor_as(scene, role, file.case)
    for verb in PRESSED:
        want = expected(file, role, actor, verb)
        if want is None:
            check(verb, Ask(file, actor, AT + HOUR))
            continue
        with pytest.raises(DomainError) as refusal:
            check(verb, Ask(file, actor, AT + HOUR))
        assert (verb, type(refusal.value)) == (verb, want)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", State)
def test_the_buttons_are_exactly_what_can_be_made_and_the_grey_ones_say_why(
    scene: Scene, state: State, role: Role
) -> None:
    file = scene.files[state]
    actor = actor_as(scene, role, file.case)
    ask = Ask(file, actor, AT + HOUR)
    shown = {choice.name: choice for choice in choices(file, actor, AT + HOUR)}
    if is_visible(file, actor):
        assert {n for n, c in shown.items() if c.is_enabled} == {n for n in ORDER if can(n, ask)}
    assert all(c.is_enabled or c.why_not for c in shown.values())
    assert all(TRANSITIONS[n].permission in ROLES[role].permissions for n in shown)


def test_the_exceptions_are_of_moves_that_the_table_has() -> None:
    assert all(state in TRANSITIONS[verb].sources for state, verb in STANDS_AGAINST)


def test_a_refusal_is_told_by_its_code_and_status() -> None:
    told = {error: (error.code, int(error.status)) for error in (NotFound, NotAllowed, InvalidTransition)}
    assert told == {
        NotFound: ("not-found", 404),
        NotAllowed: ("not-allowed", 403),
        InvalidTransition: ("invalid-transition", 409),
    }


@pytest.mark.parametrize("role", Role)
def test_what_a_role_sees_of_one_case_is_what_its_list_has(scene: Scene, role: Role) -> None:
    for state, file in scene.files.items():
        actor = actor_as(scene, role, file.case)
        assert is_visible(file, actor) == Case.objects.visible_to(actor).filter(pk=file.case.pk).exists(), (
            state
        )


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.GRID_WORKER, Role.HANDLER, Role.AUDITOR, Role.PROGRAM])
def test_the_two_agree_for_people_from_elsewhere_too(scene: Scene, role: Role) -> None:
    world = scene.world
    other = world.town.other_village
    elsewhere = replace(
        actor_as(scene, role, scene.files[State.CLOSED].case),
        user_id=None,
        unit_path="zzzz",
        region_path=other.path,
        region_is_root=False,
    )
    for file in scene.files.values():
        listed = Case.objects.visible_to(elsewhere).filter(pk=file.case.pk).exists()
        assert is_visible(file, elsewhere) == listed
        assert listed == (role == Role.PROGRAM)


def test_the_bearer_of_a_code_sees_that_case_alone(scene: Scene) -> None:
    own, other = scene.files[State.REPORTED], scene.files[State.CLOSED]
    bearer = holder_of(own.case)
    assert [is_visible(own, bearer), is_visible(other, bearer), is_visible(own, REPORTER)] == [
        True,
        False,
        False,
    ]
    assert list(Case.objects.visible_to(bearer)) == [own.case]
    assert not Case.objects.visible_to(REPORTER).exists()


def test_the_labels_are_the_states_of_the_trade() -> None:
    assert [str(labels.STATES[state]) for state in State] == [
        "待受理", "已立案", "已派遣", "处置中", "待核查", "已结案", "不予受理", "已并案", "已撤销", "已挂起", "已提级",
    ]  # fmt: skip


def test_every_code_has_a_label_and_every_verb_an_action_and_a_button() -> None:
    assert set(labels.STATES) == set(labels.PUBLIC_STATES) == set(State)
    assert set(labels.VERBS) == set(TRANSITIONS)
    assert set(VERBS) == set(PRESSED)
    assert missing() == set()


def test_every_open_state_can_be_left_and_an_ended_one_only_by_undoing() -> None:
    moves = {t.name: (t.sources, set(t.targets)) for t in TRANSITIONS.values()}
    for state in OPEN:
        assert any(state in sources and targets - {state} for sources, targets in moves.values()), state
    leaving = {n for n, (sources, targets) in moves.items() if sources & ENDED and targets - sources}
    assert leaving == {"reopen", "unmerge"}


def test_verbs_tell_which_clocks_they_start_and_stop() -> None:
    assert (started("register"), stopped("register")) == ([Stage.DISPATCH], [Stage.ACCEPT])
    assert (started("close"), stopped("close")) == ([], [Stage.VERIFY])
    assert after("register", State.REPORTED) == (State.REGISTERED,)
    assert after("register", State.CLOSED) == ()
    assert after("annotate", State.CLOSED) == (State.CLOSED,)


def test_the_diagram_has_every_move() -> None:
    diagram = as_mermaid()
    assert diagram.startswith("stateDiagram-v2\n    [*] --> reported: report")
    for rule in TRANSITIONS.values():
        for target in rule.targets:
            assert target in diagram
    assert "closed --> registered: reopen" in diagram


def test_asking_changes_nothing(scene: Scene) -> None:
    file = scene.files[State.HANDLING]
    before = copy(file.case.__dict__)
    for verb in PRESSED:
        try:
            check(verb, Ask(file, scene.world.handler, AT))
        except DomainError:
            continue
    assert (file.case.__dict__, file.added, file.changed) == (before, [], {})
