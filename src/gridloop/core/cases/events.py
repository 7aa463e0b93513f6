"""
What others want to know of the loop. A domain or a capability subscribes in its `apps.py`; no Django signals.

A handler runs inside the verb's transaction: what it writes, and the jobs that it defers, stand or fall
with it.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile

Handler: TypeAlias = Callable[[CaseFile, Entry], None]
_handlers: dict[str, list[Handler]] = defaultdict(list)


def subscribe(verb: str, handler: Handler) -> None:
    """Call `handler(file, entry)` after every `verb`, before the transaction ends."""
    _handlers[verb].append(handler)


def announce(file: CaseFile, entry: Entry) -> None:
    """Tell the subscribers of the entry's verb."""
    for handler in _handlers[entry.verb]:
        handler(file, entry)
