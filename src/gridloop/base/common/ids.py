"""Keys and codes: time-ordered UUIDs, unguessable tracking codes, keys that repeat for the same row."""

import hashlib
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from random import Random

import uuid_utils

TRACKING_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on paper: no 0 O 1 I L U
TRACKING_LENGTH = 12  # 58 bits
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


_foretold: ContextVar["Seeded | None"] = ContextVar("foretold", default=None)


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7, ordered by the time of its making."""
    seeded = _foretold.get()
    return seeded.key() if seeded else uuid.UUID(int=uuid_utils.uuid7().int)


@contextmanager
def keys_from(seeded: "Seeded") -> Iterator["Seeded"]:
    """Let `new_id` take its keys from `seeded` meanwhile: for invented cases only."""
    token = _foretold.set(seeded)
    try:
        yield seeded
    finally:
        _foretold.reset(token)


def id_at(at: datetime, *, seed: str) -> uuid.UUID:
    """
    Return the UUIDv7 of the moment `at` whose random bits come from `seed`.

    The same moment and seed give the same key, so that an import that is run twice finds its own rows.
    """
    digest = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:10])
    value = int(at.timestamp() * 1000) << 80 | digest
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)  # RFC 9562 variant


def first_id(at: datetime) -> uuid.UUID:
    """Return the smallest key of the millisecond of `at`: keys sort by the time of their making."""
    return uuid.UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def time_of(key: uuid.UUID) -> float:
    """Return the Unix time in seconds that a UUIDv7 carries."""
    return (key.int >> 80) / 1000


def tells_a_time(key: uuid.UUID) -> bool:
    """Return whether a key that somebody gave carries a time that a calendar has."""
    return time_of(key) <= LATEST


def new_tracking_code() -> str:
    """Return an unguessable code of 12 characters for a reporter to follow a case by."""
    return "".join(secrets.choice(TRACKING_ALPHABET) for _ in range(TRACKING_LENGTH))


class Seeded:
    """
    Keys and codes that come from `rng`, so that the same seed gives the same ones; `at` is their moment.

    They can be foretold by whoever knows the seed: for invented cases only.
    """

    def __init__(self, rng: Random, at: datetime) -> None:
        self.at = at
        self._rng = rng

    def key(self) -> uuid.UUID:
        """Return the next UUIDv7 of the moment `at`."""
        return id_at(self.at, seed=str(self._rng.getrandbits(128)))

    def code(self) -> str:
        """Return the next tracking code."""
        return "".join(self._rng.choices(TRACKING_ALPHABET, k=TRACKING_LENGTH))


def show_tracking_code(code: str) -> str:
    """Return the code in groups of four, as people write it down."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def read_tracking_code(text: str) -> str:
    """Return what a person typed as a bare code: upper case, no spaces or hyphens."""
    return "".join(ch for ch in text.upper() if ch.isalnum())
