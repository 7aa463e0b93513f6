"""
The map file (TOML): which column of a sheet says what of a case. Its format is told in docs/import.md.

A value is `{ column = "X" }` or `{ text = "words with {X} in them" }`, either with `values` (what stands in
the sheet → what it means here) and `default` (what it means where nothing stands there).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.models import CategoryKind
from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.stages import Stage
from gridloop.core.org.models import GRID_LEVELS, Level, UnitKind

NEEDED = ("source_ref", "reported_at", "channel", "description")
CASE = (
    *NEEDED, "title", "demand", "urgency", "address", "lon", "lat", "coordinate_system", "is_confidential",
    "reporter_name", "reporter_phone", "reporter_id_number",
)  # fmt: skip
STEPS = ("registered_at", "dispatched_at", "signed_at", "handled_at", "verified_at", "closed_at")
OUTCOME = ("state", "result", "reject_reason", "is_late", *STEPS)
CATEGORY = ("main", "sub", "code")
UNIT = ("name", "code", "kind")
_VALUE_KEYS = frozenset({"column", "text", "values", "default"})
_LEVELS = [level.value for level in Level if level.value not in GRID_LEVELS]


class MapUnreadable(InvalidInput):
    """The map file cannot be used; the message says where and what is expected."""

    code = "map-unreadable"


@dataclass(frozen=True, slots=True)
class Value:
    """What to read out of a row, and what it means."""

    where: str  # in the map file, for messages
    columns: tuple[str, ...]
    text: str | None  # a template; None reads the one column as it stands
    values: Mapping[str, str]
    default: str

    def read(self, row: Mapping[str, str], unknown: frozenset[str]) -> str:
        """
        Return what the row says here, "" where it says nothing.

        :raises ValueError: something stands there that `values` does not name and no default covers.
        """
        given = {column: "" if row[column] in unknown else row[column] for column in self.columns}
        # Words around nothing say nothing; words alone are a constant.
        says = any(given.values()) or not given
        found = self._words(given) if says else ""
        if not found or not self.values:
            return found or self.default
        if found in self.values:
            return self.values[found]
        if self.default:
            return self.default
        raise ValueError(
            f"“{'/'.join(self.columns)}”列的“{found}”在对照文件的 {self.where}.values 中没有对应值"
        )

    def _words(self, given: Mapping[str, str]) -> str:
        return given[self.columns[0]] if self.text is None else self.text.format_map(given).strip()


@dataclass(frozen=True, slots=True)
class RegionLevel:
    """One step of the way from the top of the region tree down to where a case lies."""

    level: str
    name: Value
    code: str  # of the topmost one, should it be made; the codes below follow from it


@dataclass(frozen=True, slots=True)
class Making:
    """How categories and units that are not there are made."""

    code_prefix: str
    category_kind: str
    unit_kind: str
    limits: Mapping[Stage, Limit]
    limits_since: date


@dataclass(frozen=True, slots=True)
class CaseMap:
    """A map file that was read and found good."""

    zone: tzinfo
    time_formats: tuple[str, ...]
    unknown: frozenset[str]
    case: Mapping[str, Value]
    outcome: Mapping[str, Value]
    category: Mapping[str, Value]
    unit: Mapping[str, Value]
    regions: tuple[RegionLevel, ...]
    making: Making

    def columns(self) -> list[str]:
        """Return the columns that the sheet must have."""
        groups = (self.case, self.outcome, self.category, self.unit)
        values = [value for group in groups for value in group.values()]
        values += [level.name for level in self.regions]
        return sorted({column for value in values for column in value.columns})

    def moment(self, text: str) -> datetime:
        """:raises ValueError: the text is no time in any of the formats that the map names."""
        for pattern in self.time_formats:
            try:
                found = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is the map's
            except ValueError:
                continue
            return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)
        formats = "、".join(self.time_formats)
        raise ValueError(f"“{text}”不是对照文件中写明的时间格式（{formats}）")


def read_map(path: Path) -> CaseMap:
    """
    Read a map file.

    :raises MapUnreadable: it is not TOML, names something unknown, or leaves out what every case needs.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MapUnreadable(f"对照文件应为 UTF-8 编码：{path}") from error
    except tomllib.TOMLDecodeError as error:
        raise MapUnreadable(f"对照文件 {path} 不是有效的 TOML：{error}") from error
    return _mapping(_Table(content, ""))


