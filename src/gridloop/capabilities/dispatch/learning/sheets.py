"""
History from a sheet, for the replay: which column says what, and what part a unit plays by its name alone.

The map is TOML: a table `[columns]` with the column of each fact, of the unit, and of the time.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.importing import read_rows
from gridloop.capabilities.dispatch.learning.facts import UNKNOWN, Facts
from gridloop.capabilities.dispatch.learning.model import Lesson

FACTS = ("kind", "main", "sub", "area", "place", "source", "demand")
NAMES = (*FACTS, "unit", "at")
# The columns of the requests that Shenzhen's districts publish.
COLUMNS = {
    "kind": "EVENT_TYPE_NAME",
    "main": "MAIN_TYPE_NAME",
    "sub": "SUB_TYPE_NAME",
    "area": "STREET_NAME",
    "place": "COMMUNITY_NAME",
    "source": "EVENT_SRC_NAME",
    "demand": "EVENT_PROPERTY_NAME",
    "unit": "DISPOSE_UNIT_NAME",
    "at": "CREATE_TIME",
}
STREET, OFFICE = "街道", "办事处"


class SheetRefused(InvalidInput):
    """The sheet, or its map, cannot be replayed; the message says what to put right."""

    code = "sheet-refused"


@dataclass(frozen=True, slots=True)
class History:
    """The lessons of a sheet in the order of time; rows without unit or time are left out and counted."""

    lessons: list[Lesson]
    left_out: int


def read_columns(path: Path | None) -> dict[str, str]:
    """
    Return the column of each fact, the usual ones where there is no map.

    :raises SheetRefused: no TOML, no table `[columns]`, or unit or time are missing in it.
    """
    if path is None:
        return COLUMNS
    try:
        columns = tomllib.loads(path.read_text(encoding="utf-8"))["columns"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise SheetRefused(f"列对照文件 {path} 不能读取：应为 TOML，并有 [columns] 一节。") from error
    unknown = sorted(set(columns) - set(NAMES))
    missing = [name for name in ("unit", "at") if name not in columns]
    if unknown or missing:
        raise SheetRefused(
            f"列对照文件 {path}：可写 {'、'.join(NAMES)}；"
            + (f"没有这些项目：{'、'.join(unknown)}。" if unknown else f"缺少：{'、'.join(missing)}。")
        )
    return {name: str(column) for name, column in columns.items()}


def read_history(path: Path, columns: dict[str, str]) -> History:
    """
    Return the lessons of a sheet.

    :raises SheetUnreadable, ColumnsMissing: see `read_rows`.
    :raises SheetRefused: a time cannot be read, or no row is left.
    """
    rows = list(read_rows(path, required=list(columns.values())))
    lessons = list(_lessons(rows, columns))
    if not lessons:
        raise SheetRefused(f"{path} 中没有一行既有承办单位又有时间。")
    return History(sorted(lessons, key=lambda lesson: lesson.at), len(rows) - len(lessons))


def _lessons(rows: list[tuple[int, dict[str, str]]], columns: dict[str, str]) -> Iterator[Lesson]:
    for number, row in rows:
        unit, at = row[columns["unit"]], row[columns["at"]]
        if unit and at:
            facts = {name: row[columns[name]] or UNKNOWN for name in FACTS if name in columns}
            yield Lesson(Facts(**facts), unit, _time(at, number))


def _time(text: str, number: int) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise SheetRefused(f"第 {number} 行的时间“{text}”不能识别，应如 2026-11-24 09:30:00。") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)  # only distances between times count


@lru_cache(maxsize=100_000)
def role_by_name(unit: str, facts: Facts) -> str:
    """Return the unit's name without the case's own place: {place}居委会 is the same part everywhere."""
    name = unit
    if facts.place != UNKNOWN:
        name = name.replace(facts.place, "{place}")
    if facts.area != UNKNOWN:
        name = name.replace(facts.area, "{area}")
        name = name.replace(facts.area.removesuffix(STREET) + OFFICE, "{area}" + OFFICE)
    return name
