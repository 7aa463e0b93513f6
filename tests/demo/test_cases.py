"""The year of cases: made by the engine's verbs, and enough of everything for every page."""

import re
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from django.db.models import Count, F, Q

from gridloop.core.audit.models import Entry
from gridloop.core.audit.verify import verify
from gridloop.core.cases.models import Attachment, Case, Clock, Feedback, Reporter, WorkOrder
from gridloop.core.cases.workflow import ENDED, TRANSITIONS, State
from gridloop.core.org.actors import actor_of
from gridloop.core.org.locate import locate_many
from gridloop.core.org.models import Level, Post
from gridloop.core.org.permissions import Role
from gridloop.demo.people import LOGINS
from gridloop.faces.desk.boxes import boxes_of, counts
from tests.demo.conftest import COUNT, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]

RARE = {
    "recall",
    "amend",
    "reveal_reporter",
    "link",
    "unlink",
    "add_assistant",
    "unmerge",
    "let_go",
}


def test_there_are_as_many_cases_as_asked_for_besides_the_parts_of_split_ones() -> None:
    assert Case.objects.filter(parent=None).count() == COUNT


def test_every_state_is_there() -> None:
    assert set(Case.objects.values_list("state", flat=True)) == set(State)


def test_the_log_of_every_case_is_a_chain_that_ends_at_its_state() -> None:
    logs: dict[object, list[Entry]] = {}
    cases = Case.objects.in_bulk()
    # Rules, slips and meetings have logs of their own.
    for entry in Entry.objects.filter(stream__in=cases).order_by("stream", "seq"):
        logs.setdefault(entry.stream, []).append(entry)
    assert logs.keys() == cases.keys()
    for key, log in logs.items():
        assert [entry.seq for entry in log] == list(range(1, cases[key].version + 1))
        assert (log[-1].target, bytes(log[-1].hash)) == (cases[key].state, bytes(cases[key].log_head))
        assert [entry.at for entry in log] == sorted(entry.at for entry in log)


def test_the_log_is_whole_by_the_engine_s_own_proof() -> None:
    proof = verify()
    assert proof.is_whole
    assert proof.streams == Entry.objects.values("stream").distinct().count() > Case.objects.count()


def test_nothing_happens_after_now_or_more_than_a_year_before() -> None:
    times = Entry.objects.values_list("at", flat=True)
    assert NOW - timedelta(days=367) < min(times) <= max(times) <= NOW


def test_no_clock_runs_on_an_ended_case_and_no_order_of_one_is_open() -> None:
    assert not Clock.objects.filter(case__state__in=ENDED - {State.MERGED}, stopped_at=None).exists()
    assert not WorkOrder.objects.filter(case__state__in=ENDED, is_case_open=True).exists()


@pytest.mark.parametrize("login", [name for name in LOGINS if name not in {"admin", "shenji"}])
def test_every_pile_of_everybody_s_inbox_has_something_in_it(login: str) -> None:
    for post in Post.objects.with_names().filter(user__username=login):
        actor = actor_of(post)
        # Only where a unit takes work by name can a pile of it be; that of drills is there while one runs.
        absent = {"drills"} if post.unit.takes_named else {"drills", "to_me"}
        boxes = [box for box in boxes_of(actor) if box.name not in absent]
        found = counts(boxes, actor)
        assert [box.name for box in boxes if not found.get(box.name)] == []


def test_nearly_every_verb_of_the_loop_was_made_by_somebody() -> None:
    assert set(TRANSITIONS) - set(Entry.objects.values_list("verb", flat=True)) <= RARE


def test_many_are_solved_on_the_spot_and_most_of_the_others_in_time() -> None:
    assert 0.2 < Case.objects.filter(is_self_closed=True).count() / COUNT < 0.5
    handled = Clock.objects.filter(stage="handle", stopped_at__isnull=False)
    late = handled.filter(stopped_at__gt=F("due_at")).count()
    assert 0.01 < late / handled.count() < 0.15


def test_some_open_cases_are_overdue_but_most_are_not() -> None:
    overdue, still_open = Case.objects.overdue(NOW).count(), Case.objects.open().count()
    assert 3 <= overdue < still_open * 0.6


def test_duplicates_are_merged_into_a_case_of_the_same_kind_nearby() -> None:
    merged = Case.objects.filter(state=State.MERGED).select_related("merged_into")
    assert merged.count() >= COUNT // 100
    assert all(case.category_id == case.merged_into.category_id for case in merged)


def test_a_split_case_is_as_far_as_its_parts_have_come() -> None:
    split = Case.objects.filter(is_split=True).annotate(
        waiting=Count("children", filter=~Q(children__state__in=sorted(ENDED)))
    )
    assert {case.state for case in split if case.waiting} <= {State.HANDLING}
    assert all(case.state != State.HANDLING for case in split if not case.waiting)


def test_most_reporters_are_content_and_some_are_not() -> None:
    results = Counter(Feedback.objects.exclude(result=None).values_list("result", flat=True))
    assert set(results) == {1, 2, 3, 4, 5}
    assert (results[5] + results[4]) / sum(results.values()) > 0.7


def test_a_case_lies_in_the_grid_that_its_point_is_in() -> None:
    rows = Case.objects.exclude(lon=None).values_list("lon", "lat", "region_id")
    lons, lats, regions = zip(*rows, strict=True)
    ids, matches = locate_many(np.array(lons), np.array(lats))
    assert set(matches) == {"inside"}
    assert sum(int(a) == b for a, b in zip(ids, regions, strict=True)) > 0.995 * len(regions)


def test_verification_is_never_by_the_unit_that_handled_it() -> None:
    in_one_round = Case.objects.filter(reopenings=0).values("pk")
    passed = Entry.objects.filter(verb="verify_pass", stream__in=in_one_round)
    for case_id, unit_id in passed.values_list("stream", "unit_id"):
        done = Entry.objects.filter(stream=case_id, verb="submit_result").values_list("unit_id", flat=True)
        assert unit_id not in set(done)


def test_reporters_have_names_and_numbers_that_are_nobody_s() -> None:
    people = list(Reporter.objects.all())
    assert len(people) > COUNT / 8
    assert all(re.fullmatch(r"100\d{8}", person.phone) for person in people)
    assert not any(person.id_number for person in people)
    assert not any(re.search(r"1[3-9]\d{9}", c.description + c.outcome) for c in Case.objects.all())


def test_pictures_are_of_the_newer_cases_and_some_show_the_place_afterwards() -> None:
    names = Counter(Attachment.objects.values_list("name", flat=True))
    assert names["现场照片.jpg"] > names["处置后.jpg"] > 3


def test_grid_workers_report_from_their_own_grid() -> None:
    posts = {p.user_id: p.region_id for p in Post.objects.filter(role=Role.GRID_WORKER)}
    reported = Case.objects.filter(channel="grid", region__level=Level.GRID, parent=None)
    assert reported.exists()
    assert all(posts[case.reported_by_id] == case.region_id for case in reported)
