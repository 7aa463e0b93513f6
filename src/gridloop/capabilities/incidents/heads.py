"""Where the log of each incident must end, for the verification of the log."""

from collections.abc import Iterator

from gridloop.capabilities.incidents.models import Incident
from gridloop.core.audit.verify import StreamHead

CHUNK = 2_000


def heads() -> Iterator[StreamHead]:
    """Yield the end of every incident's log, as the incident says it."""
    rows = Incident.objects.order_by("pk").values_list("pk", "version", "log_head", "closed_at")
    for key, version, digest, closed_at in rows.iterator(chunk_size=CHUNK):
        yield StreamHead(str(key), version, bytes(digest), "closed" if closed_at else "open")
