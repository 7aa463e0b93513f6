"""Scores: reckoned by a formula that is data, with the cases behind every figure, settled month by month."""

import io
from datetime import date, timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gridloop.base.common.errors import DomainError, InvalidInput, NotAllowed
from gridloop.capabilities.figures.actions.folding import fold
from gridloop.capabilities.figures.actions.rebuilding import rebuild
from gridloop.capabilities.figures.actions.scoring import (
    ask_exclusion,
    decide_exclusion,
    set_formula,
    settle_due,
    settle_month,
)
from gridloop.capabilities.figures.formula import DELIVERED, TERMS, rules_for, score
from gridloop.capabilities.figures.labels import ExclusionReason, What
from gridloop.capabilities.figures.models import Exclusion, Publication, Tally
from gridloop.capabilities.figures.reading import By, Sums
from gridloop.capabilities.figures.scores import Asked, behind, scores
from gridloop.capabilities.notify.models import Notice
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR
from tests.core.org.factories import signed_in

pytestmark = pytest.mark.django_db
MONTH = timezone.localdate(AT).replace(day=1)
NUMBERS = {
    "response": 20, "resolution": 40, "satisfaction": 40, "late_points": 0, "rework_points": 0,
    "send_back_points": 0, "least_cases": 1, "settles_after_days": 3,
}  # fmt: skip


def sums(**counts: int) -> Sums:
    return Sums(all=dict(counts))


def ask(case, actor, at=AT + DAY):
    return ask_exclusion(case.pk, actor=actor, at=at, reason=ExclusionReason.FORCE, detail="台风期间道路中断")


# the formula -------------------------------------------------------------------------------------------------


def test_a_score_is_the_weighted_rates_less_what_is_deducted_and_shows_its_arithmetic():
    found = score(
        sums(dispatched=20, responded=18, sent_back=2, closed=10, on_time=8, resolved=9, reworked=1,
             rated=4, satisfied=3),
        DELIVERED,
    )  # fmt: skip
    # 90%×30 + 90%×35 + 75%×35 − 20%×10 − 10%×10 − 10%×5
    assert found.points == pytest.approx(27 + 31.5 + 26.25 - 2 - 1 - 0.5, abs=0.06)
    assert found.reckoning == ("90.0%×30 + 90.0%×35 + 75.0%×35 − 20.0%×10 − 10.0%×10 − 10.0%×5 = 81.2")


def test_a_rate_that_nobody_can_know_leaves_its_weight_to_the_others():
    found = score(sums(dispatched=10, responded=10, closed=10, on_time=10, resolved=10), DELIVERED)
    assert found.points == 100
    assert found.rates["satisfaction"].words == "—"


def test_small_numbers_are_shown_and_not_scored():
    found = score(sums(dispatched=9, responded=9, closed=9, on_time=9, resolved=9), DELIVERED)
    assert (found.points, found.is_small, found.rates["response"].words) == (None, True, "100.0%")


def test_the_formula_of_a_month_is_the_newest_version_in_force_by_then(world):
    assert rules_for(MONTH) == DELIVERED
    made = set_formula(
        actor=world.leader, at=AT, effective_on=date(2026, 6, 1), source="镇考核办法", **NUMBERS
    )
    assert (made.version, rules_for(date(2026, 5, 1)).version, rules_for(date(2026, 7, 1)).version) == (
        2,
        1,
        2,
    )
    assert rules_for(date(2026, 7, 1)).response == 20


def test_weights_that_do_not_make_a_hundred_are_refused_by_action_and_database(world):
    with pytest.raises(InvalidInput) as refused:
        set_formula(actor=world.leader, at=AT, effective_on=MONTH, source="", **NUMBERS | {"response": 30})
    assert set(refused.value.fields) == {"response", "resolution", "satisfaction"}
    made = set_formula(actor=world.leader, at=AT, effective_on=MONTH, source="", **NUMBERS)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(made).objects.filter(pk=made.pk).update(response=21)


def test_whoever_does_not_manage_the_figures_sets_no_formula(world):
    with pytest.raises(NotAllowed):
        set_formula(actor=world.operator, at=AT, effective_on=MONTH, source="", **NUMBERS)


