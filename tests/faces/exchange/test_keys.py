"""Keys of programs: issued once, narrowed to scopes, counted by the minute, revoked for good."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from gridloop.base.common.errors import InvalidInput, TooManyRequests
from gridloop.core.org import actions as org
from gridloop.core.org.actors import ActorKind
from gridloop.core.org.models import Post
from gridloop.faces.exchange import actions
from gridloop.faces.exchange.actors import actor_of_key
from gridloop.faces.exchange.errors import BadKey
from gridloop.faces.exchange.models import ApiKey
from tests.core.cases.factories import World
from tests.core.org.factories import NOW, TODAY
from tests.faces.exchange.factories import program

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def handler_post(world: World) -> Post:
    return Post.objects.with_names().get(pk=world.handler.post_id)


def test_only_the_hash_of_a_key_is_kept() -> None:
    key, secret = actions.issue_key("热线平台", scopes=["case.report"], at=NOW)
    row = ApiKey.objects.values().get(pk=key.pk)
    assert secret.startswith(key.prefix)
    assert not any(secret in str(value) for value in row.values())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["case.fly"]}, "scopes"),
        ({"scopes": ["case.reveal_reporter"]}, "scopes"),
        ({"scopes": ["people.manage"]}, "scopes"),
        ({"expires_at": NOW}, "expires_at"),
        ({"calls_per_minute": 0}, "calls_per_minute"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_issued(changes: dict[str, object], field: str) -> None:
    given = {"name": "热线平台", "scopes": ["case.report"]} | changes
    with pytest.raises(InvalidInput) as refusal:
        actions.issue_key(given.pop("name"), at=NOW, **given)
    assert list(refusal.value.fields) == [field]


def test_a_key_of_a_post_gets_no_more_than_the_post_has(world: World) -> None:
    with pytest.raises(InvalidInput):
        actions.issue_key("执法局", scopes=["case.dispatch"], post=handler_post(world), at=NOW)


def test_a_key_acts_as_a_program_in_the_part_of_its_post(world: World) -> None:
    key, _secret = actions.issue_key("执法局", scopes=["case.sign_for"], post=handler_post(world), at=NOW)
    actor = actor_of_key(key, on=TODAY)
    assert (actor.kind, actor.unit_id) == (ActorKind.PROGRAM, world.handler.unit_id)
    assert (actor.can("case.sign_for"), actor.can("case.send_back")) == (True, False)


def test_a_key_ends_with_its_post(world: World) -> None:
    post = handler_post(world)
    key, _secret = actions.issue_key("执法局", scopes=["case.view"], post=post, at=NOW)
    org.end_post(post.pk, on=TODAY)
    key = ApiKey.objects.get(pk=key.pk)
    assert actor_of_key(key, on=TODAY)
    with pytest.raises(BadKey):
        actor_of_key(key, on=TODAY + timedelta(days=1))
    with pytest.raises(BadKey):
        actor_of_key(key, on=date(2025, 12, 31))


def test_a_key_stops_with_the_account_of_whoever_holds_its_post(world: World) -> None:
    key, _secret = actions.issue_key("执法局", scopes=["case.view"], post=handler_post(world), at=NOW)
    org.amend_user(world.handler.user_id, is_active=False)
    with pytest.raises(BadKey):
        actor_of_key(ApiKey.objects.get(pk=key.pk), on=TODAY)


def test_a_revoked_an_expired_and_an_unknown_key_are_refused_alike() -> None:
    revoked, first = actions.issue_key("甲", scopes=["case.view"], at=NOW)
    _expired, second = actions.issue_key("乙", scopes=["case.view"], at=NOW, expires_at=NOW + MINUTE)
    actions.revoke_key(revoked.pk, at=NOW)
    refusals = []
    for secret in (first, second, "glk_nobody"):
        with pytest.raises(BadKey) as refusal:
            actions.admit(secret, at=NOW + MINUTE)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1


def test_revoking_again_keeps_the_first_time() -> None:
    key, _secret = actions.issue_key("甲", scopes=["case.view"], at=NOW)
    actions.revoke_key(key.pk, at=NOW)
    assert actions.revoke_key(key.pk, at=NOW + MINUTE).revoked_at == NOW


def test_calls_are_counted_by_the_minute() -> None:
    _key, secret = actions.issue_key("甲", scopes=["case.view"], at=NOW, calls_per_minute=2)
    late = NOW + timedelta(seconds=40)
    for _n in range(2):
        actions.admit(secret, at=late)
    with pytest.raises(TooManyRequests) as refusal:
        actions.admit(secret, at=late)
    assert refusal.value.detail["retry_after"] == 21
    assert actions.admit(secret, at=NOW + MINUTE)


def test_the_limit_is_told_over_http_with_the_seconds_to_wait(world: World) -> None:
    busy = program("case.view", calls_per_minute=1)
    busy.get("/key")
    answer = busy.get("/key")
    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")
    assert 1 <= int(answer["Retry-After"]) <= 61


def test_without_a_good_key_nothing_is_told(world: World) -> None:
    stranger = program("case.view")
    for secret in ("", "glk_wrong", stranger.secret + "x", "\u0142"):
        stranger.secret = secret
        answer = stranger.get("/cases")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_program_reads_what_its_key_may_do(world: World) -> None:
    told = program("case.view", "case.report", name="热线平台").get("/key").json()
    assert (told["name"], told["acts_as"]) == ("热线平台", "热线平台")
    assert told["scopes"] == ["case.report", "case.view"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"scopes": []},
        {"calls_per_minute": 0},
        {"expires_at": NOW},
    ],
)
def test_the_database_refuses_such_a_key_too(wrong: dict[str, object]) -> None:
    fields = {"name": "甲", "prefix": "glk_", "digest": b"1", "scopes": ["case.view"], "created_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.create(**fields | wrong)
