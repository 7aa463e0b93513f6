"""From the cells of one row to what a case was: checked, typed, every fault of the row told at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.core.cases.actions import Intake, ReporterData
from gridloop.core.cases.labels import Channel, Demand, RejectReason
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.models import Urgency
from gridloop.faces.exchange.imports.mapping import NEEDED, STEPS, CaseMap, Value

# Where a case of the past can have come to; from each of these it goes on like any other.
REACHED = (
    State.REPORTED, State.REGISTERED, State.DISPATCHED, State.HANDLING, State.HANDLED, State.CLOSED,
    State.REJECTED,
)  # fmt: skip
_YES, _NO = frozenset({"yes", "true", "1", "是"}), frozenset({"no", "false", "0", "否"})
# As long as a report over the API may be.
_LENGTHS = {
    "source_ref": 80, "title": 120, "address": 200, "description": 5000,
    "reporter_name": 60, "reporter_phone": 30, "reporter_id_number": 30,
}  # fmt: skip

_NEVER = datetime.min.replace(tzinfo=UTC)  # of a row whose faults are about to be told

E = TypeVar("E", bound=Enum)
T = TypeVar("T")


class RowFaulty(Exception):
    """The row cannot become a case; `reasons` says why, all at once."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("；".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Named:
    """What a row calls a category, a region or a unit: the whole way down, where a name alone is no key."""

    path: tuple[str, ...]
    code: str = ""
    kind: str = ""

    def __str__(self) -> str:
        return "/".join(self.path) or self.code


@dataclass(frozen=True, slots=True)
class Record:
    """What one row says: the report itself, the names in it, and how far the case came, and when."""

    intake: Intake
    reported_at: datetime
    category: Named | None
    region: Named | None
    unit: Named | None
    state: State
    times: Mapping[str, datetime]
    is_late: bool
    result: str
    reject_reason: RejectReason


class RowReader:
    """Reads rows by one map."""

    def __init__(self, mapping: CaseMap) -> None:
        self._map = mapping

    def read(self, row: Mapping[str, str]) -> Record:
        """:raises RowFaulty: a value is missing, unknown, too long, or contradicts another."""
        return _Row(self._map, row).record()


