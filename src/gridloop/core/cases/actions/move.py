"""
How every verb is made: lock → version → state → permission → change named fields → log → effects. One
transaction.

A verb is a function `body(move, *, …)`; `@verb` makes it callable as
`verb(case_id, *, actor, at, expected_version=None, note="", …)`.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from gridloop.base.common.errors import NotFound
from gridloop.base.common.writes import Writes
from gridloop.core.audit.actions import build
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions.given import check_details
from gridloop.core.cases.casefile import CaseFile, locked_file
from gridloop.core.cases.errors import NoteRequired, StaleCase
from gridloop.core.cases.events import announce, announce_stored
from gridloop.core.cases.labels import VERBS, Channel
from gridloop.core.cases.models import Case
from gridloop.core.cases.policies import Ask, check, check_visible
from gridloop.core.cases.staff import note_reporters
from gridloop.core.cases.workflow import TRANSITIONS, State, Transition
from gridloop.core.org.actors import REPORTER, SYSTEM, Actor, ActorKind

# What staff report by these they found themselves; by the others they write down what somebody told them.
OWN_FINDS = frozenset({Channel.GRID, Channel.PATROL})
CONFIDENTIAL = "上报人（保密）"


@dataclass(slots=True)
class Move:
    """One verb under way on one locked file. `others` are the other files that it locked or made, by key."""

    file: CaseFile
    rule: Transition
    actor: Actor
    at: datetime
    note: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    others: dict[UUID, CaseFile] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        return self.file.case

    @property
    def ask(self) -> Ask:
        return Ask(self.file, self.actor, self.at)

    def check(self, expected_version: int | None) -> None:
        """
        Check version, state, permission, conditions and note.

        :raises NotFound: the actor may not know of the case, nor of its version.
        :raises StaleCase: the case has another version than the person saw.
        :raises NoteRequired: the verb needs a reason and got none.
        """
        check_visible(self.file, self.actor)
        if expected_version is not None and expected_version != self.case.version:
            raise StaleCase(_("案件刚刚被他人更新，请查看最新情况后再操作。"), version=self.case.version)
        check(self.rule.name, self.ask)
        if self.rule.needs_note and not self.note:
            raise NoteRequired(
                _("请填写%(verb)s的说明。") % {"verb": VERBS[self.rule.name]}, fields={"note": _("必填")}
            )

    def change(self, **values: Any) -> None:
        """Change named fields of the case; old and new go into the log."""
        old = {name: plain(getattr(self.case, name)) for name in values}
        self.file.set(self.case, **values)
        for name, value in values.items():
            if old[name] != plain(value):
                self.data.setdefault("changed", {})[name] = [old[name], plain(value)]

    def record(self, **facts: Any) -> None:
        """Add facts to the verb's line in the log."""
        self.data |= {name: plain(value) for name, value in facts.items()}

    def enter(self, state: State) -> None:
        """Put the case in `state`, which must be one of the verb's targets."""
        if state not in self.rule.targets:
            raise AssertionError(f"{self.rule.name} must not lead to {state}")
        self.file.enter(state, self.at)

    def follow_orders(self) -> None:
        """Put the case in the state that its work orders say."""
        self.enter(self.file.state_by_orders())

    def finish(self, source: str) -> Entry:
        """
        Write the line of the log and refresh what follows from the clocks.

        Who reported is not named in it: the unit that is reported on reads the log too.
        """
        if len(self.rule.targets) == 1:
            self.enter(self.rule.targets[0])
        self.file.refresh_due()
        case, actor = self.case, self.actor
        entry = build(
            case.pk,
            head=(case.version, bytes(case.log_head)),
            verb=self.rule.name,
            at=self.at,
            actor_kind=actor.kind.value,
            user_id=actor.user_id,
            post_id=actor.post_id,
            unit_id=actor.unit_id,
            actor_label=_label(actor, case),
            source=source,
            target=case.state,
            note=self.note,
            data=self.data,
        )
        self.file.set(case, version=entry.seq, log_head=entry.hash)
        self.file.entries.append(entry)
        return entry


def _label(actor: Actor, case: Case) -> str:
    if actor.kind == ActorKind.REPORTER:
        return REPORTER.label
    is_own = actor.user_id is not None and actor.user_id == case.reported_by_id and case.channel in OWN_FINDS
    return CONFIDENTIAL if is_own and case.is_confidential else actor.label


