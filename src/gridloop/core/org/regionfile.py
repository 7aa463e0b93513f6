"""
Files of regions: reading GeoJSON and sheets through a mapping of fields to columns.

A file comes in one of two shapes. By code: each row names its own code and its parent's. By name: each row
names a region by the names above it, as maps published by cities do. Nothing here touches the database.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridloop.base.common.coordinates import CoordinateSystem, to_wgs84
from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.importing import read_rows
from gridloop.core.org.models import Level, SourceSystem

Mapping_: TypeAlias = Mapping[str, str]

LONGEST_CELL = 50_000_000  # a boundary written as text is long
PLAIN_FIELDS = (
    *("code", "parent", "name", "level", "kind", "households", "population", "source_crs", "boundary"),
)
LEVEL_FIELDS = tuple(Level.values)
_HEADERS = {
    "code": ("code", "代码", "编码", "网格编码", "区划代码"),
    "parent": ("parent", "parent code", "parent_code", "上级代码", "上级编码"),
    "name": ("name", "名称", "网格名称"),
    "level": ("level", "层级", "级别"),
    "kind": ("kind", "grid_kind", "类型", "网格类型"),
    "households": ("households", "户数"),
    "population": ("population", "人口", "常住人口"),
    "source_crs": ("source_crs", "来源坐标系"),
    "boundary": ("boundary", "边界"),
}
_WORDS_OF_LEVELS = {
    "province": "省",
    "city": "市",
    "district": "区 县 区县 县市区",
    "town": "镇 乡 街道 镇街",
    "village": "村",
    "community": "社区",
    "grid": "网格 综合网格 专属网格",
    "micro_grid": "微网格",
}
_WORDS_OF_KINDS = {"comprehensive": "综合 综合网格", "exclusive": "专属 专属网格", "micro": "微 微网格"}


def _by_word(words: Mapping_) -> dict[str, str]:
    return {word: value for value, text in words.items() for word in (value, *text.split())}


_LEVEL_WORDS = _by_word(_WORDS_OF_LEVELS)
_KIND_WORDS = _by_word(_WORDS_OF_KINDS)
_LEVEL_HEADERS = {
    level: (level, *(header for word in words.split() for header in (f"{word}名称", word)))
    for level, words in _WORDS_OF_LEVELS.items()
}

Path: TypeAlias = tuple[tuple[str, str], ...]  # (level, name) from the top down


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong, or worth knowing, about one row; rows are counted from 1, a CSV's header being row 1."""

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One region as a file describes it, by `code` and `parent` or by `path`; the shape is in WGS-84."""

    row: int
    level: str
    name: str
    code: str = ""
    parent: str = ""
    path: Path = ()
    kind: str = ""
    households: int | None = None
    population: int | None = None
    source_crs: str = ""  # the system that the boundary came in at first, where the file is our own
    shape: BaseGeometry | None = None


@dataclass(slots=True)
class RegionFile:
    """What was read: good rows, and what is to be said of the others."""

    drafts: list[Draft] = field(default_factory=list)
    errors: list[Issue] = field(default_factory=list)
    notices: list[Issue] = field(default_factory=list)


class _BadRow(Exception):
    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where, self.message = where, message


def read(
    data: bytes,
    *,
    mapping: Mapping_ | None = None,
    source: CoordinateSystem = CoordinateSystem.WGS84,
) -> RegionFile:
    """
    Read a file of regions: GeoJSON, CSV or a spreadsheet, which is seen from its content.

    :param mapping: field → column, or `=value` for a constant. Fields are those of a row (`PLAIN_FIELDS`) or
        levels (district, town, …) for names of regions. Where it is None, the usual English and Chinese
        headings are looked for.
    :param source: the coordinate system of the boundaries in the file.
    :raises InvalidInput: the file cannot be read at all, or a mapped column is not in it.
    """
    rows = list(_geojson(data) if _is_json(data) else _sheet(data))
    if not rows:
        raise InvalidInput(_("文件中没有任何区划。"), fields={"file": _("空文件")})
    columns = list(dict.fromkeys(column for _row, values, _shape in rows for column in values))
    chosen = dict(mapping) if mapping else _guess(columns)
    _check_mapping(chosen, columns)
    by_name = [level for level in LEVEL_FIELDS if level in chosen]
    result = RegionFile()
    for number, values, geometry in rows:
        picked = {name: _pick(values, column) for name, column in chosen.items()}
        try:
            shape = _shape(geometry or picked.get("boundary"), source)
            draft = _by_name(number, picked, by_name) if by_name else _by_code(number, picked)
            result.drafts.append(replace(draft, shape=shape))
        except _BadRow as bad:
            result.errors.append(Issue(number, bad.where, bad.message))
    return _with_parents(_joined(result)) if by_name else _once(result)


def _is_json(data: bytes) -> bool:
    return data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def _geojson(data: bytes) -> Iterator[tuple[int, Mapping[str, Any], Any]]:
    try:
        collection = json.loads(data)
        features = collection["features"] if collection["type"] == "FeatureCollection" else [collection]
        rows = [(dict(f["properties"] or {}), f["geometry"]) for f in features]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(
            _("无法读取 GeoJSON：应为 FeatureCollection，每个要素含 properties 与 geometry。"),
            fields={"file": str(error)[:200]},
        ) from error
    for number, (values, geometry) in enumerate(rows, start=1):
        yield number, values, geometry


def _sheet(data: bytes) -> Iterator[tuple[int, Mapping[str, Any], Any]]:
    csv.field_size_limit(LONGEST_CELL)
    for number, values in read_rows(io.BytesIO(data)):
        yield number, values, None


def _guess(columns: Iterable[str]) -> dict[str, str]:
    present = set(columns)
    plain = _found(_HEADERS, present)
    return plain if {"name", "level"} <= set(plain) else plain | _found(_LEVEL_HEADERS, present)


def _found(headers: Mapping[str, Iterable[str]], present: set[str]) -> dict[str, str]:
    found = {name: next((h for h in words if h in present), "") for name, words in headers.items()}
    return {name: column for name, column in found.items() if column}


def _check_mapping(mapping: Mapping_, columns: list[str]) -> None:
    known = {*PLAIN_FIELDS, *LEVEL_FIELDS}
    if unknown := [name for name in mapping if name not in known]:
        raise InvalidInput(
            _("列对照中有不认识的字段：%(names)s。可用字段：%(known)s。")
            % {"names": _("、").join(unknown), "known": _("、").join(sorted(known))}
        )
    missing = [c for c in mapping.values() if not c.startswith("=") and c not in columns]
    if missing:
        raise InvalidInput(
            _("文件中没有这些列：%(missing)s。文件中的列：%(columns)s。")
            % {"missing": _("、").join(missing), "columns": _("、").join(columns)}
        )
    if not ({"name", "level"} <= set(mapping) or set(mapping) & set(LEVEL_FIELDS)):
        raise InvalidInput(
            _(
                "不知道各列的含义：请给出列对照，例如 name=名称、level=层级、code=代码、parent=上级代码。"
                "文件中的列：%(columns)s。"
            )
            % {"columns": _("、").join(columns)}
        )


def _pick(values: Mapping[str, Any], column: str) -> str:
    if column.startswith("="):
        return column[1:]
    value = values.get(column)
    return "" if value is None else str(value).strip()


def _by_code(number: int, picked: Mapping_) -> Draft:
    level = _LEVEL_WORDS.get(picked["level"])
    if level is None:
        raise _BadRow("level", _("不认识的层级“%(word)s”。") % {"word": picked["level"][:40]})
    name = _name(picked["name"], level)
    path: Path = () if picked.get("code") else ((level, name),)
    return Draft(
        number, level, name, picked.get("code", ""), picked.get("parent", ""), path, **_details(picked, level)
    )


def _by_name(number: int, picked: Mapping_, levels: list[str]) -> Draft:
    # The finest level that the mapping names is what the row is about; a blank above it is skipped, as where
    # a map shows villages and communities in two columns.
    finest = levels[-1]
    if finest == Level.COMMUNITY and not picked[finest] and picked.get(Level.VILLAGE):
        finest = Level.VILLAGE
    above = tuple((level, picked[level]) for level in levels if level != finest and picked[level])
    path: Path = (*above, (finest, _name(picked[finest], finest)))
    return Draft(number, finest, path[-1][1], picked.get("code", ""), path=path, **_details(picked, finest))


def _name(text: str, level: str) -> str:
    if not text:
        raise _BadRow("name", _("没有填写%(level)s名称。") % {"level": Level(level).label})
    return text


def _details(picked: Mapping_, level: str) -> dict[str, Any]:
    word = picked.get("kind", "")
    kind = _KIND_WORDS.get(word, "")
    if word and not kind and level in (Level.GRID, Level.MICRO_GRID):
        raise _BadRow("kind", _("不认识的网格类型“%(word)s”，应为综合、专属或微网格。") % {"word": word[:40]})
    source = picked.get("source_crs", "")
    if source and source not in SourceSystem.values:
        raise _BadRow("source_crs", _("不认识的坐标系“%(word)s”。") % {"word": source[:40]})
    counts = {name: _count(name, picked.get(name, "")) for name in ("households", "population")}
    is_grid = level in (Level.GRID, Level.MICRO_GRID)
    return {"kind": kind if is_grid else "", "source_crs": source, **counts}


def _count(name: str, text: str) -> int | None:
    if not text:
        return None
    digits = text.replace(",", "").removesuffix(".0")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise _BadRow(name, _("“%(text)s”不是一个合理的数目。") % {"text": text[:40]})
    return int(digits)


def _shape(geometry: Any, source: CoordinateSystem) -> BaseGeometry | None:
    if not geometry:
        return None
    try:
        text = geometry if isinstance(geometry, str) else json.dumps(geometry)
        shape = shapely.from_geojson(text) if text.startswith("{") else shapely.from_wkt(text)
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        raise _BadRow("boundary", _("无法读取边界图形。")) from error
    if shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.is_empty:
        raise _BadRow("boundary", _("边界必须是面，不能是 %(kind)s。") % {"kind": shape.geom_type})
    flat = shapely.force_2d(shape)
    xy = shapely.get_coordinates(flat)
    if not (np.isfinite(xy).all() and (np.abs(xy) <= (180, 90)).all()):
        raise _BadRow("boundary", _("边界坐标不是经纬度。投影坐标请先转换为经纬度再导入。"))
    return convert(flat, source)


def convert(shape: BaseGeometry, source: CoordinateSystem) -> BaseGeometry:
    """Return a shape given in `source` in WGS-84, vertex by vertex."""
    if source == CoordinateSystem.WGS84:
        return shape
    return shapely.transform(
        shape, lambda xy: np.array([to_wgs84(lon, lat, source) for lon, lat in xy.tolist()])
    )


def _joined(result: RegionFile) -> RegionFile:
    """Join the rows of one path into one region of several parts."""
    first: dict[Path, Draft] = {}
    for draft in result.drafts:
        before = first.get(draft.path)
        if before is None:
            first[draft.path] = draft
            continue
        shapes = [s for s in (before.shape, draft.shape) if s is not None]
        first[draft.path] = replace(before, shape=_collect(shapes))
        message = _("与第 %(row)d 行是同一个区划，已合并为它的又一块。") % {"row": before.row}
        result.notices.append(Issue(draft.row, "name", message))
    result.drafts = list(first.values())
    return result


def _collect(shapes: list[BaseGeometry]) -> BaseGeometry | None:
    # Parts are kept side by side rather than united: a union would hide that two of them overlap.
    parts = [part for shape in shapes for part in shapely.get_parts(shape)]
    return shapely.MultiPolygon(parts) if parts else None


def _with_parents(result: RegionFile) -> RegionFile:
    """Add the regions that rows only name as lying above them."""
    known = {draft.path for draft in result.drafts}
    parents: list[Draft] = []
    for draft in result.drafts:
        for length in range(1, len(draft.path)):
            path = draft.path[:length]
            if path not in known:
                known.add(path)
                parents.append(Draft(draft.row, *path[-1], path=path))
    result.drafts = sorted([*parents, *result.drafts], key=lambda d: len(d.path))
    return result


def _once(result: RegionFile) -> RegionFile:
    """Keep the first row of each code and report the others."""
    first: dict[str, int] = {}
    drafts = []
    for draft in result.drafts:
        if draft.code and draft.code in first:
            message = _("代码 %(code)s 与第 %(row)d 行重复。") % {
                "code": draft.code,
                "row": first[draft.code],
            }
            result.errors.append(Issue(draft.row, "code", message))
            continue
        first[draft.code] = draft.row
        drafts.append(draft)
    result.drafts = drafts
    return result
