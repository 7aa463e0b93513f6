"""People, their posts, and whom they act as."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.core.org import actions, policies
from gridloop.core.org.actions.people import AlreadyHeld
from gridloop.core.org.actors import ActorKind, actor_of, name_of
from gridloop.core.org.models import Post, UserEvent
from gridloop.core.org.permissions import Role
from gridloop.core.org.posts import acting, people_of, posts_of
from tests.core.org.factories import TODAY, make_person, make_post, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def wang():
    return make_person("wang", full_name="王明")


def test_an_actor_carries_what_permissions_and_visibility_need(town, wang):
    actor = actor_of(make_post(wang, town.centre, Role.OPERATOR, town.town))
    assert actor.label == "王明 · 指挥中心坐席"
    assert (actor.kind, actor.user_id, actor.unit_id) == (ActorKind.PERSON, wang.pk, town.centre.pk)
    assert (actor.region_path, actor.region_is_root) == (town.town.path, True)


def test_the_log_names_who_acts_in_the_towns_language_and_the_page_in_the_readers(town, wang):
    post = make_post(wang, town.centre, Role.OPERATOR, town.town)
    with translation.override("en"):
        assert actor_of(post).label == "王明 · 指挥中心坐席"
        assert name_of(post) == "王明 · 指挥中心, Operator"


def test_a_post_in_a_village_is_not_at_the_root(town, wang):
    actor = actor_of(make_post(wang, town.committee, Role.SECRETARY, town.village))
    assert actor.region_path == town.village.path
    assert not actor.region_is_root


def test_a_refusal_says_what_was_asked_in_the_readers_words(town, wang):
    actor = actor_of(make_post(wang, town.office, Role.HANDLER, town.town))
    policies.check_can(actor, "case.sign_for")
    with pytest.raises(NotAllowed, match="“派遣”"):
        policies.check_can(actor, "case.dispatch")


def test_a_person_acts_in_the_chosen_post_else_in_the_default_one(town, wang):
    first = make_post(wang, town.office, Role.HANDLER, town.town)
    second = make_post(wang, town.centre, Role.OPERATOR, town.town)
    assert acting(wang, on=TODAY).post_id == first.pk
    assert acting(wang, on=TODAY, chosen=second.pk).post_id == second.pk
    assert acting(wang, on=TODAY, chosen=-1).post_id == first.pk
    actions.make_default(second.pk)
    assert acting(wang, on=TODAY).post_id == second.pk


def test_a_post_counts_from_its_first_to_its_last_day(town, wang):
    post = make_post(wang, town.office, Role.HANDLER, town.town)
    actions.end_post(post.pk, on=TODAY)
    assert [p.pk for p in posts_of(wang.pk, TODAY)] == [post.pk]
    assert posts_of(wang.pk, TODAY + timedelta(days=1)) == []
    assert posts_of(wang.pk, date(2025, 12, 31)) == []
    assert list(Post.objects.held_on(TODAY)) == [post]
    assert acting(wang, on=TODAY + timedelta(days=1)).role == Role.RESIDENT


def test_asking_who_acts_costs_no_query_once_it_is_known(town, wang, django_assert_num_queries):
    make_post(wang, town.office, Role.HANDLER, town.town)
    acting(wang, on=TODAY)
    with django_assert_num_queries(0):
        acting(wang, on=TODAY)


def test_a_renamed_unit_shows_in_the_actor_at_once(town, wang):
    make_post(wang, town.office, Role.HANDLER, town.town)
    acting(wang, on=TODAY)
    actions.amend_unit(town.office.pk, name="城管局")
    assert acting(wang, on=TODAY).label == "王明 · 城管局经办人"


def test_the_same_post_is_not_given_twice_but_again_after_it_ended(town, wang):
    post = make_post(wang, town.office, Role.HANDLER, town.town)
    with pytest.raises(AlreadyHeld, match="不必重复任命"):
        make_post(wang, town.office, Role.HANDLER, town.town)
    actions.end_post(post.pk, on=TODAY)
    assert make_post(wang, town.office, Role.HANDLER, town.town).pk != post.pk


def test_a_new_default_takes_the_place_of_the_old_one(town, wang):
    make_post(wang, town.office, Role.HANDLER, town.town)
    second = make_post(wang, town.centre, Role.OPERATOR, town.town, is_default=True)
    assert [p.pk for p in wang.posts.filter(is_default=True)] == [second.pk]


def test_an_ended_post_is_no_default_and_does_not_end_before_it_began(town, wang):
    post = make_post(wang, town.office, Role.HANDLER, town.town)
    with pytest.raises(InvalidInput, match="离任日期不能早于"):
        actions.end_post(post.pk, on=date(2025, 1, 1))
    actions.end_post(post.pk, on=TODAY)
    with pytest.raises(InvalidInput, match="不能设为默认岗位"):
        actions.make_default(post.pk)


def test_nobody_is_appointed_to_the_systems_role(town, wang):
    with pytest.raises(InvalidInput, match="不是可以任命的"):
        make_post(wang, town.office, Role.SYSTEM, town.town)


def test_the_admin_opens_to_whoever_manages_and_closes_when_the_post_ends(town, wang):
    make_post(wang, town.office, Role.HANDLER, town.town)
    wang.refresh_from_db()
    assert not wang.is_staff
    post = make_post(wang, town.centre, Role.ADMIN, town.town)
    wang.refresh_from_db()
    assert wang.is_staff
    actions.end_post(post.pk, on=TODAY)
    wang.refresh_from_db()
    assert not wang.is_staff


def test_a_persons_history_never_holds_a_password(wang):
    wang.set_password("correct horse battery")
    wang.save()
    actions.amend_user(wang.pk, phone="0519-88880000")
    assert "password" not in {f.name for f in UserEvent._meta.get_fields()}
    assert UserEvent.objects.filter(pgh_obj=wang).latest("pgh_id").phone == "0519-88880000"


def test_a_user_name_is_taken_once(wang):
    with pytest.raises(InvalidInput, match="已被使用"):
        make_person("wang")


class TestPeopleOf:
    """Whom a matter concerns, without a question to the database."""

    def test_a_unit_a_permission_and_a_place_narrow_together(self, town):
        people = {name: make_person(name) for name in ("operator", "leader", "handler", "secretary")}
        make_post(people["operator"], town.centre, Role.OPERATOR, town.town)
        make_post(people["leader"], town.centre, Role.LEADER, town.town)
        make_post(people["handler"], town.office, Role.HANDLER, town.town)
        make_post(people["secretary"], town.committee, Role.SECRETARY, town.village)

        def found(**narrow) -> set[str]:
            ids = people_of(on=TODAY, **narrow)
            return {name for name, person in people.items() if person.pk in ids}

        assert found() == set(people)
        assert found(unit_ids=[town.centre.pk, town.office.pk]) == {"operator", "leader", "handler"}
        assert found(permission="case.adjudicate") == {"leader"}
        assert found(permission="case.sign_for", region_path=town.grid.path) == {"handler", "secretary"}
        assert found(permission="case.sign_for", region_path=town.other_village.path) == {"handler"}
        assert found(unit_ids=[]) == set()

    def test_whoever_left_or_has_not_come_yet_is_not_among_them(self, town, wang):
        post = make_post(wang, town.office, Role.HANDLER, town.town)
        assert people_of(on=post.starts_on - timedelta(days=1)) == []
        actions.end_post(post.pk, on=TODAY)
        assert people_of(on=TODAY) == [wang.pk]
        assert people_of(on=TODAY + timedelta(days=1)) == []

    def test_it_asks_nothing_a_second_time(self, town, wang, django_assert_num_queries):
        make_post(wang, town.office, Role.HANDLER, town.town)
        people_of(on=TODAY)
        with django_assert_num_queries(0):
            assert people_of(on=TODAY, unit_ids=[town.office.pk]) == [wang.pk]