def plain(value: Any) -> Any:
    """Return the value as JSON can keep it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value


class Verb:
    """A verb of the loop: callable on a stored case, and by `on` on a file in memory."""

    def __init__(self, body: Callable[..., None], locks: Callable[..., Iterable[UUID]] | None) -> None:
        functools.update_wrapper(self, body)
        self.name = body.__name__
        self.body = body
        self.rule = TRANSITIONS[self.name]
        self._locks = locks

    def __call__(
        self,
        case_id: UUID,
        *,
        actor: Actor,
        at: datetime,
        expected_version: int | None = None,
        note: str = "",
        facts: Mapping[str, Any] | None = None,
        **details: Any,
    ) -> Case:
        """
        Make the verb in one transaction and return the case as it is then.

        :param at: when it happens, aware; the caller supplies the clock.
        :param expected_version: the version that the person was looking at; None skips that check alone.
        :param facts: what the line of the log is to keep besides what the verb itself says.
        :param details: what this verb takes besides, see its own docstring.
        :raises NotFound: there is no such case, or the actor may not know of it.
        :raises StaleCase: somebody changed the case meanwhile.
        :raises InvalidTransition, NotAllowed, LimitReached, NoteRequired: see `policies.check`.
        """
        check_details(self.body, details)
        try:
            with transaction.atomic():
                others = self._locks(case_id, **details) if self._locks else ()
                files = lock_files({case_id, *others})
                file = files.pop(case_id)
                self._make(
                    file,
                    actor=actor,
                    at=at,
                    expected_version=expected_version,
                    note=note,
                    others=files,
                    facts=facts,
                    **details,
                )
                for touched in (file, *files.values()):
                    store(touched)
        except OperationalError as error:
            if isinstance(error.__cause__, DeadlockDetected):
                raise StaleCase(_("有人正在同时操作相关案件，请重试。")) from error
            raise
        return file.case

    def on(
        self,
        file: CaseFile,
        *,
        actor: Actor,
        at: datetime,
        expected_version: int | None = None,
        note: str = "",
        others: dict[UUID, CaseFile] | None = None,
        **details: Any,
    ) -> Entry:
        """
        Make the verb on a file in memory, by the same rules; the caller stores the file.

        :raises InvalidInput: the verb does not take these details, or not with these values.
        """
        check_details(self.body, details)
        return self._make(
            file,
            actor=actor,
            at=at,
            expected_version=expected_version,
            note=note,
            others={} if others is None else others,
            **details,
        )

    def _make(
        self,
        file: CaseFile,
        *,
        actor: Actor,
        at: datetime,
        expected_version: int | None,
        note: str,
        others: dict[UUID, CaseFile],
        facts: Mapping[str, Any] | None = None,
        **details: Any,
    ) -> Entry:
        """Make the verb with details that were checked."""
        move = Move(file, self.rule, actor, at, note.strip(), others=others)
        move.check(expected_version)
        move.record(**(facts or {}))
        source = file.case.state
        self.body(move, **details)
        return move.finish(source)


def verb(body: Callable[..., None]) -> Verb:
    """Make a verb of a body."""
    return Verb(body, None)


def verb_locking(locks: Callable[..., Iterable[UUID]]) -> Callable[[Callable[..., None]], Verb]:
    """Make a verb that locks the cases named by `locks(case_id, **details)` as well, all in key order."""
    return lambda body: Verb(body, locks)


def consequence(
    name: str,
    file: CaseFile,
    *,
    at: datetime,
    note: str = "",
    body: Callable[[Move], None] | None = None,
    **facts: Any,
) -> None:
    """
    Record on another locked file, as the system, what a verb means for it.

    :param body: what moves the case, where its state does not simply follow from its work orders.
    """
    move = Move(file, TRANSITIONS[name], SYSTEM, at, note)
    source = file.case.state
    if source not in move.rule.sources:
        raise AssertionError(f"{name} must not follow in {source}")
    move.record(**facts)
    if body is not None:
        body(move)
    elif len(move.rule.targets) > 1:
        move.follow_orders()
    move.finish(source)


def lock_files(case_ids: Iterable[UUID]) -> dict[UUID, CaseFile]:
    """
    Lock the cases in key order, so that two callers never wait for each other.

    :raises NotFound: one of them does not exist.
    """
    files = {}
    for case_id in sorted(case_ids):
        file = locked_file(case_id)
        if file is None:
            raise NotFound(_("没有找到这个案件。"))
        files[case_id] = file
    return files


def store(file: CaseFile) -> None:
    """Write what was added and changed, then the log, then tell the subscribers."""
    if file.is_new:
        note_reporters([file.case])
    writes = Writes()
    # Changes first: a lead must have left before its successor may come in.
    for row, names in file.changed.items():
        writes.change(row, names)
    for rows in file.rows():
        writes.add(rows)
    writes.add(file.entries)
    writes.make()
    for entry in file.entries:
        announce(file, entry)
    announce_stored([file])
    file.entries, file.added, file.changed = [], [], {}
