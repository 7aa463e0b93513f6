"""Sampling: by chance and repeatable, every stratum at least once, false closures found, reopened, counted."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.oversight import actions as oversight
from gridloop.capabilities.oversight.actions import SampleMoved
from gridloop.capabilities.oversight.models import Sample, SampleDraw, SampleRule
from gridloop.capabilities.oversight.sampling import draw, periods, share_out
from gridloop.core.cases import actions
from gridloop.core.cases.actions import ReporterData
from gridloop.core.cases.models import Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, closed, last_line
from tests.core.org.factories import SignIn

MONDAY = timezone.localdate(AT)
FRAMES = st.lists(
    st.tuples(st.sampled_from("abc"), st.text("0123456789", min_size=1, max_size=6)), unique_by=lambda p: p[1]
)


# chance -----------------------------------------------------------------------------------------------------


@given(FRAMES, st.integers(1, 100), st.text(max_size=8), st.randoms())
def test_the_same_frame_share_and_seed_draw_the_same_in_any_order(frame, share, seed, rng):
    shuffled = rng.sample(frame, len(frame))
    assert draw(frame, share=share, seed=seed) == draw(shuffled, share=share, seed=seed)


@given(FRAMES, st.integers(1, 100))
def test_every_stratum_gives_its_share_and_at_least_one(frame, share):
    drawn = set(draw(frame, share=share, seed="x"))
    for stratum in {name for name, _case in frame}:
        cases = {case for name, case in frame if name == stratum}
        assert len(cases & drawn) == max(1, (len(cases) * share + 50) // 100)


def test_another_seed_draws_others():
    frame = [("a", str(n)) for n in range(200)]
    lots = {tuple(draw(frame, share=10, seed=str(seed))) for seed in range(20)}
    assert len(lots) == 20


def test_over_many_draws_no_case_is_favoured():
    frame = [("a", str(n)) for n in range(20)]
    counts = dict.fromkeys((case for _stratum, case in frame), 0)
    for seed in range(2000):
        for case in draw(frame, share=20, seed=str(seed)):
            counts[case] += 1
    assert all(320 < count < 480 for count in counts.values()), counts


def test_the_periods_that_are_over_are_whole_days_and_weeks():
    today = date(2026, 3, 4)
    assert periods("daily", date(2026, 3, 3), today, most=7) == [(date(2026, 3, 3), date(2026, 3, 3))]
    assert periods("weekly", date(2026, 2, 1), today, most=2) == [
        (date(2026, 2, 16), date(2026, 2, 22)),
        (date(2026, 2, 23), date(2026, 3, 1)),
    ]


def test_the_work_is_shared_out_evenly():
    given_out = share_out([str(n) for n in range(10)], {str(n): [1, 2, 3] for n in range(10)})
    loads = sorted(list(given_out.values()).count(person) for person in (1, 2, 3))
    assert loads == [3, 3, 4]
    assert share_out(["a"], {"a": []}) == {"a": None}


# drawing ----------------------------------------------------------------------------------------------------


@pytest.fixture
def rule(world: World) -> SampleRule:
    return oversight.save_rule(
        None,
        actor=world.leader,
        at=AT,
        name="每日实地复核",
        kind="field",
        period="daily",
        share=10,
        stratum="unit",
    )


@pytest.fixture
def drawn(world: World, rule: SampleRule) -> SampleDraw:
    for n in range(12):
        closed(world, AT + n * HOUR / 4)
    (made,) = oversight.draw_due(at=AT + DAY)
    return made


@pytest.mark.django_db
def test_a_period_is_drawn_once_and_can_be_drawn_again_by_anybody(world: World, drawn: SampleDraw):
    assert oversight.draw_due(at=AT + DAY) == []
    kept = sorted(str(case) for case in drawn.samples.values_list("case", flat=True))
    assert (len(drawn.frame), len(kept)) == (12, 1)
    for case in Case.objects.filter(pk__in=kept):
        actions.reopen(case.pk, actor=world.leader, at=AT + DAY, note="又堆上了")
    assert oversight.recomputed(SampleDraw.objects.get()) == kept


@pytest.mark.django_db
def test_who_handled_a_case_does_not_check_it_and_who_checks_is_told(world: World, drawn: SampleDraw):
    sample = drawn.samples.get()
    assert sample.unit_id == world.lead_unit
    assert sample.assignee_id in {world.worker.user_id, world.operator.user_id, world.leader.user_id}
    assert Notice.objects.filter(user=sample.assignee_id, topic="oversight.sample").count() == 1
    with pytest.raises(InvalidInput):
        oversight.assign_sample(sample.pk, actor=world.operator, at=AT + DAY, user_id=world.handler.user_id)
    moved = oversight.assign_sample(
        sample.pk, actor=world.operator, at=AT + DAY, user_id=world.worker.user_id
    )
    assert moved.assignee_id == world.worker.user_id


@pytest.mark.django_db
def test_what_was_solved_on_the_spot_a_drill_and_another_day_are_not_drawn(world: World, rule: SampleRule):
    own = factories.reported(world, AT)
    actions.close_on_spot(own.pk, actor=world.worker, at=AT + HOUR, note="已扶正")
    closed(world, AT - 3 * DAY)
    oversight.draw_due(at=AT + DAY)
    assert SampleDraw.objects.get().frame == []


@pytest.mark.django_db
def test_a_call_back_is_only_asked_where_there_is_a_number(world: World):
    oversight.save_rule(
        None,
        actor=world.leader,
        at=AT,
        name="电话回访",
        kind="call_back",
        period="daily",
        share=100,
        stratum="region",
    )
    closed(world, AT)
    with_number = closed(world, AT, reporter=ReporterData(name="王小明", phone="13800001234"))
    oversight.draw_due(at=AT + DAY)
    sample = Sample.objects.get()
    assert sample.case_id == with_number.pk
    oversight.not_reached(sample.pk, actor=world.operator, at=AT + DAY)
    found = oversight.find_sound(sample.pk, actor=world.operator, at=AT + DAY + HOUR, result=4, note="满意")
    assert (found.attempts, found.outcome) == (1, "sound")
    assert list(with_number.feedback.order_by("at").values_list("is_reached", "result")) == [
        (False, None),
        (True, 4),
    ]


# finding ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_false_closure_is_reopened_counted_and_explained(world: World, sign_in: SignIn, drawn: SampleDraw):
    sample = drawn.samples.get()
    oversight.find_false(sample.pk, actor=world.leader, at=AT + DAY, reason="垃圾还在原处")
    sample.refresh_from_db()
    case = Case.objects.get(pk=sample.case_id)
    assert (sample.outcome, sample.reopened_at, case.state, case.reopenings) == (
        "false",
        AT + DAY,
        "registered",
        1,
    )
    assert last_line(case).note == "抽查发现虚假办结：垃圾还在原处"
    Sample.objects.update(drawn_at=timezone.now())
    by_unit = sign_in(world.leader).get(reverse("oversight:samples")).context["by_unit"]
    assert [(row["name"], row["false"]) for row in by_unit] == [("综合执法局", 1)]


@pytest.mark.django_db
def test_who_may_not_reopen_reports_it_and_the_leader_decides(world: World, drawn: SampleDraw):
    sample = drawn.samples.get()
    oversight.assign_sample(sample.pk, actor=world.operator, at=AT + DAY, user_id=world.worker.user_id)
    with pytest.raises(InvalidInput):
        oversight.find_false(sample.pk, actor=world.worker, at=AT + DAY, reason=" ")
    oversight.find_false(sample.pk, actor=world.worker, at=AT + DAY, reason="还在原处")
    assert Case.objects.get(pk=sample.case_id).state == "closed"
    with pytest.raises(NotAllowed):
        oversight.reopen_sample(sample.pk, actor=world.operator, at=AT + DAY)
    oversight.reopen_sample(sample.pk, actor=world.leader, at=AT + DAY + HOUR)
    assert Case.objects.get(pk=sample.case_id).state == "registered"
    with pytest.raises(SampleMoved):
        oversight.dismiss_sample(sample.pk, actor=world.leader, at=AT + DAY + HOUR, reason="是另一处")


@pytest.mark.django_db
def test_the_leader_may_explain_why_it_is_none(world: World, drawn: SampleDraw):
    sample = drawn.samples.get()
    oversight.find_false(sample.pk, actor=world.operator, at=AT + DAY, reason="还在原处")
    oversight.dismiss_sample(sample.pk, actor=world.leader, at=AT + DAY + HOUR, reason="是新堆的，另案办理")
    sample.refresh_from_db()
    assert (sample.outcome, sample.reason) == ("dismissed", "还在原处\n是新堆的，另案办理")


@pytest.mark.django_db
def test_a_case_that_goes_round_again_is_not_checked(world: World, drawn: SampleDraw):
    sample = drawn.samples.get()
    actions.reopen(sample.case_id, actor=world.leader, at=AT + DAY, note="又堆上了")
    with pytest.raises(SampleMoved):
        oversight.find_sound(sample.pk, actor=world.operator, at=AT + DAY)
    assert oversight.drop_moot(at=AT + DAY) == 1


@pytest.mark.django_db
def test_the_pages_of_sampling(world: World, sign_in: SignIn, drawn: SampleDraw):
    sample = drawn.samples.get()
    leader = sign_in(world.leader)
    page = leader.get(reverse("oversight:draw", args=[drawn.pk]))
    assert page.context["is_same"] is True
    assert page.context["strata"] == [("综合执法局", 12, 1)]
    one = reverse("oversight:sample", args=[sample.pk])
    assert {step for step, _form in leader.get(one).context["moves"]} == {"sound", "false", "assign"}
    assert (
        leader.post(reverse("oversight:judge", args=[sample.pk, "false"]), {"reason": ""}).status_code == 422
    )
    leader.post(reverse("oversight:judge", args=[sample.pk, "sound"]), {"note": "已清"})
    assert Sample.objects.get().outcome == "sound"
    stranger = factories.add_person(world, Role.HANDLER, "committee", "other_village", name="zhao")
    assert sign_in(stranger).get(one).status_code == 404
    new = {
        "form": "sample", "name": "周查", "kind": "field", "period": "weekly", "share": 5, "stratum": "region",
        "task": "每日上传轨迹",
    }  # fmt: skip
    refused = leader.post(reverse("oversight:rules"), new)
    assert refused.status_code == 422
    assert "减负" in refused.content.decode()
    leader.post(reverse("oversight:rules"), new | {"task": "看现场是否恢复"})
    kept = SampleRule.objects.get(name="周查")
    leader.post(reverse("oversight:sample_rule", args=[kept.pk]), {"switch": "off"})
    kept.refresh_from_db()
    assert (kept.is_active, len(kept.seed)) == (False, 16)
