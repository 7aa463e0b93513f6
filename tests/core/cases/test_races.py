"""Two people at once, on two connections: one succeeds, the other is told that the case has changed."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from gridloop.base.common.ids import id_at
from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import verify
from gridloop.core.cases import actions
from gridloop.core.cases.errors import InvalidTransition, StaleCase
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case, CaseLink
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, holder_of, intake, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts on a connection each, let go at one moment; return what each gave or raised."""
    start = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            answers[n] = act()
        except Exception as error:  # noqa: BLE001  what it raised is the answer
            answers[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def asked(world: World, verb: str) -> Case:
    case = factories.handling(world)
    details = {"amount": 1} if verb == "request_extension" else {"until": AT + DAY}
    return actions.VERBS[verb](case.pk, actor=world.handler, at=AT + HOUR, note="等配件", **details)


def rated(world: World) -> Case:
    case = factories.closed(world)
    return actions.rate(case.pk, actor=holder_of(case), at=AT + HOUR, attitude=1, result=1)


# verb: how the case comes to where it can be made, by whom, with what
ACTS: dict[str, tuple[Callable[[World], Case], str, Callable[[World], dict[str, Any]]]] = {
    "register": (factories.reported, "operator", lambda w: {}),
    "reject": (factories.reported, "operator", lambda w: {"reason": "other", "note": "x"}),
    "close_on_spot": (factories.reported, "worker", lambda w: {"note": "x"}),
    "amend": (factories.reported, "operator", lambda w: {"title": "改"}),
    "supplement": (factories.reported, "operator", lambda w: {"text": "补"}),
    "withdraw": (factories.handling, "holder", lambda w: {}),
    "dispatch": (factories.registered, "operator", lambda w: {"lead_unit_id": w.lead_unit}),
    "recall": (factories.dispatched, "operator", lambda w: {"note": "x"}),
    "sign_for": (factories.dispatched, "handler", lambda w: {}),
    "send_back": (factories.dispatched, "handler", lambda w: {"reason": "other_unit", "note": "x"}),
    "transfer": (
        factories.handling,
        "operator",
        lambda w: {"from_unit_id": w.lead_unit, "to_unit_id": w.town.committee.pk, "note": "x"},
    ),
    "add_assistant": (factories.handling, "operator", lambda w: {"unit_id": w.town.committee.pk}),
    "request_extension": (factories.handling, "handler", lambda w: {"amount": 1, "note": "x"}),
    "request_suspension": (factories.handling, "handler", lambda w: {"until": AT + DAY, "note": "x"}),
    "grant_extension": (lambda w: asked(w, "request_extension"), "leader", lambda w: {}),
    "grant_suspension": (lambda w: asked(w, "request_suspension"), "leader", lambda w: {}),
    "refuse_time": (lambda w: asked(w, "request_extension"), "leader", lambda w: {"note": "x"}),
    "resume": (factories.suspended, "operator", lambda w: {}),
    "submit_result": (factories.handling, "handler", lambda w: {"note": "x"}),
    "verify_pass": (factories.handled, "operator", lambda w: {}),
    "verify_fail": (factories.handled, "operator", lambda w: {"note": "x"}),
    "close": (factories.verified, "operator", lambda w: {}),
    "call_back": (factories.closed, "operator", lambda w: {"is_reached": True, "result": 5}),
    "rate": (factories.closed, "holder", lambda w: {"attitude": 5, "result": 5}),
    "uphold": (rated, "leader", lambda w: {"note": "x"}),
    "reopen": (factories.closed, "leader", lambda w: {"note": "x"}),
    "escalate": (factories.registered, "leader", lambda w: {"to": "区城管局", "note": "x"}),
    "hand_down": (factories.escalated, "leader", lambda w: {"note": "x"}),
    "answer_from_above": (factories.escalated, "leader", lambda w: {"note": "x"}),
    "merge": (factories.reported, "operator", lambda w: {"into": factories.registered(w).pk}),
    "unmerge": (factories.merged, "operator", lambda w: {"note": "x"}),
    "split": (
        factories.registered,
        "operator",
        lambda w: {"parts": [actions.Part("一"), actions.Part("二")]},
    ),
}


def test_every_verb_that_moves_a_case_is_raced(world: World) -> None:
    quiet = {"annotate", "attach", "reveal_reporter", "link", "unlink", "adjudicate"}
    assert set(ACTS) | quiet == set(actions.VERBS)


@pytest.mark.parametrize("verb", ACTS)
def test_of_two_who_saw_the_same_version_one_succeeds_and_one_gets_the_fresh_one(
    world: World, verb: str
) -> None:
    build, who, details = ACTS[verb]
    case, given = build(world), details(world)
    actor = holder_of(case) if who == "holder" else getattr(world, who)
    version = case.version

    def act() -> Case:
        return actions.VERBS[verb](
            case.pk, actor=actor, at=AT + 2 * HOUR, expected_version=version, **{"note": ""} | given
        )

    answers = at_once(act, act)
    done = [answer for answer in answers if isinstance(answer, Case)]
    (refused,) = [answer for answer in answers if not isinstance(answer, Case)]
    assert isinstance(refused, StaleCase), refused
    assert (len(done), refused.detail["version"]) == (1, version + 1)
    assert Entry.objects.filter(stream=case.pk, verb=verb).count() == 1
    assert verify().is_whole


def test_without_a_version_the_second_meets_the_new_state(world: World) -> None:
    case = factories.dispatched(world)
    answers = at_once(*[lambda: actions.sign_for(case.pk, actor=world.handler, at=AT + HOUR)] * 4)
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert case.orders.get().signed_at == AT + HOUR
    assert verify().is_whole


def test_two_verbs_of_which_one_makes_the_other_impossible(world: World) -> None:
    case = factories.dispatched(world)
    answers = at_once(
        lambda: actions.sign_for(case.pk, actor=world.handler, at=AT + HOUR),
        lambda: actions.recall(case.pk, actor=world.operator, at=AT + HOUR, note="派错了"),
    )
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert sum(isinstance(answer, InvalidTransition) for answer in answers) == 1


def test_two_cases_merged_into_each_other_do_not_wait_for_ever(world: World) -> None:
    one, other = factories.registered(world), factories.registered(world)
    answers = at_once(
        lambda: actions.merge(one.pk, actor=world.operator, at=AT + HOUR, into=other.pk),
        lambda: actions.merge(other.pk, actor=world.operator, at=AT + HOUR, into=one.pk),
    )
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert sorted(Case.objects.values_list("state", flat=True)) == ["merged", "registered"]
    assert verify().is_whole


def test_a_duplicate_that_comes_while_its_master_is_withdrawn_is_not_lost(world: World) -> None:
    master, case = factories.registered(world), factories.registered(world)
    at_once(
        lambda: actions.withdraw(master.pk, actor=holder_of(master), at=AT + HOUR),
        lambda: actions.merge(case.pk, actor=world.operator, at=AT + HOUR, into=master.pk),
    )
    states = {c.pk: c.state for c in Case.objects.all()}
    assert (states[master.pk] == "withdrawn") == (states[case.pk] == "registered")
    assert verify().is_whole


def test_the_two_last_parts_that_end_at_once_make_the_whole_handled(world: World) -> None:
    whole = actions.split(
        factories.registered(world).pk,
        actor=world.operator,
        at=AT + HOUR,
        parts=[actions.Part("一"), actions.Part("二")],
    )
    parts = list(whole.children.all())
    for part in parts:
        actions.dispatch(part.pk, actor=world.operator, at=AT + HOUR, lead_unit_id=world.lead_unit)
        actions.sign_for(part.pk, actor=world.handler, at=AT + HOUR)
        actions.submit_result(part.pk, actor=world.handler, at=AT + HOUR, note="已办")
        actions.verify_pass(part.pk, actor=world.operator, at=AT + HOUR)
    answers = at_once(
        *[lambda pk=part.pk: actions.close(pk, actor=world.operator, at=AT + 2 * HOUR) for part in parts]
    )
    assert all(isinstance(answer, Case) for answer in answers), answers
    assert Case.objects.get(pk=whole.pk).state == "handled"
    assert verify().is_whole


def test_one_submission_sent_many_times_at_once_is_one_case_and_one_answer(world: World) -> None:
    key = id_at(AT, seed="phone")
    answers = at_once(*[lambda: actions.report(intake(world), actor=world.worker, at=AT, case_id=key)] * 6)
    assert {answer.number for answer in answers} == {Case.objects.get().number}
    assert Entry.objects.count() == 1


def test_one_row_of_another_system_sent_many_times_at_once_is_one_case(world: World) -> None:
    row = intake(world, channel=Channel.HOTLINE, source_ref="12345-001")
    answers = at_once(*[lambda: actions.report(row, actor=world.operator, at=AT)] * 6)
    assert {answer.pk for answer in answers} == {Case.objects.get().pk}


def test_two_who_link_the_same_cases_at_once_make_one_link(world: World) -> None:
    one, other = factories.reported(world), factories.reported(world)
    answers = at_once(
        lambda: actions.link(one.pk, actor=world.operator, at=AT, other=other.pk),
        lambda: actions.link(other.pk, actor=world.operator, at=AT, other=one.pk),
    )
    assert all(isinstance(answer, Case) for answer in answers), answers
    assert CaseLink.objects.count() == 1