# the table ---------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(world):
    """A month with all sorts of cases."""
    for n in range(3):
        factories.closed(world, AT + n * DAY)
    late = factories.dispatched(world)
    actions.sign_for(late.pk, actor=world.handler, at=AT + 4 * DAY)
    again = factories.closed(world)
    actions.rate(again.pk, actor=factories.holder_of(again), at=AT + HOUR, attitude=1, result=1)
    other = factories.dispatched(world, region_id=world.town.other_village.pk)
    factories.send_back(world, other, AT + HOUR)
    actions.dispatch(other.pk, actor=world.operator, at=AT + 2 * HOUR, lead_unit_id=world.town.committee.pk)
    spot = factories.reported(world)
    actions.close_on_spot(spot.pk, actor=world.worker, at=AT + HOUR, note="当场清走")
    factories.closed(world, is_drill=True)
    return world


def test_the_table_is_in_order_of_names_whatever_the_points(busy):
    for by in (By.UNIT, By.REGION):
        names = [row.name for row in scores(busy.leader, MONTH, by=by).rows]
        assert names == sorted(names)
        assert len(names) == 2


@pytest.mark.parametrize("by", [By.UNIT, By.REGION])
def test_every_figure_opens_exactly_the_cases_that_it_counts(busy, by):
    for role in (Role.LEADER, Role.SECRETARY, Role.UNIT_LEAD):
        actor = busy.actors[role]
        table = scores(actor, MONTH, by=by)
        for row in table.rows:
            for term in TERMS.values():
                rate = row.score.rates[term.name]
                for what, n in ((term.above, rate.above), (term.below, rate.below)):
                    asked = Asked(MONTH, what, by, row.key)
                    assert behind(actor, asked).count() == n, (role, row.name, what)
        for term in TERMS.values():
            whole = behind(actor, Asked(MONTH, term.below, by))
            assert whole.count() == table.whole.rates[term.name].below, (role, term.name)


def test_what_is_missing_from_a_rate_has_its_list_too(busy):
    asked = Asked(MONTH, What.DISPATCHED, By.UNIT, busy.lead_unit, without=What.RESPONDED)
    assert [t.case.state for t in behind(busy.leader, asked)] == ["handling"]


def test_a_region_is_looked_into_part_by_part(busy):
    village = busy.town.village.pk
    whole = {row.key: row for row in scores(busy.leader, MONTH, by=By.REGION).rows}
    inside = scores(busy.leader, MONTH, by=By.REGION, region_id=village)
    assert whole[village].has_parts
    assert inside.whole.closed == whole[village].score.closed == 4
    assert [row.key for row in inside.rows] == [busy.town.grid.pk]


def test_a_unit_lead_sees_the_own_unit_alone(busy):
    rows = scores(busy.actors[Role.UNIT_LEAD], MONTH, by=By.UNIT).rows
    assert [row.key for row in rows] == [busy.lead_unit]


def test_the_pages_show_and_link_what_they_count(busy, django_assert_max_num_queries):
    client = signed_in(busy.leader)
    url = f"{reverse('figures:home')}?month={MONTH:%Y-%m}"
    client.get(url)
    with django_assert_max_num_queries(8):
        page = client.get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert "样本少，不评分" in text
    assert "响应率×30%" in text
    line = next(one for one in page.context["lines"] if one.row.key == busy.lead_unit)
    for cell in line.cells:
        for link, n in ((cell.above_url, cell.above), (cell.below_url, cell.below)):
            listed = client.get(link)
            assert listed.context["count"] == n == len(listed.context["page"].rows), link
    assert parse_qs(urlparse(line.closed_url).query)["key"] == [str(busy.lead_unit)]


def test_the_table_is_taken_along_as_a_sheet_with_its_formula(busy):
    answer = signed_in(busy.leader).get(f"{reverse('figures:export')}?month={MONTH:%Y-%m}")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert "响应率×30%" in sheet["A2"].value
    names = [row[0].value for row in sheet.iter_rows(min_row=4)]
    assert names == sorted(names)
    assert [row[-2].value for row in sheet.iter_rows(min_row=4)] == ["样本少，不评分"] * 2


def test_a_month_without_anything_says_what_to_do(world):
    page = signed_in(world.leader).get(f"{reverse('figures:home')}?month=2020-01")
    assert "这个月还没有计入考核的案件" in page.content.decode()


