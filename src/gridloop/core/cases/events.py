"""
What others want to know of the loop. A domain or a capability subscribes in its `apps.py`; no Django signals.

A handler runs inside the verb's transaction: what it writes, and the jobs that it defers, stand or fall
with it. One that counts or copies every verb subscribes to what is stored, and gets a bulk load at once.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile

Handler: TypeAlias = Callable[[CaseFile, Entry], None]
StoredHandler: TypeAlias = Callable[[Sequence[CaseFile]], None]
_handlers: dict[str, list[Handler]] = defaultdict(list)
_stored: list[StoredHandler] = []


def subscribe(verb: str, handler: Handler) -> None:
    """Call `handler(file, entry)` after every `verb`, before the transaction ends."""
    _handlers[verb].append(handler)


def announce(file: CaseFile, entry: Entry) -> None:
    """Tell the subscribers of the entry's verb."""
    for handler in _handlers[entry.verb]:
        handler(file, entry)


def subscribe_stored(handler: StoredHandler) -> None:
    """
    Call `handler(files)` whenever files were stored, after the subscribers of their verbs.

    Each file still has the `entries` that were written and says by `is_new` whether the case is.
    """
    _stored.append(handler)


def announce_stored(files: Sequence[CaseFile]) -> None:
    """Tell who wants to know of everything that is stored."""
    for handler in _stored:
        handler(files)