class _Table:
    """A table of the file that knows its own name and gives up what it was asked for."""

    def __init__(self, content: Any, name: str) -> None:
        if not isinstance(content, dict):
            raise MapUnreadable(f"对照文件中的 {name} 应为一节，例如 [{name}]")
        self.name = name
        self._left = dict(content)

    def take(self, key: str, kind: type, default: Any) -> Any:
        found = self._left.pop(key, default)
        if not isinstance(found, kind):
            raise MapUnreadable(f"对照文件中 {self._path(key)} 的类型不对：{found!r}")
        return found

    def table(self, key: str) -> "_Table":
        return _Table(self._left.pop(key, {}), self._path(key))

    def tables(self, key: str) -> list["_Table"]:
        return [_Table(each, f"{self._path(key)}[{n}]") for n, each in enumerate(self.take(key, list, []))]

    def value(self, key: str) -> Value | None:
        if key not in self._left:
            return None
        given = self._left.pop(key)
        if (
            not isinstance(given, dict)
            or not given.keys() <= _VALUE_KEYS
            or ("column" in given) == ("text" in given)
        ):
            raise MapUnreadable(
                f'对照文件中 {self._path(key)} 应写作 {{ column = "列名" }} 或 {{ text = "文字{{列名}}" }}，'
                "可加 values 和 default"
            )
        return _value(self._path(key), given)

    def values(self, names: tuple[str, ...]) -> dict[str, Value]:
        found = {name: self.value(name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def choice(self, key: str, choices: list[str], default: str) -> str:
        found: str = self.take(key, str, default)
        if found not in choices:
            raise MapUnreadable(f"对照文件中 {self._path(key)} 应为其中之一：{'、'.join(choices)}")
        return found

    def end(self) -> None:
        """:raises MapUnreadable: something is left that nobody knows, such as a slip of the pen."""
        if self._left:
            names = "、".join(self._path(key) for key in self._left)
            raise MapUnreadable(f"对照文件中有不认识的项目：{names}。可用的项目见 docs/import.md")

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def _value(where: str, given: dict[str, Any]) -> Value:
    text = given.get("text")
    try:
        columns = [given["column"]] if text is None else list(_columns_in(text))
        values = {str(k): str(v) for k, v in given.get("values", {}).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise MapUnreadable(f"对照文件中 {where} 的写法不对：{error}") from error
    return Value(where, tuple(map(str, columns)), text, values, str(given.get("default", "")))


def _columns_in(text: str) -> Iterator[str]:
    for _words, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name or spec or conversion or set(name) & set(".[]"):
            raise ValueError(f"“{{{name}}}”不是列名；花括号中只能写列名，列名不能含有 . [ ] : !")
        yield name


def _mapping(content: _Table) -> CaseMap:
    file, case, outcome = (content.table(name) for name in ("file", "case", "outcome"))
    category, unit, region = (content.table(name) for name in ("category", "unit", "region"))
    mapping = CaseMap(
        zone=_zone(file.take("time_zone", str, "Asia/Shanghai")),
        time_formats=tuple(
            file.take("time_formats", list, ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"])
        ),
        unknown=frozenset(file.take("unknown", list, [])),
        case=case.values(CASE),
        outcome=outcome.values(OUTCOME),
        category=category.values(CATEGORY),
        unit=unit.values(UNIT),
        regions=tuple(_levels(region)),
        making=_making(category, unit),
    )
    for table in (file, case, outcome, category, unit, region, content):
        table.end()
    if missing := [f"case.{name}" for name in NEEDED if name not in mapping.case]:
        raise MapUnreadable(f"对照文件缺少必需的项目：{'、'.join(missing)}")
    return mapping


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MapUnreadable(f"对照文件中 file.time_zone 不是时区名：{name}，例如 Asia/Shanghai") from error


def _levels(region: _Table) -> Iterator[RegionLevel]:
    for step in region.tables("levels"):
        level = step.choice("level", _LEVELS, "")
        name = step.value("name")
        if name is None:
            raise MapUnreadable(f"对照文件中 {step.name} 缺少 name")
        yield RegionLevel(level, name, step.take("code", str, ""))
        step.end()


def _making(category: _Table, unit: _Table) -> Making:
    limits = category.table("limits")
    return Making(
        code_prefix=category.take("code_prefix", str, "Z").upper()[:1],
        category_kind=category.choice("kind", CategoryKind.values, CategoryKind.EVENT.value),
        unit_kind=unit.choice("made_kind", UnitKind.values, UnitKind.OTHER.value),
        limits_since=limits.take("since", date, date(2000, 1, 1)),
        limits=_limits(limits),
    )


def _limits(table: _Table) -> dict[Stage, Limit]:
    found = {}
    for stage in Stage:
        if text := table.take(stage.value, str, ""):
            amount, _space, unit = text.partition(" ")
            if not amount.isdecimal() or unit not in list(LimitUnit):
                raise MapUnreadable(
                    f"对照文件中 {table.name}.{stage} 应写作“数量 单位”，单位为：{'、'.join(LimitUnit)}"
                )
            found[stage] = Limit(int(amount), LimitUnit(unit))
    table.end()
    return found