@pytest.mark.parametrize("query", ["month=1234567", "month=0001-01", "by=x", "region=abc", "month=9999-12"])
def test_filters_that_make_no_sense_do_no_harm(world, query):
    assert signed_in(world.leader).get(f"{reverse('figures:home')}?{query}").status_code == 200


# exclusions --------------------------------------------------------------------------------------------------


def test_a_granted_exclusion_takes_the_case_out_of_every_rate_and_is_counted_itself(world):
    case = factories.closed(world)
    factories.closed(world)
    fold()
    wish = ask(case, world.operator)
    assert scores(world.leader, MONTH, by=By.UNIT).whole.closed == 2
    decide_exclusion(wish.pk, actor=world.leader, at=AT + DAY, is_granted=True, answer="")
    found = scores(world.leader, MONTH, by=By.UNIT).rows[0]
    assert (found.score.closed, found.score.dispatched, found.score.excluded) == (1, 1, 1)
    excluded = Asked(MONTH, What.CLOSED, By.UNIT, world.lead_unit, is_excluded=True)
    assert [t.case_id for t in behind(world.leader, excluded)] == [case.pk]


def test_an_excluded_case_stays_out_whatever_becomes_of_it(world):
    case = factories.dispatched(world)
    wish = ask(case, world.operator)
    decide_exclusion(wish.pk, actor=world.leader, at=AT + DAY, is_granted=True, answer="")
    actions.sign_for(case.pk, actor=world.handler, at=AT + 2 * DAY)
    actions.submit_result(case.pk, actor=world.handler, at=AT + 2 * DAY, note="已清运")
    actions.verify_pass(case.pk, actor=world.operator, at=AT + 2 * DAY)
    actions.close(case.pk, actor=world.operator, at=AT + 2 * DAY)
    assert not Tally.objects.filter(case=case, what=What.CLOSED, is_excluded=False).exists()
    made = rebuild(at=AT, step=lambda done, total=None: None)
    assert (made.wrong_cases, made.wrong_counters) == (0, 0)


def test_nobody_decides_on_the_own_wish_by_action_or_by_database(world):
    case = factories.closed(world)
    wish = ask(case, world.leader)
    with pytest.raises(NotAllowed, match="申请人以外"):
        decide_exclusion(wish.pk, actor=world.leader, at=AT + DAY, is_granted=True, answer="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=wish.pk).update(
            decided_by=world.leader.user_id, decided_at=AT, is_granted=True
        )


def test_a_wish_is_decided_once_and_asked_once(world):
    case = factories.closed(world)
    wish = ask(case, world.operator)
    with pytest.raises(DomainError) as again:
        ask(case, world.operator)
    assert again.value.code == "already-asked"
    decide_exclusion(wish.pk, actor=world.leader, at=AT + DAY, is_granted=False, answer="道路当日已恢复")
    with pytest.raises(DomainError) as twice:
        decide_exclusion(wish.pk, actor=world.leader, at=AT + DAY, is_granted=True, answer="")
    assert twice.value.code == "already-decided"
    assert ask(case, world.operator).pk != wish.pk  # refused, one may ask again with better reasons


def test_a_wish_needs_a_reason_and_a_refusal_an_answer(world):
    case = factories.closed(world)
    with pytest.raises(InvalidInput):
        ask_exclusion(case.pk, actor=world.operator, at=AT, reason=ExclusionReason.OTHER, detail=" ")
    wish = ask(case, world.operator)
    with pytest.raises(InvalidInput):
        decide_exclusion(wish.pk, actor=world.leader, at=AT + DAY, is_granted=False, answer="")


def test_wish_and_decision_stand_in_the_cases_log_and_both_sides_are_told(world):
    case = factories.closed(world)
    wish = ask(case, world.operator)
    decide_exclusion(wish.pk, actor=world.leader, at=AT + 2 * DAY, is_granted=True, answer="情况属实")
    notes = [line.note for line in Entry.objects.stream(case.pk) if line.verb == "annotate"]
    assert ["台风期间道路中断" in notes[0], "情况属实" in notes[1]] == [True, True]
    told = set(Notice.objects.filter(topic="figures.exclusion").values_list("user_id", flat=True))
    assert told == {world.leader.user_id, world.operator.user_id}


