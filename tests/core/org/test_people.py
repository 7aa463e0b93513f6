"""People are added, amended and given passwords by actions that say what is wrong."""

import pytest

from gridloop.base.common.errors import InvalidInput
from gridloop.core.audit.models import Entry
from gridloop.core.org import actions
from gridloop.core.org.actors import SYSTEM, actor_of
from gridloop.core.org.models import Post, User
from gridloop.core.org.permissions import Role
from tests.core.org.factories import NOW, make_person, make_post, make_town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "王/明", "a\x00"])
def test_a_user_name_is_short_and_plain(name):
    with pytest.raises(InvalidInput) as refusal:
        actions.add_user(name, full_name="王明")
    assert "username" in refusal.value.fields


@pytest.mark.parametrize("name", ["wang", "王明", "wang.ming@cloud", "w+1"])
def test_a_user_name_may_be_chinese(name):
    assert actions.add_user(name, full_name="王明").username == name


def test_without_a_password_nobody_comes_in_by_one():
    assert not actions.add_user("wang", full_name="王明").has_usable_password()


@pytest.mark.parametrize("weak", ["", "short7", "12345678901", "password123", "wangming01"])
def test_a_weak_password_is_refused_and_nobody_is_added(weak):
    with pytest.raises(InvalidInput) as refusal:
        actions.add_user("wangming", full_name="王明", password=weak)
    assert "new_password" in refusal.value.fields
    assert not User.objects.exists()


def test_a_new_password_obeys_the_same_rules():
    wang = make_person("wang")
    with pytest.raises(InvalidInput):
        actions.set_password(wang.pk, "12345678901")
    assert actions.set_password(wang.pk, "morning-river-7").check_password("morning-river-7")


def test_a_person_shows_by_name_and_else_by_user_name():
    assert str(make_person("wang", full_name="王明")) == "王明"
    assert str(make_person("li", full_name="")) == "li"


def test_a_second_post_is_no_default_unless_that_is_said():
    town = make_town()
    wang = make_person("wang")
    make_post(wang, town.office, Role.HANDLER, town.town)
    make_post(wang, town.centre, Role.OPERATOR, town.town, is_default=False)
    assert [post.role for post in Post.objects.filter(is_default=True)] == [Role.HANDLER]


class TestActs:
    """Lines of the audit log about a person, a post, a unit."""

    def test_they_form_one_chain_for_each_row(self):
        town = make_town()
        gu = make_person("gu", full_name="顾管理")
        actor = actor_of(make_post(gu, town.centre, Role.ADMIN, town.town))
        for verb in ("add", "amend"):
            actions.log_act(gu, verb, actor=actor, at=NOW, data={"fields": ["phone"]})
        actions.log_act(town.office, "amend", actor=SYSTEM, at=NOW)
        first, second = Entry.objects.stream(actions.stream_of(gu))
        assert (first.verb, second.verb, first.seq, second.seq) == ("user.add", "user.amend", 1, 2)
        assert bytes(second.prev) == bytes(first.hash)
        assert (first.user_id, first.actor_label) == (gu.pk, "顾管理 · 指挥中心系统管理员")
        assert Entry.objects.stream(actions.stream_of(town.office)).get().verb == "unit.amend"

    def test_the_stream_of_a_row_is_the_same_for_ever_and_no_other_rows(self):
        town = make_town()
        assert actions.stream_of(town.office) == actions.stream_of(town.office)
        assert (
            len({actions.stream_of(row) for row in (town.office, town.centre, town.town, town.village)}) == 4
        )
