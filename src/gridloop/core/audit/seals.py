"""The digest that a seal puts on a range of lines. Pure."""

from datetime import UTC, date, datetime
from hashlib import sha256

import orjson

from gridloop.core.audit.reader import Line


class SealDigest:
    """Takes the lines of a range one by one in the order of their ids, then gives the digest."""

    def __init__(self, prev: bytes, day: date, first_id: int) -> None:
        self.count = 0
        self._sha = sha256(prev + orjson.dumps([day.isoformat(), first_id]))

    def add(self, line: Line) -> None:
        # What the chain leaves out is sealed here: the key, and when the database took the line in.
        self.count += 1
        recorded = _micros(line.recorded_at)
        self._sha.update(b"%d %s %d %d " % (line.id, line.stream.encode(), line.seq, recorded) + line.hash)

    def digest(self, last_id: int) -> bytes:
        """Return the 32 bytes for the range that ends at `last_id`."""
        final = self._sha.copy()
        final.update(orjson.dumps([last_id, self.count]))
        return final.digest()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(at: datetime) -> int:
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
