"""All cases: filters in the address, pages, words, saved filters."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.urls import reverse

from gridloop.base.common.ids import id_at
from gridloop.core.cases import actions
from gridloop.core.cases.models import Case
from gridloop.core.cases.search import by_code
from gridloop.core.org.permissions import Role
from gridloop.faces.desk.models import MOST_SAVED, SavedFilter
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, MINUTE, World
from tests.core.org.factories import SignIn

pytestmark = pytest.mark.django_db
CASES, SEARCH = reverse("desk:cases"), reverse("desk:search")


def found(client, **filters) -> set[str]:
    return {row.case.number for row in client.get(CASES, filters).context["rows"]}


def test_each_filter_of_the_address_narrows_the_list(world: World, sign_in: SignIn):
    client = sign_in(world.operator)
    old = factories.reported(world, AT - 40 * DAY, category_id=world.catalogue.weeds.pk)
    village = factories.reported(world, region_id=world.town.other_village.pk)
    given = factories.dispatched(world)
    done = factories.closed(world)
    assert found(client, state="closed") == {done.number}
    assert found(client, state="open") == {old.number, village.number, given.number}
    assert found(client, category=world.catalogue.weeds.pk) == {old.number}
    assert found(client, category=world.catalogue.main.pk) == {c.number for c in (old, village, given, done)}
    assert found(client, region=world.town.other_village.pk) == {village.number}
    assert found(client, unit=world.lead_unit) == {given.number, done.number}
    assert found(client, channel="letter") == set()
    assert found(client, state="late", urgency="normal") == {old.number, village.number, given.number}


def test_dates_narrow_by_the_day_of_reporting_in_the_town(world: World, sign_in: SignIn):
    client = sign_in(world.operator)
    midnight = datetime(2026, 3, 1, 16, tzinfo=UTC)  # 2 March in Shanghai
    before, after = (
        actions.report(factories.intake(world), actor=world.worker, at=at, case_id=id_at(at, seed=str(at)))
        for at in (midnight - MINUTE, midnight)
    )
    assert found(client, until="2026-03-01") == {before.number}
    assert found(client, since="2026-03-02") == {after.number}


def test_a_wrong_filter_finds_nothing_and_says_where(world: World, sign_in: SignIn):
    factories.reported(world)
    response = sign_in(world.operator).get(CASES, {"since": "gestern"})
    assert response.context["rows"] == []
    assert response.context["form"].errors["since"]
    assert "筛选条件有误" in response.content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_day_that_no_key_can_carry_is_refused_beside_its_field(
    world: World, sign_in: SignIn, name: str, day: str
):
    response = sign_in(world.operator).get(CASES, {name: day})
    assert response.status_code == 200
    assert response.context["form"].errors[name]


def test_a_place_in_the_list_that_we_never_gave_is_the_first_page(world: World, sign_in: SignIn):
    case = factories.reported(world)
    assert found(sign_in(world.operator), q="垃圾", before=UUID(int=2**128 - 1)) == {case.number}


def test_words_find_what_was_described_newest_first(world: World, sign_in: SignIn):
    lamp = factories.reported(world, description="柳桥北路路灯不亮")
    factories.reported(world)
    client = sign_in(world.operator)
    assert found(client, q="路灯") == {lamp.number}
    assert found(client, q="路灯", state="closed") == set()
    assert "没有符合条件的案件" in client.get(CASES, {"q": "飞碟"}).content.decode()


@pytest.mark.parametrize("show", [lambda c: c.number, lambda c: c.shown_tracking_code.lower()])
def test_a_number_or_a_tracking_code_opens_its_case(world: World, sign_in: SignIn, show):
    case = factories.reported(world)
    response = sign_in(world.operator).get(SEARCH, {"q": f" {show(case)} "})
    assert response.url == reverse("desk:case", args=[case.pk])


def test_what_is_no_code_goes_to_the_list_as_words(world: World, sign_in: SignIn):
    response = sign_in(world.operator).get(SEARCH, {"q": "路灯&不亮"})
    assert response.url == f"{CASES}?q=%E8%B7%AF%E7%81%AF%26%E4%B8%8D%E4%BA%AE"


def test_a_code_of_somebody_elses_case_opens_nothing(world: World, sign_in: SignIn):
    case = factories.reported(world)
    outsider = factories.add_person(world, Role.HANDLER, "office", "town", name="zhao")
    assert sign_in(outsider).get(SEARCH, {"q": case.number}).url.startswith(CASES)


def test_pages_follow_each_other_without_a_gap_and_keep_the_filters(world: World, sign_in: SignIn):
    numbers = [factories.reported(world, AT + n * DAY).number for n in range(35)]
    client = sign_in(world.operator)
    first = client.get(CASES, {"state": "open"})
    cursor = first.context["page"].next_cursor
    second = client.get(CASES, {"state": "open", "cursor": cursor})
    seen = [row.case.number for page in (first, second) for row in page.context["rows"]]
    assert seen == numbers[::-1]
    assert "state=open" in first.content.decode().split('rel="next"')[1].split(">")[0]


def test_pages_of_found_words_go_on_where_they_stopped(world: World, sign_in: SignIn):
    numbers = {factories.reported(world).number for _ in range(33)}
    client = sign_in(world.operator)
    first = client.get(CASES, {"q": "垃圾"})
    before = first.context["page"].next_before
    second = client.get(CASES, {"q": "垃圾", "before": before})
    assert {r.case.number for page in (first, second) for r in page.context["rows"]} == numbers


def test_htmx_is_given_the_results_and_a_clean_address(world: World, sign_in: SignIn):
    response = sign_in(world.operator).get(
        CASES, {"state": "open", "q": "", "unit": ""}, headers={"HX-Request": "true"}
    )
    assert response["HX-Push-Url"] == f"{CASES}?state=open"
    assert "<html" not in response.content.decode()


def test_a_list_is_kept_under_a_name_and_forgotten_again(world: World, sign_in: SignIn):
    client = sign_in(world.operator)
    client.post(reverse("desk:save_filter"), {"name": "超期件", "query": "state=late&q=&cursor=x&evil=1"})
    kept = SavedFilter.objects.get()
    assert (kept.name, kept.query, kept.user_id) == ("超期件", "state=late", world.operator.user_id)
    assert "超期件" in client.get(CASES).content.decode()
    sign_in(world.leader).post(reverse("desk:drop_filter", args=[kept.pk]))
    assert SavedFilter.objects.exists()
    client.post(reverse("desk:drop_filter", args=[kept.pk]))
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("name", "query"), [("", "state=late"), ("空", ""), ("空", "cursor=abc"), ("\0", "state=late")]
)
def test_a_list_without_a_name_or_a_filter_is_not_kept(world: World, sign_in: SignIn, name, query):
    response = sign_in(world.operator).post(reverse("desk:save_filter"), {"name": name, "query": query})
    assert response.status_code == 422
    assert not SavedFilter.objects.exists()


def test_no_more_lists_are_kept_than_one_can_oversee(world: World, sign_in: SignIn):
    client = sign_in(world.operator)
    for n in range(MOST_SAVED + 1):
        response = client.post(reverse("desk:save_filter"), {"name": f"第{n}组", "query": "state=late"})
    assert response.status_code == 422
    assert SavedFilter.objects.count() == MOST_SAVED


@pytest.mark.parametrize(
    "query", [{}, {"state": "open", "unit": "1"}, {"q": "垃圾"}, {"q": "飞碟", "state": "late"}]
)
def test_a_list_asks_the_database_six_times_at_most(
    world: World, sign_in: SignIn, django_assert_max_num_queries, query
):
    for _ in range(32):
        factories.dispatched(world)
    client = sign_in(world.operator)
    client.get(CASES, query)
    with django_assert_max_num_queries(6):
        client.get(CASES, query)


def test_words_in_chinese_are_never_looked_up_as_a_code(world: World, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert by_code(world.operator, "路灯不亮") is None
    assert not Case.objects.exists()
