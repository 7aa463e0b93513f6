import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.ids import (
    TRACKING_ALPHABET,
    id_at,
    new_id,
    new_tracking_code,
    read_tracking_code,
    show_tracking_code,
    time_of,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_keys_are_uuids_of_version_7_in_the_order_of_their_making():
    keys = [new_id() for _n in range(1000)]
    assert {(key.version, key.variant) for key in keys} == {(7, uuid.RFC_4122)}
    assert keys == sorted(keys)
    assert len(set(keys)) == 1000


@given(at=moments, seed=st.text())
def test_the_same_moment_and_seed_give_the_same_key_which_carries_its_time(at, seed):
    try:
        seed.encode()
    except UnicodeEncodeError:
        return
    key = id_at(at, seed=seed)
    assert key == id_at(at, seed=seed)
    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert time_of(key) == pytest.approx(at.timestamp(), abs=0.001)


def test_another_seed_or_a_later_moment_gives_another_key_the_later_one_larger():
    assert id_at(NOON, seed="1") != id_at(NOON, seed="2")
    assert id_at(NOON, seed="9") < id_at(NOON + timedelta(milliseconds=1), seed="1")


def test_a_tracking_code_holds_nothing_that_is_misread_and_does_not_repeat():
    codes = {new_tracking_code() for _n in range(10_000)}
    assert len(codes) == 10_000
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) == set(TRACKING_ALPHABET)
    assert not set(TRACKING_ALPHABET) & set("01OILU")


def test_a_code_is_read_as_people_type_it():
    code = new_tracking_code()
    shown = show_tracking_code(code)
    assert [len(part) for part in shown.split("-")] == [4, 4, 4]
    for typed in (shown, shown.lower(), f"  {shown.replace('-', ' ')} ", code):
        assert read_tracking_code(typed) == code
