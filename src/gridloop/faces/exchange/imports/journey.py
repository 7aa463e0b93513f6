"""
What happened to a case of the past, told again by the verbs of the loop: every rule holds, every step is
logged.

Where the sheet has a step's time, that is its time. Where it has none, the step is put inside its deadline
(for a case that is known to have been late, the handling past it), and its line in the log says so.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gridloop.core.cases import actions
from gridloop.core.cases.actions.intake import begin
from gridloop.core.cases.casefile import CaseFile, Times
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.actors import LABEL_LENGTH, Actor
from gridloop.faces.exchange.imports.mapping import STEPS
from gridloop.faces.exchange.imports.records import Record, RowFaulty

GUESSED = "时间为导入时推定"
NO_RESULT = "来源数据未记载办理结果"
# Which part of a deadline a step of unknown time has taken; more than all of it is late.
IN_TIME, LATE = 0.5, 1.25
WITHOUT_LIMIT = timedelta(hours=1)

_ORDER = [State.REPORTED, State.REGISTERED, State.DISPATCHED, State.HANDLING, State.HANDLED, State.CLOSED]


class Journey:
    """One case on its way. The importing program takes each part in turn, that of the unit included."""

    def __init__(self, record: Record, *, actor: Actor, now: datetime) -> None:
        self.record = record
        self.actor = actor
        self.now = now
        self.at = record.reported_at

    def travel(
        self, key: UUID, number: str, times: Times, *, category_id: int | None, region_id: int | None,
        unit: Actor | None,
    ) -> CaseFile:  # fmt: skip
        """
        Return the file of the case as it came to stand.

        :param unit: the importing program in the part of the unit that handled it, see `in_part_of`.
        :raises RowFaulty: it was dispatched, but nobody knows to whom; or it lies in the future.
        :raises DomainError: a rule of the loop stands against it.
        """
        record = self.record
        if record.reported_at > self.now:
            raise RowFaulty([f"上报时间在将来：{record.reported_at:%Y-%m-%d %H:%M}"])
        if unit is None and _ORDER.index(State.DISPATCHED) <= self._far():
            raise RowFaulty(["没有承办单位，不能派遣和办结；请补填，或在对照文件的 unit 中给出 default"])
        intake = replace(record.intake, category_id=category_id, region_id=region_id)
        file = begin(intake, actor=self.actor, at=self.at, key=key, number=number, times=times)
        if record.state == State.REJECTED:
            at, _note = self._step(file, "closed_at", Stage.ACCEPT)
            note = record.result or NO_RESULT
            actions.reject.on(file, actor=self.actor, at=at, note=note, reason=record.reject_reason)
        else:
            self._go_round(file, unit)
        return file

    def _go_round(self, file: CaseFile, unit: Actor | None) -> None:
        far = self._far()
        if far >= 1:
            self._make(actions.register, file, self.actor, "registered_at", Stage.ACCEPT)
        if far < 2 or unit is None:
            return
        lead: dict[str, Any] = {"lead_unit_id": unit.unit_id}
        self._make(actions.dispatch, file, self.actor, "dispatched_at", Stage.DISPATCH, **lead)
        if far >= 3:
            self._make(actions.sign_for, file, unit, "signed_at", Stage.SIGN)
        if far >= 4:
            self._make(
                actions.submit_result,
                file,
                unit,
                "handled_at",
                Stage.HANDLE,
                words=self.record.result or NO_RESULT,
            )
        if far >= 5:
            self._make(actions.verify_pass, file, self.actor, "verified_at", Stage.VERIFY)
            self._make(actions.close, file, self.actor, "closed_at", None, words=self.record.result)

    def _make(
        self, verb: actions.Verb, file: CaseFile, actor: Actor, name: str, stage: Stage | None, *,
        words: str | None = None, **details: Any,
    ) -> None:  # fmt: skip
        at, note = self._step(file, name, stage)
        verb.on(file, actor=actor, at=at, note=note if words is None else words, **details)

    def _step(self, file: CaseFile, name: str, stage: Stage | None) -> tuple[datetime, str]:
        """Return when a step was made, and a note where that is a guess."""
        if name in self.record.times:
            self.at = self.record.times[name]
            if self.at > self.now:
                raise RowFaulty([f"{name} 在将来：{self.at:%Y-%m-%d %H:%M}"])
            return self.at, ""
        self.at = min(self._guess(file, stage), self._latest(name))
        return self.at, GUESSED

    def _guess(self, file: CaseFile, stage: Stage | None) -> datetime:
        if stage is None:
            return self.at
        clock = next((c for c in file.clocks if c.stage == stage and c.stopped_at is None), None)
        if clock is None:
            return self.at + WITHOUT_LIMIT
        share = LATE if self.record.is_late and stage == Stage.HANDLE else IN_TIME
        whole = clock.due_at - clock.started_at
        return max(self.at, clock.started_at + timedelta(seconds=int(whole.total_seconds() * share)))

    def _latest(self, name: str) -> datetime:
        # The first of the later steps whose time is known bounds those before it.
        later = [at for step, at in self.record.times.items() if STEPS.index(step) > STEPS.index(name)]
        return max(self.at, min([*later, self.now]))

    def _far(self) -> int:
        return 0 if self.record.state == State.REJECTED else _ORDER.index(self.record.state)


def in_part_of(actor: Actor, unit_id: int, path: str, name: str) -> Actor:
    """Return the importing program in the part of one unit."""
    return replace(actor, unit_id=unit_id, unit_path=path, label=f"{actor.label} · {name}"[:LABEL_LENGTH])