def test_the_case_page_leads_to_the_wish_and_the_wish_to_the_decision(world):
    case = factories.closed(world)
    lead, leader = signed_in(world.actors[Role.UNIT_LEAD]), signed_in(world.leader)
    url = reverse("figures:ask", args=[case.pk])
    assert url in lead.get(reverse("desk:case", args=[case.pk])).content.decode()
    empty = lead.post(url, {"reason": "force", "detail": ""})
    assert empty.status_code == 422
    assert lead.post(url, {"reason": "force", "detail": "<b>停电</b>"}).status_code == 302
    listed = leader.get(reverse("figures:exclusions")).content.decode()
    assert "&lt;b&gt;停电" in listed
    wish = Exclusion.objects.get()
    assert lead.post(reverse("figures:decide", args=[wish.pk]), {"is_granted": "1"}).status_code == 403
    assert leader.post(reverse("figures:decide", args=[wish.pk]), {"is_granted": "1"}).status_code == 302
    assert Exclusion.objects.get().is_granted
    assert "不计入考核" in lead.get(reverse("desk:case", args=[case.pk])).content.decode()


def test_who_may_not_see_a_case_cannot_ask_about_it(world):
    case = factories.closed(world, region_id=world.town.other_village.pk)
    answer = signed_in(world.actors[Role.SECRETARY]).get(reverse("figures:ask", args=[case.pk]))
    assert answer.status_code == 404


# settling ----------------------------------------------------------------------------------------------------


def test_a_settled_month_stays_as_it_was(world):
    case, other = factories.closed(world), factories.closed(world)
    assert settle_month(MONTH, at=AT + 40 * DAY)
    before = scores(world.leader, MONTH, by=By.UNIT)
    actions.reopen(case.pk, actor=world.leader, at=AT + 20 * DAY, note="又堆上了")
    wish = ask(other, world.operator)
    decide_exclusion(wish.pk, actor=world.leader, at=AT + 41 * DAY, is_granted=True, answer="")
    set_formula(actor=world.leader, at=AT, effective_on=MONTH + timedelta(days=31), source="", **NUMBERS)
    after = scores(world.leader, MONTH, by=By.UNIT)
    assert (after.rows, after.whole, after.rules) == (before.rows, before.whole, before.rules)
    listed = behind(world.leader, Asked(MONTH, What.CLOSED, By.UNIT, world.lead_unit))
    assert {t.case_id for t in listed} == {case.pk, other.pk}
    made = rebuild(at=AT, step=lambda done, total=None: None)
    assert (made.wrong_cases, made.wrong_counters) == (0, 0)
    assert scores(world.leader, MONTH, by=By.UNIT).rows == before.rows


def test_months_are_settled_when_their_days_are_over_and_once(world):
    factories.closed(world)
    fold()
    assert settle_due(at=AT + 60 * DAY) == []  # history is not counted yet
    rebuild(at=AT, step=lambda done, total=None: None)
    end = factories.AT.replace(day=1) + timedelta(days=31)
    first_of_next = end.replace(day=1)
    assert settle_due(at=first_of_next + 4 * DAY) == []
    assert settle_due(at=first_of_next + 6 * DAY) == [MONTH]
    assert settle_due(at=first_of_next + 6 * DAY) == []
    assert not settle_month(MONTH, at=AT)
    assert Publication.objects.count() == 1


def test_no_formula_reaches_into_a_settled_month(world):
    settle_month(MONTH, at=AT)
    with pytest.raises(InvalidInput, match="已经结算"):
        set_formula(actor=world.leader, at=AT, effective_on=MONTH, source="", **NUMBERS)


def test_the_page_of_the_formula_keeps_what_was_typed(world):
    client = signed_in(world.leader)
    given = NUMBERS | {"effective_on": "2026-12", "source": "镇考核办法"}
    wrong = client.post(reverse("figures:formula"), given | {"response": 99})
    assert wrong.status_code == 422
    assert "镇考核办法" in wrong.content.decode()
    assert client.post(reverse("figures:formula"), given).status_code == 302
    assert "第 2 版" in client.get(reverse("figures:formula")).content.decode()
    assert signed_in(world.operator).post(reverse("figures:formula"), given).status_code == 403
