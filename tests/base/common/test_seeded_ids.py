"""Keys and codes that come out the same each time, for invented cases."""

from datetime import UTC, datetime
from random import Random

from gridloop.base.common.ids import TRACKING_ALPHABET, TRACKING_LENGTH, Seeded, keys_from, new_id, time_of

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_the_same_seed_gives_the_same_keys_and_codes_and_another_seed_others() -> None:
    first, again, other = (Seeded(Random(seed), AT) for seed in (1, 1, 2))
    drawn = [[s.key() for _ in range(3)] + [s.code()] for s in (first, again, other)]
    assert drawn[0] == drawn[1]
    assert not set(drawn[0]) & set(drawn[2])


def test_a_seeded_key_is_a_uuid_of_version_7_and_of_its_moment() -> None:
    key = Seeded(Random(1), AT).key()
    assert (key.version, time_of(key)) == (7, AT.timestamp())


def test_a_seeded_code_looks_like_any_other() -> None:
    code = Seeded(Random(1), AT).code()
    assert len(code) == TRACKING_LENGTH
    assert set(code) <= set(TRACKING_ALPHABET)


def test_what_is_made_meanwhile_takes_its_keys_from_the_seed() -> None:
    drawn = []
    for _time in range(2):
        with keys_from(Seeded(Random(1), AT)):
            drawn.append([new_id(), new_id()])
    assert drawn[0] == drawn[1]
    assert new_id() not in drawn[0]