class _Row:
    """One row while it is read; faults are collected, not raised one by one."""

    def __init__(self, mapping: CaseMap, row: Mapping[str, str]) -> None:
        self._map, self._row = mapping, row
        self._faults: list[str] = []
        self._told: list[Value] = []  # whose fault is told already

    def record(self) -> Record:
        case = {name: self._read(value) for name, value in self._map.case.items()}
        end = {name: self._read(value) for name, value in self._map.outcome.items()}
        for name in NEEDED:
            if not case[name] and self._map.case[name] not in self._told:
                self._fault(f"缺少 {name}（{self._where(self._map.case[name])}）")
        self._check_lengths(case)
        times = {name: at for name in STEPS if (at := self._moment(name, end.get(name, "")))}
        reported_at = self._moment("reported_at", case["reported_at"])
        self._check_order(reported_at, times)
        found = Record(
            intake=self._intake(case),
            reported_at=reported_at or _NEVER,
            category=self._category(),
            region=self._region(has_point=bool(case.get("lon") and case.get("lat"))),
            unit=self._unit(),
            state=self._state(end.get("state", "")),
            times=times,
            is_late=bool(self._flag("outcome.is_late", end.get("is_late", ""))),
            result=end.get("result", ""),
            reject_reason=self._choice(RejectReason, "outcome.reject_reason", end.get("reject_reason", ""))
            or RejectReason.OTHER,
        )
        if self._faults:
            raise RowFaulty(self._faults)
        return found

    def _intake(self, case: Mapping[str, str]) -> Intake:
        reporter = ReporterData(
            *(case.get(f"reporter_{part}", "") for part in ("name", "phone", "id_number"))
        )
        return Intake(
            description=case["description"],
            channel=self._choice(Channel, "case.channel", case["channel"]) or Channel.API,
            title=case.get("title", ""),
            demand=self._choice(Demand, "case.demand", case.get("demand", "")) or Demand.HELP,
            urgency=self._choice(Urgency, "case.urgency", case.get("urgency", "")),
            address=case.get("address", ""),
            lon=self._number("lon", case.get("lon", ""), 180),
            lat=self._number("lat", case.get("lat", ""), 90),
            coordinate_source=self._choice(
                CoordinateSystem, "case.coordinate_system", case.get("coordinate_system", "")
            )
            or CoordinateSystem.WGS84,
            source_ref=case["source_ref"],
            is_confidential=bool(self._flag("case.is_confidential", case.get("is_confidential", ""))),
            reporter=reporter,
        )

    def _category(self) -> Named | None:
        names = self._names(self._map.category)
        path = tuple(names[part] for part in ("main", "sub") if names.get(part))
        return Named(path, names.get("code", "")) if path or names.get("code") else None

    def _region(self, *, has_point: bool) -> Named | None:
        path, is_of_this_row = [], False
        for level in self._map.regions:
            if not (name := self._read(level.name)):
                break
            path.append(name)
            is_of_this_row = is_of_this_row or bool(level.name.columns)
        # What the map says of every row alike is less than what a point says of this one.
        return Named(tuple(path)) if path and (is_of_this_row or not has_point) else None

    def _unit(self) -> Named | None:
        names = self._names(self._map.unit)
        if not names.get("name") and not names.get("code"):
            return None
        path = (names["name"],) if names.get("name") else ()
        return Named(path, names.get("code", ""), names.get("kind", ""))

    def _names(self, values: Mapping[str, Value]) -> dict[str, str]:
        return {name: self._read(value) for name, value in values.items()}

    def _state(self, text: str) -> State:
        state = self._choice(State, "outcome.state", text) or State.CLOSED
        if state not in REACHED:
            self._fault(f"outcome.state 不能是“{text}”，可用：{'、'.join(REACHED)}")
        return state

    # one cell ----------------------------------------------------------------------------------------------

    def _read(self, value: Value) -> str:
        try:
            return value.read(self._row, self._map.unknown)
        except ValueError as error:
            self._fault(str(error))
            self._told.append(value)
            return value.default

    def _moment(self, name: str, text: str) -> datetime | None:
        return self._parsed(name, text, self._map.moment)

    def _number(self, name: str, text: str, most: float) -> float | None:
        found = self._parsed(name, text, float)
        if found is not None and not -most <= found <= most:
            self._fault(f"{name} 超出范围：{text}")
        return found

    def _parsed(self, name: str, text: str, parse: Callable[[str], T]) -> T | None:
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self._fault(f"{name}：{error}")
            return None

    def _choice(self, choices: type[E], where: str, text: str) -> E | None:
        if not text:
            return None
        try:
            return choices(text)
        except ValueError:
            self._fault(f"{where} 不认识“{text}”，可用：{'、'.join(str(c.value) for c in choices)}")
            return None

    def _flag(self, where: str, text: str) -> bool | None:
        if not text or text.lower() in _YES | _NO:
            return text.lower() in _YES if text else None
        self._fault(f"{where} 应为 yes 或 no，不能是“{text}”")
        return None

    # the row as a whole ------------------------------------------------------------------------------------

    def _check_lengths(self, case: Mapping[str, str]) -> None:
        for name, most in _LENGTHS.items():
            if len(case.get(name, "")) > most:
                self._fault(f"{name} 超过 {most} 个字")

    def _check_order(self, reported_at: datetime | None, times: Mapping[str, datetime]) -> None:
        last_name, last = "reported_at", reported_at
        for name, at in times.items():
            if last and at < last:
                self._fault(f"{name}（{at:%Y-%m-%d %H:%M}）早于 {last_name}（{last:%Y-%m-%d %H:%M}）")
            last_name, last = name, at

    def _fault(self, reason: str) -> None:
        self._faults.append(reason)

    @staticmethod
    def _where(value: Value) -> str:
        return "、".join(value.columns) or value.where
